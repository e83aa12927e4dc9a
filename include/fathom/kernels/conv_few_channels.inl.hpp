// Convolution of few channels, on packed strips in which each channel is a plane. Next: conv_few_channels.kernel.hpp.
#pragma once

#include "fathom/kernels/conv_direct.inl.hpp"

#define FATHOM_KERNEL "fathom/kernels/conv_few_channels.kernel.hpp"
#include "fathom/kernels/foreach_isa.hpp"

namespace fathom::inline v0::kernels::detail {

// Forward and data.
template <template <class> class Pass, class T>
void run_few_channels(const Pass<T>& pass) {
    run_strips<T>(pass, {1, tuning::conv_plane_cols, tuning::conv_plane_rows, 1, tuning::most_lanes,
                         FATHOM_DISPATCH(conv::group_outputs<T>()), FATHOM_DISPATCH(conv::pack_weights<T>),
                         FATHOM_DISPATCH(conv::few_channels_strip<T>)});
}

template <class T>
void run_few_channels(const ConvWeight<T>& pass) {
    run_weight<T>(pass,
                  {1, true, true, FATHOM_DISPATCH(conv::partial_elements<T>),
                   FATHOM_DISPATCH(conv::few_channels_weight_strip<T>), FATHOM_DISPATCH(conv::combine_weights<T>)},
                  pass.shape.groups);
}

}  // namespace fathom::inline v0::kernels::detail
