// Definitions of tile_images.hpp.
#pragma once

#include "fathom/kernels/tile.hpp"
#include "fathom/kernels/tile_images.hpp"

#define FATHOM_KERNEL "fathom/kernels/tile_images.kernel.hpp"
#include "fathom/kernels/foreach_tile.hpp"

namespace fathom::inline v0::kernels {

FATHOM_INLINE void color_pixels(const float* const* rows, std::int64_t step, std::int64_t columns, float scale,
                                std::uint16_t* pixels) {
    FATHOM_DISPATCH_TILES(tile_images::color_pixels(rows, step, columns, scale, pixels));
}
FATHOM_INLINE void max_pool_row(const std::uint16_t* const* rows, std::int64_t columns, std::uint16_t* out) {
    FATHOM_DISPATCH_TILES(tile_images::max_pool_row(rows, columns, out));
}
FATHOM_INLINE void tile_resize(const TileResize& resize) { FATHOM_DISPATCH_TILES(tile_images::resize(resize)); }
FATHOM_INLINE void plane_mean(const std::uint16_t* x, const TileResize::Image& image, float* mean) {
    FATHOM_DISPATCH_TILES(tile_images::plane_mean(x, image, mean));
}
FATHOM_INLINE void attention(const float* w, const float* bias, const float* x, int channels, int outputs, float* y) {
    FATHOM_DISPATCH_TILES(tile_images::attention(w, bias, x, channels, outputs, y));
}

}  // namespace fathom::inline v0::kernels
