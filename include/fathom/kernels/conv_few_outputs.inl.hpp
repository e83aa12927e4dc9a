// Convolution with few outputs, on packed strips, vectors along the channels. Next: conv_few_outputs.kernel.hpp.
#pragma once

#include "fathom/kernels/conv_weight.inl.hpp"

#define FATHOM_KERNEL "fathom/kernels/conv_few_outputs.kernel.hpp"
#include "fathom/kernels/foreach_isa.hpp"

namespace fathom::inline v0::kernels::detail {

// Forward and data.
template <template <class> class Pass, class T>
void run_few_outputs(const Pass<T>& pass) {
    run_strips(pass, FATHOM_DISPATCH(conv::few_outputs_kernel<T>()));
}

template <class T>
void run_few_outputs(const ConvWeight<T>& pass) {
    run_weight<T>(pass, FATHOM_DISPATCH(conv::few_outputs_weight_kernel<T>()), pass.shape.groups);
}

}  // namespace fathom::inline v0::kernels::detail
