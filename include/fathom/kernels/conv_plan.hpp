// How convolution runs: any convolution, and each phase of its data gradient, is a list of taps:
//   input row    = output row * stride + tap.y
//   input column = output column * stride + tap.x
// The output is cut into strips small enough for the L2 cache; the input of a strip is packed so that borders are
// zeros, strides and dilations become offsets, and the pixels of a register tile are a constant step apart. Next:
// conv_pack.kernel.hpp, conv_direct.kernel.hpp, conv_weight.kernel.hpp.
#pragma once

#include <algorithm>
#include <cstdint>

#include "fathom/abi/conv_shape.hpp"
#include "fathom/kernels/epilogue.hpp"
#include "fathom/kernels/tuning.hpp"

namespace fathom::inline v0::kernels {

struct ConvTap {
    std::int64_t y, x;
    std::int64_t weight;  // offset in the weights of one (output, input) pair
};

// One image batch in memory, channels-last, with any steps: a data gradient of stride 2 writes every other pixel.
template <class T>
struct ConvImage {
    T* data;
    std::int64_t pixel, row, image;  // steps in elements
    std::int64_t height, width, channels;
};

// How the output is cut into strips, and where a strip's input lies once packed:
// [channels / block][in_rows][phases][length][block], with columns of equal (column % stride) in one phase.
struct ConvStrips {
    std::int64_t rows, cols;              // of the output, in one strip
    std::int64_t row_blocks, col_blocks;  // strips of one image
    std::int64_t first_y, first_x;        // the smallest tap
    std::int64_t stride_y, stride_x;
    std::int64_t block, in_rows, phases, length;

    std::int64_t tall() const { return in_rows - (rows - 1) * stride_y; }  // input rows of one output row
    std::int64_t row_step() const { return phases * length * block; }
    std::int64_t plane() const { return in_rows * row_step(); }
    std::int64_t offset(const ConvTap& tap) const {
        const std::int64_t x = tap.x - first_x;
        return (tap.y - first_y) * row_step() + ((x % stride_x) * length + x / stride_x) * block;
    }
    std::int64_t packed_elements(std::int64_t channels) const { return (channels + block - 1) / block * plane(); }
};

// Which output pixels a strip holds. Strips follow each other down the image, so that what the last rows of one bring
// into the cache ahead of time is what the next one begins with.
struct ConvStrip {
    std::int64_t image, row, col, rows, cols;
};

inline ConvStrip conv_strip(const ConvStrips& s, std::int64_t index, std::int64_t out_height, std::int64_t out_width) {
    const std::int64_t per_image = s.row_blocks * s.col_blocks;
    const std::int64_t row = index % s.row_blocks * s.rows, col = index % per_image / s.row_blocks * s.cols;
    return {index / per_image, row, col, std::min(s.rows, out_height - row), std::min(s.cols, out_width - col)};
}

// What limits a strip: bytes of packed input, pixels in a row and rows; and how many strips there should be, if
// possible.
struct ConvStripLimits {
    std::int64_t bytes, cols, rows, strips;
};

// Every strip streams all weights (or their gradients) through the cache once: the larger they are, the larger the
// strips. But threads have to share them.
inline ConvStripLimits conv_limits(std::int64_t weight_bytes, std::int64_t bytes, std::int64_t cols,
                                   std::int64_t rows) {
    const bool large = weight_bytes > tuning::conv_large_weights;
    return {std::clamp<std::int64_t>(weight_bytes, bytes, tuning::conv_large_weights), cols, rows,
            large ? tuning::conv_strips_large : tuning::conv_strips};
}

// What is cut: `channels` of x in blocks of `block`, for the pixels of y, of which a register tile takes `tile`.
struct ConvExtent {
    std::int64_t images, out_height, out_width, channels, block, element_bytes;
    std::int64_t tile = tuning::conv_tile;
};

// Columns are cut at multiples of the tile.
inline ConvStrips conv_strips(const ConvTap* taps, int tap_count, std::int64_t stride_y, std::int64_t stride_x,
                              const ConvExtent& e, const ConvStripLimits& limits) {
    const std::int64_t tile = e.tile;
    const auto ceil_div = [](std::int64_t a, std::int64_t b) { return (a + b - 1) / b; };
    ConvStrips s{};
    std::int64_t last_y = 0, last_x = 0;
    for (int t = 0; t < tap_count; ++t) {
        s.first_y = t ? std::min(s.first_y, taps[t].y) : taps[t].y;
        s.first_x = t ? std::min(s.first_x, taps[t].x) : taps[t].x;
        last_y = t ? std::max(last_y, taps[t].y) : taps[t].y;
        last_x = t ? std::max(last_x, taps[t].x) : taps[t].x;
    }
    s.stride_y = stride_y, s.stride_x = stride_x;
    s.block = e.block;
    s.phases = std::min(stride_x, last_x - s.first_x + 1);
    const std::int64_t planes = std::max<std::int64_t>(1, ceil_div(e.channels, s.block)), tall = last_y - s.first_y + 1;
    for (std::int64_t cols = limits.cols;; cols = std::max(tile, cols / 2)) {
        s.cols = ceil_div(ceil_div(e.out_width, ceil_div(e.out_width, cols)), tile) * tile;
        s.length = s.cols + (last_x - s.first_x) / stride_x + 1;
        const std::int64_t rows_that_fit = limits.bytes / (planes * s.row_step() * e.element_bytes);
        s.rows =
            std::clamp<std::int64_t>((rows_that_fit - tall) / stride_y + 1, 1, std::min(limits.rows, e.out_height));
        if (s.rows >= std::min<std::int64_t>(4, e.out_height) || cols <= 2 * tile) break;
    }
    s.col_blocks = ceil_div(e.out_width, s.cols);
    // Enough strips to share among threads; a strip's halo costs little next to an idle core.
    while (s.rows > 4 && e.images * s.col_blocks * ceil_div(e.out_height, s.rows) < limits.strips)
        s.rows = ceil_div(s.rows, 2);
    s.row_blocks = ceil_div(e.out_height, s.rows);
    s.rows = ceil_div(e.out_height, s.row_blocks);
    s.in_rows = (s.rows - 1) * stride_y + tall;
    return s;
}

// The taps of one pass over one group, and how its pixels are cut: what all kernels on strips share.
struct ConvPlan {
    std::int64_t images;
    const ConvTap* taps;
    const std::int64_t* offsets;  // of the taps in a packed strip
    int tap_count;
    bool taps_in_threes;  // each three taps are neighbours in a row, one packed pixel apart
    ConvStrips strips;
};

// A convolution as taps, from x to y: the forward pass, or a phase of the data pass.
template <class T>
struct ConvTaps : ConvPlan {
    ConvImage<const T> x;
    ConvImage<T> y;
    const T* w;
    std::int64_t w_output, w_input;  // steps of w
    const T* bias;
    Epilogue<T> epilogue;  // its arrays lie as y
};

// The weight pass as taps.
template <class T>
struct ConvWeightTaps : ConvPlan {
    ConvImage<const T> x, dy;
    T* dw;  // [outputs, channels, taps]
};

// Rows of a strip in one go of the weight pass: enough pixels to pay for loading and storing the sums, few enough to
// stay in the L1 cache.
inline std::int64_t conv_rows_at_once(const ConvStrips& s, std::int64_t pixels = tuning::conv_weight_pixels) {
    const std::int64_t rows = std::max<std::int64_t>(1, pixels / s.cols), passes = (s.rows + rows - 1) / rows;
    return (s.rows + passes - 1) / passes;
}

}  // namespace fathom::inline v0::kernels
