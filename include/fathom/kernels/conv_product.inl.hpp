// Convolution by one tap as a matrix product of pixels and channels. Next: gemm.inl.hpp.
#pragma once

#include "fathom/kernels/conv_strips.inl.hpp"
#include "fathom/kernels/gemm.hpp"

namespace fathom::inline v0::kernels::detail {

template <class T>
void run_product(const ConvForward<T>& pass) {
    const ConvShape& s = pass.shape;
    const std::int64_t channels = s.in_channels / s.groups, outputs = s.out_channels / s.groups;
    const GemmShape shape{
        1,        s.n * s.height * s.width, outputs, channels, {s.x_step(), 1, 0}, {1, channels, 0}, {s.y_step(), 1, 0},
        {0, 1, 0}};
    for (std::int64_t g = 0; g < s.groups; ++g)
        gemm<T>(pass.x + g * channels, pass.w + g * outputs * channels, pass.bias ? pass.bias + g * outputs : nullptr,
                pass.y + g * outputs, shape, moved(pass.epilogue, g * outputs));
}

template <class T>
void run_product(const ConvData<T>& pass) {
    const ConvShape& s = pass.shape;
    const std::int64_t channels = s.in_channels / s.groups, outputs = s.out_channels / s.groups;
    const GemmShape shape{
        1, s.n * s.height * s.width, channels, outputs, {s.y_step(), 1, 0}, {channels, 1, 0}, {s.x_step(), 1, 0}, {}};
    for (std::int64_t g = 0; g < s.groups; ++g)
        gemm<T>(pass.dy + g * outputs, pass.w + g * outputs * channels, nullptr, pass.dx + g * channels, shape,
                moved(pass.epilogue, g * channels));
}

}  // namespace fathom::inline v0::kernels::detail
