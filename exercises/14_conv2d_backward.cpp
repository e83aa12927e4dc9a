// 14 The gradient of a convolution of images
//
// The convolution of exercise 13 is below. Every product in its sum has two factors, and each of them gets a part of
// dy(m, i, j), as in exercise 12. With a stride some x may be in no window: their gradient is 0.
#include "exercises/exercise.hpp"

// f(m, l, i, j, p, q, row, column) for every product of the sum: y(m, i, j) += weight(m, l, p, q) * x(l, row, column).
template <class F>
void for_each_product(const Tensor& x, const Tensor& weight, const Tensor& y, std::int64_t stride, std::int64_t padding,
                      F f) {
    for (std::int64_t m = 0; m < y.size(0); ++m)
        for (std::int64_t l = 0; l < x.size(0); ++l)
            for (std::int64_t i = 0; i < y.size(1); ++i)
                for (std::int64_t j = 0; j < y.size(2); ++j)
                    for (std::int64_t p = 0; p < weight.size(2); ++p)
                        for (std::int64_t q = 0; q < weight.size(3); ++q) {
                            const std::int64_t row = i * stride + p - padding, column = j * stride + q - padding;
                            if (row >= 0 && row < x.size(1) && column >= 0 && column < x.size(2))
                                f(m, l, i, j, p, q, row, column);
                        }
}

Tensor conv2d_forward(const Tensor& x, const Tensor& weight, std::int64_t stride, std::int64_t padding) {
    Tensor y = ft::zeros<double>({weight.size(0), (x.size(1) + 2 * padding - weight.size(2)) / stride + 1,
                                  (x.size(2) + 2 * padding - weight.size(3)) / stride + 1});
    for_each_product(x, weight, y, stride, padding,
                     [&](auto m, auto l, auto i, auto j, auto p, auto q, auto row, auto column) {
                         y(m, i, j) += weight(m, l, p, q) * x(l, row, column);
                     });
    return y;
}

struct Conv2dGradients {
    Tensor dx, dweight;
};

Conv2dGradients conv2d_backward(const Tensor& x, const Tensor& weight, const Tensor& dy, std::int64_t stride,
                                std::int64_t padding) {
    Tensor dx = ft::zeros<double>(x.shape()), dweight = ft::zeros<double>(weight.shape());
    // YOUR CODE
    return {dx, dweight};
}
