// Definitions of color.hpp. Plain loops, the same for every ISA.
#pragma once

#include <algorithm>

#include "fathom/core/luminance.hpp"
#include "fathom/core/parallel_for.hpp"
#include "fathom/kernels/color.hpp"
#include "fathom/kernels/tuning.hpp"

namespace fathom::inline v0::kernels {
namespace detail {

template <ColorTransform transform, class T>
void transform_color(const T* x,  // [3]
                     T* y) {      // [3]
    constexpr bool linear = transform == ColorTransform::to_ycrcb_linear || transform == ColorTransform::to_rgb_linear;
    constexpr T half = linear ? T(0) : T(0.5), to_cr = T(cr_scale), to_cb = T(cb_scale);
    constexpr T red_cr = T(1.403), green_cr = T(-0.714), green_cb = T(-0.344), blue_cb = T(1.773);
    if constexpr (transform == ColorTransform::to_ycrcb || transform == ColorTransform::to_ycrcb_linear) {
        y[0] = luminance(x[0], x[1], x[2]);
        y[1] = to_cr * (x[0] - y[0]) + half;
        y[2] = to_cb * (x[2] - y[0]) + half;
    } else if constexpr (transform == ColorTransform::to_rgb || transform == ColorTransform::to_rgb_linear) {
        const T cr = x[1] - half, cb = x[2] - half;
        y[0] = x[0] + red_cr * cr;
        y[1] = x[0] + green_cr * cr + green_cb * cb;
        y[2] = x[0] + blue_cb * cb;
    } else if constexpr (transform == ColorTransform::to_ycrcb_gradient) {
        const T luma = x[0] - to_cr * x[1] - to_cb * x[2];  // all that reaches Y
        y[0] = T(red_share) * luma + to_cr * x[1];
        y[1] = T(green_share) * luma;
        y[2] = T(blue_share) * luma + to_cb * x[2];
    } else {
        y[0] = x[0] + x[1] + x[2];
        y[1] = red_cr * x[0] + green_cr * x[1];
        y[2] = green_cb * x[1] + blue_cb * x[2];
    }
}

template <ColorTransform transform, class T>
void color_pixels(const Loop& pixels,
                  const T* x,  // [pixels, 3]
                  std::int64_t x_channel,
                  T* y,  // [pixels, 3]
                  std::int64_t y_channel, bool accumulate) {
    parallel_for(0, pixels.numel(), tuning::color_grain, [=, &pixels](std::int64_t first, std::int64_t last) {
        LoopPosition at(pixels, first);
        while (first < last) {
            const std::int64_t run = std::min(last - first, at.run(pixels)), x_pixel = pixels.stride[0][0],
                               y_pixel = pixels.stride[1][0];
            const T* from = x + at.offset[0];
            T* to = y + at.offset[1];
            for (std::int64_t i = 0; i < run; ++i, from += x_pixel, to += y_pixel) {
                const T in[] = {from[0], from[x_channel], from[2 * x_channel]};
                T out[3];
                transform_color<transform>(in, out);
                for (int c = 0; c < 3; ++c) to[c * y_channel] = accumulate ? to[c * y_channel] + out[c] : out[c];
            }
            at.advance(pixels, run);
            first += run;
        }
    });
}

}  // namespace detail

template <class T>
void color(const Loop& pixels, ColorTransform transform,
           const T* x,  // [pixels, 3]
           std::int64_t x_channel,
           T* y,  // [pixels, 3]
           std::int64_t y_channel, bool accumulate) {
    switch (transform) {
        case ColorTransform::to_ycrcb:
            return detail::color_pixels<ColorTransform::to_ycrcb>(pixels, x, x_channel, y, y_channel, accumulate);
        case ColorTransform::to_rgb:
            return detail::color_pixels<ColorTransform::to_rgb>(pixels, x, x_channel, y, y_channel, accumulate);
        case ColorTransform::to_ycrcb_gradient:
            return detail::color_pixels<ColorTransform::to_ycrcb_gradient>(pixels, x, x_channel, y, y_channel,
                                                                           accumulate);
        case ColorTransform::to_rgb_gradient:
            return detail::color_pixels<ColorTransform::to_rgb_gradient>(pixels, x, x_channel, y, y_channel,
                                                                         accumulate);
        case ColorTransform::to_ycrcb_linear:
            return detail::color_pixels<ColorTransform::to_ycrcb_linear>(pixels, x, x_channel, y, y_channel,
                                                                         accumulate);
        case ColorTransform::to_rgb_linear:
            return detail::color_pixels<ColorTransform::to_rgb_linear>(pixels, x, x_channel, y, y_channel, accumulate);
    }
}

}  // namespace fathom::inline v0::kernels
