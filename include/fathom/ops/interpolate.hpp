// interpolate: images of another size.
#pragma once

#include "fathom/backend/cpu/resize.hpp"
#include "fathom/ops/linear_map.hpp"

namespace fathom::inline v0 {

// How much larger images become: one number for both directions, or {vertical, horizontal}. 0: a size is given instead.
struct ScaleFactor {
    double h, w;
    constexpr ScaleFactor(double both = 0) : h(both), w(both) {}
    constexpr ScaleFactor(double vertical, double horizontal) : h(vertical), w(horizontal) {}
};

// The fields are in the order of PyTorch's arguments.
struct InterpolateOptions {
    ScaleFactor scale_factor = 0;
    Interpolation mode = Interpolation::nearest;
    bool align_corners =
        false;  // bilinear and bicubic: the centres of the corner pixels stay in place, not their borders
};

namespace detail {
template <FloatElement T>
struct ResizeMap {
    using Args = abi::ResizeArgs;
    static void forward(const AnyTensor& x, const char* name, Where site, const Args& args) {
        run(x, name, site, operation::resize, &cpu::resize<T>, args);
    }
    static void backward(const AnyTensor& dy, const char* name, Where site, const Args& args) {
        run(dy, name, site, operation::resize_backward, &cpu::resize_backward<T>, args);
    }
};

struct Interpolated {
    abi::ResizeArgs numbers;
    Pair size = 1;
};
// Everything checked; size: null where the options have a scale.
Interpolated interpolated(const AnyTensor& x, const Pair* size, const InterpolateOptions& options, Where site);
}  // namespace detail

// x [N, C, H, W] -> [N, C, size] with channels-last strides. Output i is made from the input at the first place
// (nearest) or the second (nearest_exact), or between those around the third with align_corners or the fourth without:
// two for bilinear, where a negative place counts as 0; four for bicubic.
//   floor(i H / H')
//   floor((i + 1/2) H / H')
//   i (H - 1) / (H' - 1)
//   (i + 1/2) H / H' - 1/2
template <FloatElement T>
Tensor<T> interpolate(const Tensor<T>& x, Pair size, const InterpolateOptions& options = {},
                      Where site = Where::here()) {
    const auto [numbers, output] = detail::interpolated(x, &size, options, site);
    return detail::LinearMap<T, detail::ResizeMap<T>>::forward(numbers, x, output, "interpolate", site);
}
// interpolate(x, {.scale_factor = 2}): to floor(H scale), and places are made with 1 / scale instead of H / H'.
template <FloatElement T>
Tensor<T> interpolate(const Tensor<T>& x, const InterpolateOptions& options, Where site = Where::here()) {
    const auto [numbers, output] = detail::interpolated(x, nullptr, options, site);
    return detail::LinearMap<T, detail::ResizeMap<T>>::forward(numbers, x, output, "interpolate", site);
}

}  // namespace fathom::inline v0

#ifndef FATHOM_COMPILED
#include "fathom/ops/interpolate.inl.hpp"
#endif
