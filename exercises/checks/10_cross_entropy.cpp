#include "exercises/checks/check.hpp"

void check() {
    const Tensor x({{2, -1, 0.5}, {0, 0, 0}, {-1, 3, 1}});
    const std::vector<int> labels = {0, 2, 2};
    exercises::expect_number(cross_entropy(Tensor({{0, 0}}), {1}), std::log(2.0),
                             "cross_entropy of logits {{0, 0}}, label 1",
                             "Both classes have the probability 1/2; the loss is its negative logarithm.");
    exercises::expect_number(cross_entropy(x, labels), 1.160951737941722, "cross_entropy of three samples",
                             "It is the mean over samples, not their sum.");
    exercises::expect_number(cross_entropy(Tensor({{1000, 0}}), {1}), 1000,
                             "cross_entropy of logits {{1000, 0}}, label 1",
                             "exp(1000) is infinite, and the p of class 1 is rounded to 0: subtract the largest logit "
                             "before exp, and take no logarithm of p.");
    exercises::expect_gradient(
        cross_entropy_backward(x, labels), [&](const Tensor& moved) { return cross_entropy(moved, labels); }, x,
        "cross_entropy_backward of three samples",
        "Expected is what small steps of x do to your cross_entropy. A row adds up to 0.");
    exercises::expect_tensor(cross_entropy_backward(Tensor({{1000, 0}}), {1}), Tensor({{1, -1}}),
                             "cross_entropy_backward of logits {{1000, 0}}, label 1");
}
