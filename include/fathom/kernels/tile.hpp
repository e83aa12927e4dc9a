// Tiles of bfloat16: products 16 x 32 by 32 x 16 with sums in float, on AMX, AVX512_BF16 or the ISA's vectors
// (tile.kernel.hpp), and FATHOM_DISPATCH_TILES. Next: tile_conv.hpp, which convolves with them.
#pragma once

#include <bit>
#include <cstdint>

#include "fathom/kernels/math.hpp"

namespace fathom::inline v0::kernels {

// A tile of sums is 16 pixels x 16 outputs; a product adds 32 channels.
inline constexpr int tile_pixels = 16, tile_outputs = 16, tile_channels = 32;
// Elements of an operand: 1 KB of bfloat16. Of pixels: [16 pixels][32 channels]. Of weights: [16 pairs][16 outputs][2],
// channel 2 p + i being the i-th of pair p.
inline constexpr int tile_elements = 512;

}  // namespace fathom::inline v0::kernels

#ifdef __x86_64__
#define FATHOM_DISPATCH_TILES(...)                                                                           \
    (::fathom::tile_isa() == ::fathom::TileIsa::amx          ? FATHOM_ISA_NAMESPACE(amx)::__VA_ARGS__        \
     : ::fathom::tile_isa() == ::fathom::TileIsa::avx512bf16 ? FATHOM_ISA_NAMESPACE(avx512bf16)::__VA_ARGS__ \
                                                             : FATHOM_DISPATCH(__VA_ARGS__))
#else
#define FATHOM_DISPATCH_TILES(...) FATHOM_DISPATCH(__VA_ARGS__)
#endif

#define FATHOM_TILE_REGIONS_ALONE
#define FATHOM_KERNEL "fathom/kernels/simd.kernel.hpp"
#include "fathom/kernels/foreach_tile.hpp"
#define FATHOM_KERNEL "fathom/kernels/math.kernel.hpp"
#include "fathom/kernels/foreach_tile.hpp"
#undef FATHOM_TILE_REGIONS_ALONE

#define FATHOM_KERNEL "fathom/kernels/tile.kernel.hpp"
#include "fathom/kernels/foreach_tile.hpp"
