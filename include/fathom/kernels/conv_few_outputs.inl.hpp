// Convolution with few outputs, on packed strips, vectors along the channels. Next: conv_few_outputs.kernel.hpp.
#pragma once

#include "fathom/kernels/conv_weight.inl.hpp"

#define FATHOM_KERNEL "fathom/kernels/conv_few_outputs.kernel.hpp"
#include "fathom/kernels/foreach_isa.hpp"

namespace fathom::inline v0::kernels::detail {

// Forward and data.
template <template <class> class Pass, class T>
void run_few_outputs(const Pass<T>& pass) {
    run_strips<T>(pass,
                  {tuning::conv_block, tuning::conv_cols, tuning::conv_rows, tuning::conv_block, 1, 1,
                   FATHOM_DISPATCH(conv::pack_weights_by_channel<T>), FATHOM_DISPATCH(conv::few_outputs_strip<T>)});
}

template <class T>
void run_few_outputs(const ConvWeight<T>& pass) {
    run_weight<T>(pass,
                  {tuning::conv_block, true, false, FATHOM_DISPATCH(conv::few_outputs_partial_elements<T>),
                   FATHOM_DISPATCH(conv::few_outputs_weight_strip<T>), FATHOM_DISPATCH(conv::few_outputs_combine<T>)},
                  pass.shape.groups);
}

}  // namespace fathom::inline v0::kernels::detail
