// What operations on images share: a size for both directions, and the layout that kernels take: channels-last, pixels
// one constant step apart.
#pragma once

#include "fathom/ops/copy.hpp"

namespace fathom::inline v0 {

// One number for both directions, or {vertical, horizontal}.
struct Pair {
    std::int64_t h, w;
    constexpr Pair(Dim both) : h(both.value), w(both.value) {}
    constexpr Pair(Dim vertical, Dim horizontal) : h(vertical.value), w(horizontal.value) {}
    template <class Integer>
    requires std::is_integral_v<Integer>
    constexpr Pair(Integer both) : Pair(Dim(both)) {}
};

namespace detail {

// [N, C, H, W], uninitialised, channels last, of the dtype and on the device of `like`.
AnyTensor new_images(const Shape& shape, const AnyTensor& like, const char* name, Where site);
// The same for a `like` of T's dtype.
template <Element T>
Tensor<T> new_images(const Shape& shape, const AnyTensor& like, const char* name, Where site) {
    return Tensor<T>::adopt(new_images(shape, like, name, site));
}
// What a kernel sees of an image: its pixel stride written into every stride, also where a size of 1 leaves them open.
abi::Array image_array(const AnyTensor& x);
abi::Array image_array(const Target& x);
// Itself if its pixels lie at one stride, else a recorded channels-last copy.
AnyTensor with_pixel_stride(const AnyTensor& x, const ElementwiseKernel& copy, const char* name, Where site);
// Itself if it has these strides where its sizes are not 1, else a recorded copy that has them.
AnyTensor in_strides(const AnyTensor& x, const Shape& strides, const ElementwiseKernel& copy, const char* name,
                     Where site);
// Itself if it is row-major, else a recorded copy: what kernels take of weights.
AnyTensor row_major(const AnyTensor& x, const ElementwiseKernel& copy, const char* name, Where site);

// f(x); of one image, with `rank` dimensions, f of it as a batch of one.
template <Element T, class F>
Tensor<T> with_batch(const Tensor<T>& x, int rank, Where site, F f) {
    if (!x.defined() || x.rank() != rank) return f(x);
    return squeeze(f(unsqueeze(x, 0, site)), 0, site);
}

}  // namespace detail
}  // namespace fathom::inline v0

#ifndef FATHOM_COMPILED
#include "fathom/ops/images.inl.hpp"
#endif
