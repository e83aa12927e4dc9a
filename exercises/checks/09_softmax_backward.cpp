#include "exercises/checks/check.hpp"

void check() {
    const auto softmax = [](const Tensor& x) {
        Tensor y = ft::zeros<double>(x.shape());
        for (std::int64_t i = 0; i < x.size(0); ++i) {
            double sum = 0;
            for (std::int64_t j = 0; j < x.size(1); ++j) sum += std::exp(x(i, j));
            for (std::int64_t j = 0; j < x.size(1); ++j) y(i, j) = std::exp(x(i, j)) / sum;
        }
        return y;
    };
    exercises::expect_tensor(softmax_backward(Tensor({{0.5, 0.5}}), Tensor({{1, 0}})), Tensor({{0.25, -0.25}}),
                             "softmax_backward of y = {{0.5, 0.5}}, dy = {{1, 0}}",
                             "Raising x(0,0) lowers y(0,1): the whole row takes part.");
    exercises::expect_tensor(
        softmax_backward(Tensor({{0.2, 0.8}}), Tensor({{3, 3}})), Tensor({{0, 0}}),
        "softmax_backward of y = {{0.2, 0.8}}, dy = {{3, 3}}",
        "The sum of a row of y is always 1, so a gradient that is the same everywhere does nothing.");
    const Tensor x = exercises::some_numbers({3, 4}, 1), dy = exercises::some_numbers({3, 4}, 2);
    exercises::expect_gradient(
        softmax_backward(softmax(x), dy), [&](const Tensor& moved) { return exercises::dot(softmax(moved), dy); }, x,
        "softmax_backward of shape [3,4]",
        "Expected is what small steps of x do. Does each row have a sum of its own?");
}
