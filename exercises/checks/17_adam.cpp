#include "exercises/checks/check.hpp"

void check() {
    const std::vector<std::vector<double>> gradients = {{0.5, -1, 2}, {0.25, 1, -1}, {-1, 0.5, 0}};
    const std::vector<std::vector<double>> expected = {{0.900000002, -1.900000001, 0.4000000005},
                                                       {0.806782040477462, -1.90526315884211, 0.373366296702432},
                                                       {0.827417742885411, -1.93040658908175, 0.352778366503442}};
    const std::string why[] = {
        "In its first step every parameter moves by lr, here 0.1. Are both means divided by 1 - beta^t?",
        "beta^t with t = 2: 0.81 and 0.998001. The means themselves are kept undivided.", "As in step 2."};
    Adam optimizer(0.1);
    std::vector<double> parameters = {1, -2, 0.5};
    for (std::size_t step = 0; step < 3; ++step) {
        optimizer.step(parameters, gradients[step]);
        exercises::expect_values(parameters, expected[step],
                                 "parameters after step " + std::to_string(step + 1) + " with lr 0.1", why[step],
                                 1e-11);
    }
}
