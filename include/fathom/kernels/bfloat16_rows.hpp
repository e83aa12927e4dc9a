// What a frame in bfloat16 needs beside convolutions on tiles, a group of rows at a time: a first layer from one
// channel of float, Sobel magnitudes, and the activation of the last layer. Rows as in tile_conv.hpp: pixels of 32
// channels, of which these functions take 16 or 32; sums in float.
#pragma once

#include <cstdint>

#include "fathom/kernels/tile_conv.hpp"

namespace fathom::inline v0::kernels {

// A 3x3 convolution from one channel to 16, and leaky ReLU.
struct StemRows {
    const float* const* rows;  // [tile_rows + 2]: from the one above the first output, at the column left of it
    const float* weights;      // [3, 3][16]
    const float* bias;         // [16]
    float slope;
    std::int64_t columns;
    std::uint16_t* const* out;   // [tile_rows] of 16 channels of pixels; null: not wanted
    std::uint16_t* const* copy;  // the same again
};
void stem_rows(const StemRows& stem);

// y = |conv(x, wx)| + |conv(x, wy)|, each channel by itself.
struct SobelRows {
    const std::uint16_t* const* rows;    // [tile_rows + 2]: from the one above the first output, at its column
    const float *weights_x, *weights_y;  // [3, 3][channels]
    int channels;                        // 16 or 32
    std::int64_t columns;
    std::uint16_t* const* out;  // [tile_rows] of `channels` channels of pixels; null: not wanted
};
void sobel_rows(const SobelRows& sobel);

// row = tanh(row) / 2 + 1 / 2.
void half_tanh_row(float* row, std::int64_t columns);

}  // namespace fathom::inline v0::kernels

#ifndef FATHOM_COMPILED
#include "fathom/kernels/bfloat16_rows.inl.hpp"
#endif
