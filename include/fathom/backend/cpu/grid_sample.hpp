// The CPU's sampling at the places of a grid: unpacks abi::GridSampleArgs for kernels/grid_sample.hpp.
#pragma once

#include "fathom/backend/cpu/images.hpp"
#include "fathom/kernels/grid_sample.hpp"

namespace fathom::inline v0::cpu {

// x and y: the images, or their gradients.
inline kernels::GridSampleShape grid_sample_shape(const abi::GridSampleArgs& args, const abi::Array& x,
                                                  const abi::Array& y) {
    return {image_shape(x),
            y.shape[2],
            y.shape[3],
            args.mode,
            args.padding,
            args.align_corners != 0,
            {args.derivative[0], args.derivative[1]}};
}

// A grid [N, OH, OW, 2] as images of two channels.
template <class T>
kernels::Images<T> grid_images(const abi::Array& a) {
    return {static_cast<T*>(a.data), a.strides[0], a.strides[3], a.strides[1], a.strides[2]};
}

template <class T>
void grid_sample(const abi::Call& call, const abi::GridSampleArgs& args) {
    if (numel(args.y) == 0) return;
    kernels::grid_sample<T>(grid_sample_shape(args, args.x, args.y), channels_last_images<const T>(call, args.x),
                            grid_images<const T>(args.grid), channels_last_images<T>(call, args.y), args.y.add != 0);
}

template <class T>
void grid_sample_backward(const abi::Call& call, const abi::GridSampleArgs& args) {
    if (args.dx.data && numel(args.dx) != 0)
        kernels::grid_sample_input_gradient<T>(
            grid_sample_shape(args, args.dx, args.dy), grid_images<const T>(args.grid),
            channels_last_images<const T>(call, args.dy), channels_last_images<T>(call, args.dx), args.dx.add != 0);
    if (args.dgrid.data && numel(args.dgrid) != 0)
        kernels::grid_sample_grid_gradient<T>(
            grid_sample_shape(args, args.x, args.dy), channels_last_images<const T>(call, args.x),
            grid_images<const T>(args.grid), channels_last_images<const T>(call, args.dy), grid_images<T>(args.dgrid),
            args.dgrid.add != 0);
}

}  // namespace fathom::inline v0::cpu
