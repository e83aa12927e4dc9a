// Definitions of bfloat16_rows.hpp.
#pragma once

#include "fathom/kernels/bfloat16_rows.hpp"
#include "fathom/kernels/math.hpp"
#include "fathom/kernels/tile.hpp"

#define FATHOM_KERNEL "fathom/kernels/bfloat16_rows.kernel.hpp"
#include "fathom/kernels/foreach_tile.hpp"

#define FATHOM_KERNEL "fathom/kernels/half_tanh.kernel.hpp"
#include "fathom/kernels/foreach_isa.hpp"

namespace fathom::inline v0::kernels {

FATHOM_INLINE void stem_rows(const StemRows& stem) { FATHOM_DISPATCH_TILES(bfloat16_rows::stem(stem)); }
FATHOM_INLINE void sobel_rows(const SobelRows& sobel) { FATHOM_DISPATCH_TILES(bfloat16_rows::sobel(sobel)); }
FATHOM_INLINE void half_tanh_row(float* row, std::int64_t columns) {
    FATHOM_DISPATCH(bfloat16_rows::half_tanh(row, columns));
}

}  // namespace fathom::inline v0::kernels
