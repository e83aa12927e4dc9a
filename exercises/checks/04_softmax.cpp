#include "exercises/checks/check.hpp"

void check() {
    const double infinity = std::numeric_limits<double>::infinity();
    exercises::expect_tensor(softmax_rows(Tensor({{1, 2, 3}, {0, 0, 0.5}})),
                             Tensor({{0.0900305731703804, 0.244728471054798, 0.665240955774822},
                                     {0.274068619061197, 0.274068619061197, 0.451862761877606}}),
                             "softmax_rows of {{1, 2, 3}, {0, 0, 0.5}}",
                             "Each row is divided by a sum of its own; a row's results add up to 1.");
    const Tensor high({{0.268941421369995, 0.731058578630005}});
    exercises::expect_tensor(softmax_rows(Tensor({{1000, 1001}})), high, "softmax_rows of {{1000, 1001}}",
                             "exp(1000) is infinite. What do you subtract from the row first?");
    exercises::expect_tensor(softmax_rows(Tensor({{-1001, -1000}})), high, "softmax_rows of {{-1001, -1000}}",
                             "exp(-1000) is 0, and so is the sum of such. Is the largest number searched from minus "
                             "infinity, or from 0?");
    exercises::expect_tensor(softmax_rows(Tensor({{-infinity, 0.0}})), Tensor({{0, 1}}),
                             "softmax_rows of {{-infinity, 0}}");
}
