// Definitions of frame_rows.hpp.
#pragma once

#include "fathom/kernels/frame_rows.hpp"
#include "fathom/kernels/math.hpp"
#include "fathom/kernels/tile.hpp"

#define FATHOM_KERNEL "fathom/kernels/frame_rows.kernel.hpp"
#include "fathom/kernels/foreach_tile.hpp"

#define FATHOM_KERNEL "fathom/kernels/half_tanh.kernel.hpp"
#include "fathom/kernels/foreach_isa.hpp"

namespace fathom::inline v0::kernels {

FATHOM_INLINE void stem_rows(const StemRows<float>& stem) { FATHOM_DISPATCH(frame_rows::stem(stem)); }
FATHOM_INLINE void stem_rows(const StemRows<std::uint16_t>& stem) { FATHOM_DISPATCH_TILES(frame_rows::stem(stem)); }
FATHOM_INLINE void sobel_rows(const SobelRows<float>& sobel) { FATHOM_DISPATCH(frame_rows::sobel(sobel)); }
FATHOM_INLINE void sobel_rows(const SobelRows<std::uint16_t>& sobel) {
    FATHOM_DISPATCH_TILES(frame_rows::sobel(sobel));
}
FATHOM_INLINE void last_rows(const LastRows& last) { FATHOM_DISPATCH(frame_rows::last(last)); }
FATHOM_INLINE void half_tanh_row(float* row, std::int64_t columns) {
    FATHOM_DISPATCH(frame_rows::half_tanh(row, columns));
}

}  // namespace fathom::inline v0::kernels
