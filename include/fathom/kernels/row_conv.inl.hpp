// Definitions of row_conv.hpp.
#pragma once

#include "fathom/kernels/conv.inl.hpp"
#include "fathom/kernels/row_conv.hpp"

#define FATHOM_KERNEL "fathom/kernels/row_conv.kernel.hpp"
#include "fathom/kernels/foreach_isa.hpp"

namespace fathom::inline v0::kernels {

FATHOM_INLINE void row_conv(const RowConv& rows) { FATHOM_DISPATCH(row_conv::run(rows)); }

FATHOM_INLINE std::int64_t row_conv_memory(int channels, std::int64_t columns) {
    const std::int64_t blocks = (columns + 4 * tuning::winograd_tiles - 1) / (4 * tuning::winograd_tiles);
    const std::int64_t sums = 36 * (tuning::winograd_tiles * 2 * tuning::most_lanes + tuning::conv_block);
    return blocks * (channels / tuning::conv_block * 36 * tuning::winograd_input_step + sums);
}

FATHOM_INLINE std::int64_t row_conv_weight_elements(int outputs, int channels, int taps) {
    return std::int64_t{outputs} * channels * (taps == 3 ? 36 : 1);
}

FATHOM_INLINE void pack_row_conv(const float* w, int outputs, int channels, int taps, float* packed) {
    FATHOM_DISPATCH(row_conv::pack(w, outputs, channels, taps, packed));
}

}  // namespace fathom::inline v0::kernels
