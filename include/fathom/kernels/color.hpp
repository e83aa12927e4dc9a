// RGB to YCrCb and back, for values in [0, 1], with SeAFusion's coefficients. Nothing is clamped. There (the numbers
// stand in core/luminance.hpp):
//   Y = .299 R + .587 G + .114 B
//   Cr = .713 (R - Y) + .5
//   Cb = .564 (B - Y) + .5
// and back:
//   R = Y + 1.403 (Cr - .5)
//   G = Y - .714 (Cr - .5) - .344 (Cb - .5)
//   B = Y + 1.773 (Cb - .5)
#pragma once

#include <cstdint>

#include "fathom/kernels/strided.hpp"

namespace fathom::inline v0::kernels {

// The gradients are the transposed matrices: from dy of the transform to dx. Their own gradients are the matrices,
// without the constants.
enum class ColorTransform : std::int32_t {
    to_ycrcb,
    to_rgb,
    to_ycrcb_gradient,
    to_rgb_gradient,
    to_ycrcb_linear,
    to_rgb_linear
};

// y (+)= transform(x). Operands of the loop over all pixels: x, y. x_channel, y_channel: from channel to channel, of
// which there are three.
template <class T>
void color(const Loop& pixels, ColorTransform transform, const T* x, std::int64_t x_channel, T* y,
           std::int64_t y_channel, bool accumulate);

}  // namespace fathom::inline v0::kernels

#ifndef FATHOM_COMPILED
#include "fathom/kernels/color.inl.hpp"
#endif
