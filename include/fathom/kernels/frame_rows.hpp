// What a depth-first frame needs beside its convolutions, a group of rows at a time: a first layer from one channel of
// float, Sobel magnitudes, and the last layer's activation. Rows as in tile_conv.hpp (bfloat16) and row_conv.hpp
// (float): pixels of 32 channels, of which these functions take 16 or 32; sums in float.
#pragma once

#include <cstdint>

#include "fathom/kernels/tile_conv.hpp"

namespace fathom::inline v0::kernels {

// Element: float, or std::uint16_t for bfloat16.

// A 3x3 convolution from one channel to 16, and leaky ReLU.
template <class Element>
struct StemRows {
    const float* const* rows;  // [tile_rows + 2]: from the one above the first output, at the column left of it
    const float* weights;      // [3, 3][16]
    const float* bias;         // [16]
    float slope;
    std::int64_t columns;
    Element* const* out;   // [tile_rows] of 16 channels of pixels; null: not wanted
    Element* const* copy;  // the same again; of bfloat16 with what rounding lost in the 16 channels behind
};
void stem_rows(const StemRows<float>& stem);
void stem_rows(const StemRows<std::uint16_t>& stem);

// y = |conv(x, wx)| + |conv(x, wy)|, each channel by itself.
template <class Element>
struct SobelRows {
    const Element* const* rows;          // [tile_rows + 2]: from the one above the first output, at its column
    const float *weights_x, *weights_y;  // [3, 3][channels]
    int channels;                        // 16 or 32
    std::int64_t columns;
    Element* const* out;  // [tile_rows] of `channels` channels of pixels; null: not wanted
};
void sobel_rows(const SobelRows<float>& sobel);
void sobel_rows(const SobelRows<std::uint16_t>& sobel);

// A 3x3 convolution from 16 channels of float to one.
struct LastRows {
    const float* const* rows;  // [tile_rows + 2]: from the one above the first output, at its column
    const float* weights;      // [3, 3][16]
    float bias;
    std::int64_t columns;
    float* const* out;  // [tile_rows]; null: not wanted
};
void last_rows(const LastRows& last);

// row = tanh(row) / 2 + 1 / 2.
void half_tanh_row(float* row, std::int64_t columns);

}  // namespace fathom::inline v0::kernels

#ifndef FATHOM_COMPILED
#include "fathom/kernels/frame_rows.inl.hpp"
#endif
