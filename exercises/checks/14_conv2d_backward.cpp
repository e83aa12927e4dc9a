#include "exercises/checks/check.hpp"

void check() {
    const Tensor x = exercises::some_numbers({2, 4, 5}, 1), weight = exercises::some_numbers({2, 2, 2, 3}, 2);
    for (const std::int64_t stride : {1, 2})
        for (const std::int64_t padding : {0, 1}) {
            const std::string of = " with stride " + std::to_string(stride) + ", padding " + std::to_string(padding);
            const Tensor dy = exercises::some_numbers(conv2d_forward(x, weight, stride, padding).shape(), 3);
            const Conv2dGradients got = conv2d_backward(x, weight, dy, stride, padding);
            exercises::expect_gradient(
                got.dweight,
                [&](const Tensor& moved) { return exercises::dot(conv2d_forward(x, moved, stride, padding), dy); },
                weight, "dweight" + of, "Expected is what small steps of weight do. Its other factor is an x.");
            exercises::expect_gradient(
                got.dx,
                [&](const Tensor& moved) { return exercises::dot(conv2d_forward(moved, weight, stride, padding), dy); },
                x, "dx" + of, "Expected is what small steps of x do. Windows overlap: add, do not overwrite.");
        }
}
