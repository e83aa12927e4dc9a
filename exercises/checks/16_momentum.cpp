#include "exercises/checks/check.hpp"

void check() {
    const std::vector<std::vector<double>> gradients = {{0.5, -1, 2}, {0.25, 1, -1}, {-1, 0.5, 0}};
    const auto expect = [&](double weight_decay, const std::vector<std::vector<double>>& expected,
                            const std::string& why) {
        Momentum optimizer(0.1, 0.9, weight_decay);
        std::vector<double> parameters = {1, -2, 0.5};
        for (std::size_t step = 0; step < gradients.size(); ++step) {
            optimizer.step(parameters, gradients[step]);
            exercises::expect_values(parameters, expected[step],
                                     "parameters after step " + std::to_string(step + 1) +
                                         " with lr 0.1, momentum 0.9, weight decay " + ft::to_string(weight_decay),
                                     why);
        }
    };
    expect(0, {{0.95, -1.9, 0.3}, {0.88, -1.91, 0.22}, {0.917, -1.969, 0.148}},
           "The first step is a plain one; later ones go on with 0.9 of the velocity.");
    expect(0.5, {{0.9, -1.8, 0.275}, {0.74, -1.63, 0.15875}, {0.659, -1.4455, 0.0461875}},
           "Weight decay is a part of the gradient: it goes into the velocity.");
}
