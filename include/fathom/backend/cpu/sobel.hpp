// The CPU's Sobel magnitude: unpacks abi::SobelArgs for kernels/sobel.hpp.
#pragma once

#include "fathom/backend/cpu/arrays.hpp"
#include "fathom/kernels/sobel.hpp"

namespace fathom::inline v0::cpu {

inline kernels::ImageShape image_shape(const abi::Array& a) { return {a.shape[0], a.shape[1], a.shape[2], a.shape[3]}; }

template <class T>
kernels::Images<T> images(const abi::Array& a) {
    return {static_cast<T*>(a.data), a.strides[0], a.strides[1], a.strides[2], a.strides[3]};
}

template <class T>
void sobel_forward(const abi::Call& call, const abi::SobelArgs& args) {
    kernels::sobel<T>(image_shape(args.x), images<const T>(args.x), data<T>(args.wx), data<T>(args.wy),
                      images<T>(args.y), accumulates(call));
}

template <class T>
void sobel_backward(const abi::Call& call, const abi::SobelArgs& args) {
    kernels::sobel_backward<T>(image_shape(args.x), images<const T>(args.x), data<T>(args.wx), data<T>(args.wy),
                               images<const T>(args.dy), images<T>(args.dx), data<T>(args.dwx), data<T>(args.dwy),
                               accumulates(call));
}

}  // namespace fathom::inline v0::cpu
