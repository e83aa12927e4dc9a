// The CPU's pooling: unpacks abi::WindowArgs for kernels/window.hpp (maxima) and kernels/resize.hpp (averages).
#pragma once

#include "fathom/backend/cpu/images.hpp"
#include "fathom/kernels/resize.hpp"
#include "fathom/kernels/window.hpp"

namespace fathom::inline v0::cpu {

// Direction 0 is vertical, 1 horizontal. x and y: the arrays, or their gradients.
inline kernels::WindowDimension window_dimension(const abi::WindowArgs& args, const abi::Array& x, const abi::Array& y,
                                                 int direction) {
    return {x.shape[2 + direction],  y.shape[2 + direction],   args.kernel[direction], args.stride[direction],
            args.padding[direction], args.dilation[direction], args.adaptive != 0};
}

inline kernels::WindowShape window_shape(const abi::WindowArgs& args, const abi::Array& x, const abi::Array& y) {
    return {x.shape[0], x.shape[1], window_dimension(args, x, y, 0), window_dimension(args, x, y, 1)};
}

inline kernels::Resampling averages(const abi::WindowArgs& args, const abi::Array& x, const abi::Array& y,
                                    int direction) {
    const kernels::WindowDimension windows = window_dimension(args, x, y, direction);
    if (args.adaptive) return kernels::adaptive_averages(windows.inputs, windows.outputs);
    // The divisor of both directions divides once.
    const double divisor = direction == 0 || args.divisor == 0 ? static_cast<double>(args.divisor) : 1;
    return kernels::averages(windows, args.count_padding != 0, divisor);
}

// Entries for one kind of pooling each: a program that averages needs no maxima.
template <class T>
void max_pool(const abi::Call& call, const abi::WindowArgs& args) {
    if (numel(args.y) == 0) return;
    kernels::max_pool<T>(window_shape(args, args.x, args.y), channels_last_images<const T>(call, args.x),
                         channels_last_images<T>(call, args.y), channels_last_images<T>(call, args.index));
}

template <class T>
void max_pool_backward(const abi::Call& call, const abi::WindowArgs& args) {
    if (numel(args.dx) == 0) return;
    kernels::max_pool_backward<T>(window_shape(args, args.dx, args.dy), channels_last_images<const T>(call, args.index),
                                  channels_last_images<const T>(call, args.dy), channels_last_images<T>(call, args.dx),
                                  args.dx.add != 0);
}

template <class T>
void take(const abi::Call& call, const abi::WindowArgs& args) {
    if (numel(args.y) == 0) return;
    kernels::take<T>(window_shape(args, args.x, args.y), channels_last_images<const T>(call, args.x),
                     channels_last_images<const T>(call, args.index), channels_last_images<T>(call, args.y));
}

template <class T>
void average_pool(const abi::Call& call, const abi::WindowArgs& args) {
    const abi::Array &x = args.x, &y = args.y;
    if (numel(y) == 0) return;
    kernels::resize<T>(x.shape[0], x.shape[1], averages(args, x, y, 0), averages(args, x, y, 1),
                       channels_last_images<const T>(call, x), channels_last_images<T>(call, y), y.add != 0);
}

template <class T>
void average_pool_backward(const abi::Call& call, const abi::WindowArgs& args) {
    const abi::Array &dx = args.dx, &dy = args.dy;
    if (numel(dx) == 0) return;
    kernels::resize<T>(dx.shape[0], dx.shape[1], transposed(averages(args, dx, dy, 0)),
                       transposed(averages(args, dx, dy, 1)), channels_last_images<const T>(call, dy),
                       channels_last_images<T>(call, dx), dx.add != 0);
}

}  // namespace fathom::inline v0::cpu
