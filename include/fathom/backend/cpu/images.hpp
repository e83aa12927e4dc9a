// From the seam's arrays of images to what kernels over images take.
#pragma once

#include "fathom/backend/cpu/arrays.hpp"
#include "fathom/kernels/image_rows.hpp"

namespace fathom::inline v0::cpu {

inline kernels::ImageShape image_shape(const abi::Array& a) { return {a.shape[0], a.shape[1], a.shape[2], a.shape[3]}; }

template <class T>
kernels::Images<T> images(const abi::Array& a) {
    return {static_cast<T*>(a.data), a.strides[0], a.strides[1], a.strides[2], a.strides[3]};
}

// Where kernels take no other layout: the channels of a pixel side by side.
template <class T>
kernels::Images<T> channels_last_images(const abi::Call& call, const abi::Array& a) {
    if (a.data && a.shape[1] > 1 && a.strides[1] != 1)
        fail(call, {"an image is not channels-last: its channels are ", a.strides[1], " elements apart"});
    return images<T>(a);
}

}  // namespace fathom::inline v0::cpu
