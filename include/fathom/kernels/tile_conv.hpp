// Convolution of bfloat16 on tiles, a group of rows at a time: 3x3 or 1x1, stride 1 or 2, sums in float. Rows come as
// pointers, so that they may lie in rings: a row is a sequence of pixels of 32 channels (64 bytes, aligned to them),
// and channels beyond 32 are further planes of such rows. Next: tile_conv.kernel.hpp.
#pragma once

#include <cstdint>

#include "fathom/core/config.hpp"
#include "fathom/kernels/tile_shape.hpp"

namespace fathom::inline v0::kernels {

// Output rows that are made at once.
inline constexpr int tile_rows = 4;
// Pixels that are read to the right of the last output, and what a 3x3 kernel needs on the left.
inline constexpr int tile_conv_overhang = 16, tile_conv_margin = 1;

// What becomes of a sum v.
enum class TileEpilogue {
    activate,  // leaky ReLU
    // The same for outputs in the lower halves of pixels: the upper half gets what rounding them lost, so that a next
    // layer with its weights twice reads numbers of 16 bits.
    activate_with_rest,
    add,       // leaky ReLU of v + other
    gate,      // sigmoid(v) other
    numbers,   // v in float
    pair_sum,  // In float, the sum of the first two outputs. Weights split in two (what bfloat16 holds, and the rest)
               // are so as good as float for a layer of one output.
};

struct TileConv {
    int taps;  // 3 or 1
    int planes;
    // [planes][tile_conv_rows]: input rows from the one above the first output (taps 3), at the column of the first
    // output. Those of outputs that are not wanted may be any.
    const std::uint16_t* const* rows;
    const std::uint16_t* weights;  // pack_tile_weights
    const float* bias;             // [outputs]
    float slope;                   // of the leaky ReLU for negative numbers; 1: none
    int outputs;                   // a multiple of 16
    std::int64_t columns;
    std::uint16_t* const* out;  // [outputs / 16][tile_rows] of 16 channels of pixels; null: not wanted
    TileEpilogue epilogue = TileEpilogue::activate;
    // In place of `out`, of numbers: [outputs / 16][tile_rows] of 16 outputs of pixels; of pair_sum: [tile_rows].
    float* const* floats = nullptr;
    const std::uint16_t* const* other = nullptr;  // as `out`, which may be the same
    int stride = 1;
    // Elements from a pixel of a row to the next: of the input, of `out` and `other`, of numbers. Other than 32, rows
    // may be columns of an image, and pixels may overlap.
    std::int64_t in_step = tile_channels, out_step = tile_channels, float_step = tile_outputs;
    bool transposed = false;  // rows are columns of the image: so are the kernel's
};

// Input rows for tile_rows outputs.
constexpr int tile_conv_rows(int taps, int stride) { return taps == 1 ? tile_rows : stride * (tile_rows - 1) + 3; }

void tile_conv(const TileConv& conv);

// Around all calls on one thread.
class TileSession {
public:
    TileSession();
    TileSession(const TileSession&) = delete;
    TileSession& operator=(const TileSession&) = delete;
    ~TileSession();
};

// Elements of packed weights.
constexpr std::int64_t tile_weight_elements(int outputs, int planes, int taps) {
    return std::int64_t{outputs} * planes * taps * taps * tile_channels;
}
// Outputs are filled up to a multiple of 16, channels to whole planes, with zeros.
void pack_tile_weights(const float* w,  // [outputs][channels][taps, taps]
                       int outputs, int channels, int taps,
                       std::uint16_t* packed);  // [outputs / 16][planes][taps x][taps y] of tiles

}  // namespace fathom::inline v0::kernels

#ifndef FATHOM_COMPILED
#include "fathom/kernels/tile_conv.inl.hpp"
#endif
