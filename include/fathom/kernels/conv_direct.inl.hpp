// Direct convolution on packed strips, in blocks of channels. Next: conv_direct.kernel.hpp,
// conv_direct_weight.kernel.hpp.
#pragma once

#include "fathom/kernels/conv_weight.inl.hpp"

#define FATHOM_KERNEL "fathom/kernels/conv_direct.kernel.hpp"
#include "fathom/kernels/foreach_isa.hpp"
#define FATHOM_KERNEL "fathom/kernels/conv_direct_weight.kernel.hpp"
#include "fathom/kernels/foreach_isa.hpp"

namespace fathom::inline v0::kernels::detail {

// Forward and data.
template <template <class> class Pass, class T>
void run_direct(const Pass<T>& pass) {
    run_strips<T>(pass, {tuning::conv_block, tuning::conv_cols, tuning::conv_rows, 1, tuning::most_lanes,
                         FATHOM_DISPATCH(conv::group_outputs<T>()), FATHOM_DISPATCH(conv::pack_weights<T>),
                         FATHOM_DISPATCH(conv::direct_strip<T>)});
}

template <class T>
void run_direct(const ConvWeight<T>& pass) {
    run_weight<T>(pass,
                  {tuning::conv_block, true, true, FATHOM_DISPATCH(conv::partial_elements<T>),
                   FATHOM_DISPATCH(conv::direct_weight_strip<T>), FATHOM_DISPATCH(conv::combine_weights<T>)},
                  pass.shape.groups);
}

}  // namespace fathom::inline v0::kernels::detail
