#include "exercises/checks/check.hpp"

void check() {
    const Tensor x = exercises::some_numbers({7}, 1), w = exercises::some_numbers({3}, 2),
                 dy = exercises::some_numbers({5}, 3);
    exercises::expect_tensor(conv1d_forward(Tensor({1, 2, 3, 4}), Tensor({1, 10})), Tensor({21, 32, 43}),
                             "conv1d_forward of {1, 2, 3, 4} and {1, 10}", "It was right as it stood in the file.");
    const Conv1dGradients got = conv1d_backward(x, w, dy);
    exercises::expect_gradient(
        got.dw, [&](const Tensor& moved) { return exercises::dot(conv1d_forward(x, moved), dy); }, w,
        "dw of 7 numbers and a filter of 3", "Expected is what small steps of w do. w(i) is used at every t.");
    exercises::expect_gradient(
        got.dx, [&](const Tensor& moved) { return exercises::dot(conv1d_forward(moved, w), dy); }, x,
        "dx of 7 numbers and a filter of 3",
        "Expected is what small steps of x do. x(0) is reached by one window, x(3) by three.");
}
