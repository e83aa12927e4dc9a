// Depthwise convolution, rows of pixels in parallel. Next: conv_depthwise.kernel.hpp.
#pragma once

#include "fathom/kernels/conv_weight.inl.hpp"

#define FATHOM_KERNEL "fathom/kernels/conv_depthwise.kernel.hpp"
#include "fathom/kernels/foreach_isa.hpp"

namespace fathom::inline v0::kernels::detail {

// Rows of `width` pixels in one chunk.
inline std::int64_t depthwise_grain(std::int64_t width, const ConvShape& s) {
    return 1 + tuning::depthwise_grain / (width * s.groups * s.kernel_h * s.kernel_w + 1);
}

template <class T>
void run_depthwise(const ConvForward<T>& pass) {
    const ConvShape& s = pass.shape;
    parallel_for(
        0, s.n * s.out_height(), depthwise_grain(s.out_width(), s),
        [&](std::int64_t first, std::int64_t last) { FATHOM_DISPATCH(conv::depthwise_forward<T>(pass, first, last)); });
}

template <class T>
void run_depthwise(const ConvData<T>& pass) {
    const ConvShape& s = pass.shape;
    parallel_for(0, s.n * s.height, depthwise_grain(s.width, s), [&](std::int64_t first, std::int64_t last) {
        FATHOM_DISPATCH(conv::depthwise_data<T>(pass, first, last));
    });
}

template <class T>
void run_depthwise(const ConvWeight<T>& pass) {
    run_weight<T>(pass, FATHOM_DISPATCH(conv::depthwise_weight_kernel<T>(pass.shape)), 1);
}

}  // namespace fathom::inline v0::kernels::detail
