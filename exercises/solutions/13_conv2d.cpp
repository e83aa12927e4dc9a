// A solution of 13_conv2d.
#include "exercises/exercise.hpp"

Tensor conv2d_forward(const Tensor& x, const Tensor& weight, std::int64_t stride, std::int64_t padding) {
    const std::int64_t oh = (x.size(1) + 2 * padding - weight.size(2)) / stride + 1,
                       ow = (x.size(2) + 2 * padding - weight.size(3)) / stride + 1;
    Tensor y = ft::zeros<double>({weight.size(0), oh, ow});
    for (std::int64_t m = 0; m < weight.size(0); ++m)
        for (std::int64_t i = 0; i < oh; ++i)
            for (std::int64_t j = 0; j < ow; ++j)
                for (std::int64_t l = 0; l < x.size(0); ++l)
                    for (std::int64_t p = 0; p < weight.size(2); ++p)
                        for (std::int64_t q = 0; q < weight.size(3); ++q) {
                            const std::int64_t row = i * stride + p - padding, column = j * stride + q - padding;
                            if (row < 0 || row >= x.size(1) || column < 0 || column >= x.size(2)) continue;
                            y(m, i, j) += weight(m, l, p, q) * x(l, row, column);
                        }
    return y;
}
