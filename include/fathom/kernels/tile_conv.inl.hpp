// Definitions of tile_conv.hpp.
#pragma once

#include "fathom/core/float16.hpp"
#include "fathom/kernels/tile.hpp"
#include "fathom/kernels/tile_conv.hpp"

#define FATHOM_KERNEL "fathom/kernels/tile_conv.kernel.hpp"
#include "fathom/kernels/foreach_tile.hpp"

namespace fathom::inline v0::kernels {

FATHOM_INLINE void tile_conv(const TileConv& conv) { FATHOM_DISPATCH_TILES(tile_conv_kernel::run(conv)); }
FATHOM_INLINE TileSession::TileSession() { FATHOM_DISPATCH_TILES(Tiles::begin()); }
FATHOM_INLINE TileSession::~TileSession() { FATHOM_DISPATCH_TILES(Tiles::end()); }

FATHOM_INLINE void pack_tile_weights(const float* w,  // [outputs][channels][taps, taps]
                                     int outputs, int channels, int taps,
                                     std::uint16_t* packed) {  // [outputs / 16][planes][taps x][taps y] of tiles
    const auto value = [&](int output, int channel, int y, int x) {
        if (output >= outputs || channel >= channels) return 0.0f;
        return w[((std::int64_t{output} * channels + channel) * taps + y) * taps + x];
    };
    for (int block = 0; block < outputs; block += tile_outputs)
        for (int plane = 0; plane < (channels + tile_channels - 1) / tile_channels; ++plane)
            for (int x = 0; x < taps; ++x)
                for (int y = 0; y < taps; ++y)
                    for (int pair = 0; pair < tile_channels; pair += 2)
                        for (int k = block; k < block + tile_outputs; ++k)
                            for (int i = 0; i < 2; ++i)
                                *packed++ = Float16<7>(value(k, plane * tile_channels + pair + i, y, x)).bits();
}

}  // namespace fathom::inline v0::kernels
