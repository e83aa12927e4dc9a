// The CPU's interpolation: unpacks abi::ResizeArgs for kernels/resize.hpp.
#pragma once

#include "fathom/backend/cpu/images.hpp"
#include "fathom/kernels/resize.hpp"

namespace fathom::inline v0::cpu {

// Direction 0 is vertical, 1 horizontal. x and y: the arrays, or their gradients.
inline kernels::Resampling interpolation(const abi::ResizeArgs& args, const abi::Array& x, const abi::Array& y,
                                         int direction) {
    const std::int64_t inputs = x.shape[2 + direction], outputs = y.shape[2 + direction];
    const double scale = args.scale[direction];
    switch (args.mode) {
        case Interpolation::nearest:
            return kernels::nearest(inputs, outputs, scale);
        case Interpolation::nearest_exact:
            return kernels::nearest_exact(inputs, outputs, scale);
        case Interpolation::bilinear:
            return kernels::bilinear(inputs, outputs, args.align_corners != 0, scale);
        default:
            return kernels::bicubic(inputs, outputs, args.align_corners != 0, scale);
    }
}

template <class T>
void resize(const abi::Call& call, const abi::ResizeArgs& args) {
    const abi::Array &x = args.x, &y = args.y;
    if (numel(y) == 0) return;
    kernels::resize<T>(x.shape[0], x.shape[1], interpolation(args, x, y, 0), interpolation(args, x, y, 1),
                       channels_last_images<const T>(call, x), channels_last_images<T>(call, y), y.add != 0);
}

template <class T>
void resize_backward(const abi::Call& call, const abi::ResizeArgs& args) {
    const abi::Array &dx = args.dx, &dy = args.dy;
    if (numel(dx) == 0) return;
    kernels::resize<T>(dx.shape[0], dx.shape[1], transposed(interpolation(args, dx, dy, 0)),
                       transposed(interpolation(args, dx, dy, 1)), channels_last_images<const T>(call, dy),
                       channels_last_images<T>(call, dx), dx.add != 0);
}

}  // namespace fathom::inline v0::cpu
