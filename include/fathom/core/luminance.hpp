// Luminance and chroma of one pixel, with the coefficients of SeAFusion's code, which are those of ITU-R BT.601. The
// one place where they stand: kernels/color.hpp applies them to tensors, data/ to images as they are read.
#pragma once

#include "fathom/core/config.hpp"

namespace fathom::inline v0 {

// Y, of which the three shares add up to 1.
inline constexpr double red_share = 0.299, green_share = 0.587, blue_share = 0.114;
// Cr is cr_scale (R - Y) + 1/2, Cb is cb_scale (B - Y) + 1/2.
inline constexpr double cr_scale = 0.713, cb_scale = 0.564;

template <class T>
constexpr T luminance(T red, T green, T blue) {
    return T(red_share) * red + T(green_share) * green + T(blue_share) * blue;
}

}  // namespace fathom::inline v0
