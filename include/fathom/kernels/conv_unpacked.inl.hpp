// The weight pass of convolution by one tap: conv_direct_weight.kernel.hpp on x as it lies in memory.
#pragma once

#include "fathom/kernels/conv_direct.inl.hpp"

namespace fathom::inline v0::kernels::detail {

template <class T>
void run_unpacked(const ConvWeight<T>& pass) {
    run_weight<T>(pass,
                  {tuning::conv_block, true, true, FATHOM_DISPATCH(conv::partial_elements<T>),
                   FATHOM_DISPATCH(conv::unpacked_weight_strip<T>), FATHOM_DISPATCH(conv::combine_weights<T>)},
                  pass.shape.groups);
}

}  // namespace fathom::inline v0::kernels::detail
