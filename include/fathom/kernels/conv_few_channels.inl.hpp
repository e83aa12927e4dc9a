// Convolution of few channels, on packed strips in which each channel is a plane. Next: conv_few_channels.kernel.hpp.
#pragma once

#include "fathom/kernels/conv_direct.inl.hpp"

#define FATHOM_KERNEL "fathom/kernels/conv_few_channels.kernel.hpp"
#include "fathom/kernels/foreach_isa.hpp"

namespace fathom::inline v0::kernels::detail {

// Forward and data.
template <template <class> class Pass, class T>
void run_few_channels(const Pass<T>& pass) {
    run_strips(pass, FATHOM_DISPATCH(conv::few_channels_kernel<T>()));
}

template <class T>
void run_few_channels(const ConvWeight<T>& pass) {
    run_weight<T>(pass, FATHOM_DISPATCH(conv::few_channels_weight_kernel<T>()), pass.shape.groups);
}

}  // namespace fathom::inline v0::kernels::detail
