// Convolution as PyTorch spells it, its gradient, and the error that a device without a backend gives.
#include <fathom/fathom.hpp>

#include "check.hpp"

namespace ft = fathom;

// One output of a 3x3 convolution with stride 2 and padding 1, by its definition.
double at(const ft::Tensor<float>& x, const ft::Tensor<float>& weight, const ft::Tensor<float>& bias, int n, int k,
          int row, int column) {
    double sum = bias(k);
    for (int c = 0; c < 3; ++c)
        for (int i = 0; i < 3; ++i)
            for (int j = 0; j < 3; ++j) {
                const int y = 2 * row + i - 1, z = 2 * column + j - 1;
                if (y >= 0 && y < 9 && z >= 0 && z < 11)
                    sum += static_cast<double>(x(n, c, y, z)) * static_cast<double>(weight(k, c, i, j));
            }
    return sum;
}

int main() {
    ft::Generator gen(11);
    auto x = ft::randn<float>({2, 3, 9, 11}, gen).requires_grad_();
    auto weight = ft::randn<float>({5, 3, 3, 3}, gen).requires_grad_();
    auto bias = ft::randn<float>({5}, gen);

    // x [N, C, H, W], weight [K, C, 3, 3], bias [K] or none
    auto y = ft::conv2d(x, weight, bias, {.stride = 2, .padding = 1});
    check(y.shape() == ft::Shape{2, 5, 5, 6}, "the output is [2, 5, 5, 6]");
    for (int n = 0; n < 2; ++n)
        for (int k = 0; k < 5; ++k)
            for (int row = 0; row < 5; ++row)
                for (int column = 0; column < 6; ++column)
                    check(near(y(n, k, row, column), at(x, weight, bias, n, k, row, column), 1e-4),
                          "each output is the sum of products");

    check(ft::conv2d(x, weight).shape() == ft::Shape{2, 5, 7, 9}, "without bias, stride and padding");

    ft::sum(y).backward();
    // The gradient of the middle tap sums, for each channel, the inputs at even places.
    for (int c = 0; c < 3; ++c) {
        double even = 0;
        for (int n = 0; n < 2; ++n)
            for (int row = 0; row < 9; row += 2)
                for (int column = 0; column < 11; column += 2) even += static_cast<double>(x(n, c, row, column));
        check(near(weight.grad()(4, c, 1, 1), even, 1e-4), "the gradient of the weight");
    }
    check_throws<ft::Error>(
        [&] {
            ft::conv2d(ft::zeros<float>({2, 4, 9, 11}), weight);
        },
        "[5,3,3,3]", "a wrong number of channels throws");

    check_throws<ft::Error>([&] { x.to(ft::Device::cuda()); }, "link fathom::cuda",
                            "without CUDA linked: an error that says what to do");
    return finish();
}
