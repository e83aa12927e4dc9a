// Direct convolution on packed strips, in blocks of channels. Next: conv_direct.kernel.hpp,
// conv_direct_weight.kernel.hpp.
#pragma once

#include "fathom/kernels/conv_weight.inl.hpp"

#define FATHOM_KERNEL "fathom/kernels/conv_finish.kernel.hpp"
#include "fathom/kernels/foreach_isa.hpp"
#define FATHOM_KERNEL "fathom/kernels/conv_direct.kernel.hpp"
#include "fathom/kernels/foreach_isa.hpp"
#define FATHOM_KERNEL "fathom/kernels/conv_direct_weight.kernel.hpp"
#include "fathom/kernels/foreach_isa.hpp"

namespace fathom::inline v0::kernels::detail {

// Forward and data.
template <template <class> class Pass, class T>
void run_direct(const Pass<T>& pass) {
    run_strips(pass, FATHOM_DISPATCH(conv::direct_kernel<T>()));
}

template <class T>
void run_direct(const ConvWeight<T>& pass) {
    run_weight<T>(pass, FATHOM_DISPATCH(conv::direct_weight_kernel<T>()), pass.shape.groups);
}

}  // namespace fathom::inline v0::kernels::detail
