#include "exercises/checks/check.hpp"

void check() {
    BatchNorm norm(2);
    exercises::expect_tensor(norm.train(Tensor({{1, 10}, {2, 20}, {4, 0}, {5, -10}})),
                             Tensor({{-1.26490853425281, 0.447213577611415},
                                     {-0.632454267126407, 1.34164073283425},
                                     {0.632454267126406, -0.447213577611415},
                                     {1.26490853425281, -1.34164073283425}}),
                             "train of {{1, 10}, {2, 20}, {4, 0}, {5, -10}}",
                             "Mean and variance of a feature go over the samples, down its column; here the variance "
                             "divides by n, and eps stands inside the root.");
    exercises::expect_values(norm.running_mean, {0.3, 0.5}, "running_mean after one batch",
                             "It was {0, 0}, the batch's is {3, 5}: a tenth of the way.");
    exercises::expect_values(norm.running_variance, {1.23333333333333, 17.5666666666667},
                             "running_variance after one batch", "It began at 1. This variance divides by n - 1.");
    norm.train(Tensor({{0, 1}, {3, 1}}));
    exercises::expect_values(norm.running_mean, {0.42, 0.55}, "running_mean after a second batch");
    exercises::expect_values(norm.running_variance, {1.56, 15.81}, "running_variance after a second batch");
}
