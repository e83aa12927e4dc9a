// interpolate: images of another size.
#pragma once

#include "fathom/backend/cpu/resize.hpp"
#include "fathom/ops/linear_map.hpp"

namespace fathom::inline v0 {

struct InterpolateOptions {
    Interpolation mode = Interpolation::nearest;
    bool align_corners = false;  // bilinear only: the centres of the corner pixels stay in place, not their borders
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
}  // namespace detail

// x [N, C, H, W] -> [N, C, size] with channels-last strides. Output i is made from the input at the first place
// (nearest), or between those around the second (bilinear with align_corners) or the third (without):
//   floor(i H / H')
//   i (H - 1) / (H' - 1)
//   max(0, (i + 1/2) H / H' - 1/2)
template <FloatElement T>
Tensor<T> interpolate(const Tensor<T>& x, Pair size, const InterpolateOptions& options = {},
                      Where site = Where::here()) {
    detail::check_new_size(x, size, "size", "interpolate", site);
    if (options.align_corners && options.mode != Interpolation::bilinear)
        fail("interpolate", site, {"align_corners is for bilinear interpolation only"});
    return detail::LinearMap<T, detail::ResizeMap<T>>::forward(
        {.mode = options.mode, .align_corners = options.align_corners}, x, size, "interpolate", site);
}

}  // namespace fathom::inline v0
