// Convolutions of float, a group of four rows at a time, for nets that run depth-first: 3x3 by Winograd
// (conv_winograd.kernel.hpp), and 1x1, stride 1. Rows come as pointers, so that they may lie in rings: a row is a
// sequence of pixels of 32 channels, and channels beyond 32 are further planes of such rows. Next:
// row_conv.kernel.hpp.
#pragma once

#include <cstdint>

#include "fathom/core/config.hpp"

namespace fathom::inline v0::kernels {

struct RowConv {
    static constexpr int rows_at_once = 4, plane_channels = 32;
    // Pixels that are read to the right of the last output.
    static constexpr int overhang = 12;

    int taps;      // 3 or 1
    int channels;  // of the input that exist: a multiple of 16
    // [planes][rows_at_once + taps - 1]: input rows from the one above the first output (taps 3), at the column of the
    // first output. Those of outputs that are not wanted may be any.
    const float* const* in;
    const float* weights;  // row_conv_weights
    const float* bias;     // [outputs]
    float slope;           // of the leaky ReLU for negative numbers; 1: none
    int outputs;           // a multiple of 16
    std::int64_t columns;
    float* const* out;  // [outputs / 16][rows_at_once] of 16 channels of pixels; null: not wanted
    float* memory;      // row_conv_memory, with the most channels and columns
};

void row_conv(const RowConv& rows);

// Elements of working memory for 3x3 kernels, and of packed weights.
std::int64_t row_conv_memory(int channels, std::int64_t columns);
std::int64_t row_conv_weight_elements(int outputs, int channels, int taps);
// w: [outputs][channels][taps, taps]; outputs a multiple of 16.
void pack_row_conv(const float* w, int outputs, int channels, int taps, float* packed);

}  // namespace fathom::inline v0::kernels

#ifndef FATHOM_COMPILED
#include "fathom/kernels/row_conv.inl.hpp"
#endif
