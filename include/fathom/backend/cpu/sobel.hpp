// The CPU's Sobel magnitude: unpacks abi::SobelArgs for kernels/sobel.hpp.
#pragma once

#include "fathom/backend/cpu/images.hpp"
#include "fathom/kernels/sobel.hpp"

namespace fathom::inline v0::cpu {

template <class T>
void sobel(const abi::Call&, const abi::SobelArgs& args) {
    kernels::sobel<T>(image_shape(args.x), images<const T>(args.x), data<T>(args.wx), data<T>(args.wy),
                      images<T>(args.y), args.first_row, args.y.shape[2], args.y.add != 0);
}

template <class T>
void sobel_backward(const abi::Call&, const abi::SobelArgs& args) {
    kernels::sobel_backward<T>(image_shape(args.x), images<const T>(args.x), data<T>(args.wx), data<T>(args.wy),
                               images<const T>(args.dy), images<T>(args.dx), data<T>(args.dwx), data<T>(args.dwy),
                               {args.dx.add != 0, args.dwx.add != 0, args.dwy.add != 0});
}

}  // namespace fathom::inline v0::cpu
