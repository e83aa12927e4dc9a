// What a net on tiles (tile_conv.hpp) needs beside its convolutions: the image's pixels, max pooling, interpolation,
// and channel attention. Planes of bfloat16 in pixels of 32 channels, as there; arithmetic in float.
#pragma once

#include <cstdint>

#include "fathom/core/config.hpp"

namespace fathom::inline v0::kernels {

// Three rows of float as pixels of four channels, the fourth 0, times `scale`.
void color_pixels(const float* const* rows,  // [3]
                  std::int64_t step,         // from a number to the next
                  std::int64_t columns, float scale,
                  std::uint16_t* pixels);  // [columns][4]

// A row of max pooling, 3x3 with stride 2, of numbers that are not negative: so zeros may stand around the image.
void max_pool_row(const std::uint16_t* const* rows,  // [3], at the centre of the first output
                  std::int64_t columns, std::uint16_t* out);

// Bilinear interpolation without align_corners (ops/interpolate.hpp) of some pixels of an image, and a factor for each
// channel.
struct TileResize {
    struct Image {
        std::int64_t height, width, pitch, plane;  // elements from row to row, from plane to plane
    };
    const std::uint16_t* x;
    std::uint16_t* y;
    Image in, out;
    int planes;
    const float* scale;                     // [planes * 32]; null: none
    std::int64_t top, bottom, left, right;  // of y: what is made
};
void tile_resize(const TileResize& resize);

// The mean over an image of one plane.
void plane_mean(const std::uint16_t* x, const TileResize::Image& image,
                float* mean);  // [32]

// y = sigmoid(w x + bias).
void attention(const float* w,  // [channels][outputs]
               const float* bias, const float* x, int channels, int outputs, float* y);

}  // namespace fathom::inline v0::kernels

#ifndef FATHOM_COMPILED
#include "fathom/kernels/tile_images.inl.hpp"
#endif
