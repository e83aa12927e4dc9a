// Sizes of tiles of bfloat16 (tile.hpp).
#pragma once

namespace fathom::inline v0::kernels {

// A tile of sums is 16 pixels x 16 outputs; a product adds 32 channels.
inline constexpr int tile_pixels = 16, tile_outputs = 16, tile_channels = 32;
// Elements of an operand: 1 KB of bfloat16. Of pixels: [16 pixels][32 channels]. Of weights: [16 pairs][16 outputs][2],
// channel 2 p + i being the i-th of pair p.
inline constexpr int tile_elements = 512;

}  // namespace fathom::inline v0::kernels
