// A kernel, called like a plain C function: raw pointers and sizes, no graph.
#include <fathom/fathom.hpp>

#include <cstdint>
#include <vector>

#include "check.hpp"

namespace ft = fathom;

int main() {
    const int n = 2, height = 7, width = 19, in_channels = 5, out_channels = 9;
    ft::Generator gen(5);
    auto x = ft::randn<float>({n, height, width, in_channels}, gen);  // channels-last
    auto weight = ft::randn<float>({out_channels, in_channels, 3, 3}, gen);
    auto bias = ft::randn<float>({out_channels}, gen);
    auto y = ft::empty<float>({n, height, width, out_channels});

    const ft::ConvShape shape{.n = n,
                              .height = height,
                              .width = width,
                              .in_channels = in_channels,
                              .out_channels = out_channels,
                              .kernel_h = 3,
                              .kernel_w = 3,
                              .padding_h = 1,
                              .padding_w = 1};
    ft::kernels::conv_forward(x.data(), weight.data(), bias.data(), y.mutable_data(), shape);

    for (int i = 0; i < n; ++i)
        for (int row = 0; row < height; ++row)
            for (int column = 0; column < width; ++column)
                for (int k = 0; k < out_channels; ++k) {
                    double sum = bias(k);
                    for (int c = 0; c < in_channels; ++c)
                        for (int a = 0; a < 3; ++a)
                            for (int b = 0; b < 3; ++b) {
                                const int r = row + a - 1, s = column + b - 1;
                                if (r >= 0 && r < height && s >= 0 && s < width)
                                    sum += static_cast<double>(x(i, r, s, c)) * static_cast<double>(weight(k, c, a, b));
                            }
                    check(near(y(i, row, column, k), sum, 1e-4), "each output is the sum of products");
                }
    return finish();
}
