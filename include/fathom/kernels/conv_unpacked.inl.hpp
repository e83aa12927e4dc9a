// The weight pass of convolution by one tap: conv_direct_weight.kernel.hpp on x as it lies in memory.
#pragma once

#include "fathom/kernels/conv_direct.inl.hpp"

namespace fathom::inline v0::kernels::detail {

template <class T>
void run_unpacked(const ConvWeight<T>& pass) {
    run_weight<T>(pass, FATHOM_DISPATCH(conv::unpacked_weight_kernel<T>()), pass.shape.groups);
}

}  // namespace fathom::inline v0::kernels::detail
