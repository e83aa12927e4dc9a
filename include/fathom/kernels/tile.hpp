// Tiles of bfloat16: products 16 x 32 by 32 x 16 with sums in float, on AMX, AVX512_BF16 or the ISA's vectors
// (tile.kernel.hpp), and FATHOM_DISPATCH_TILES. Next: tile_conv.hpp, which convolves with them.
#pragma once

#include <bit>
#include <cstdint>

#include "fathom/kernels/math.hpp"
#include "fathom/kernels/tile_shape.hpp"

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
