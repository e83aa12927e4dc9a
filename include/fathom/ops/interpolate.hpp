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
AnyTensor interpolate(const LinearMap<abi::ResizeArgs>& map, const AnyTensor& x, Pair size,
                      const InterpolateOptions& options, Where site);
}

// x [N, C, H, W] -> [N, C, size] with channels-last strides. Nearest: input floor(i H / H'). Bilinear: between the
// inputs around i (H - 1) / (H' - 1) with align_corners, else around max(0, (i + 1/2) H / H' - 1/2).
template <FloatElement T>
Tensor<T> interpolate(const Tensor<T>& x, Pair size, const InterpolateOptions& options = {},
                      Where site = Where::here()) {
    static constexpr detail::LinearMap<abi::ResizeArgs> map = {&cpu::resize<T>, &cpu::resize_backward<T>,
                                                               &abi::Table::resize, &abi::Table::resize_backward,
                                                               &autograd::type_ops<T>};
    return detail::typed<T>(detail::interpolate(map, x, size, options, site));
}

}  // namespace fathom::inline v0

#ifndef FATHOM_COMPILED
#include "fathom/ops/interpolate.inl.hpp"
#endif
