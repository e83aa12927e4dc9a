// unfold: the windows of an image as columns (im2col), and fold, which adds them up again. Each one's gradient is the
// other.
#pragma once

#include "fathom/ops/images.hpp"

namespace fathom::inline v0 {

// The fields are in the order of PyTorch's arguments.
struct UnfoldOptions {
    Pair kernel_size;
    Pair dilation = 1;
    Pair padding = 0;
    Pair stride = 1;
};

namespace detail {
AnyTensor unfold(const AnyTensor& x, const UnfoldOptions& options, const autograd::TypeOps& ops, Where site);
AnyTensor fold(const AnyTensor& columns, Pair output_size, const UnfoldOptions& options, const autograd::TypeOps& ops,
               Where site);
}  // namespace detail

// x [N, C, H, W] or [C, H, W] -> [N, C kh kw, L] or [C kh kw, L]: column l has the l-th window's elements of every
// channel, zeros beyond the image; as many windows as outputs of a convolution of this size.
template <FloatElement T>
Tensor<T> unfold(const Tensor<T>& x, const UnfoldOptions& options, Where site = Where::here()) {
    return detail::with_batch(x, 3, site, [&](const Tensor<T>& images) {
        return Tensor<T>::adopt(detail::unfold(images, options, autograd::type_ops<T>, site));
    });
}
// columns [N, C kh kw, L] or [C kh kw, L] -> [N, C, output_size] or [C, output_size]: each pixel is the sum over the
// windows that cover it.
template <FloatElement T>
Tensor<T> fold(const Tensor<T>& columns, Pair output_size, const UnfoldOptions& options, Where site = Where::here()) {
    return detail::with_batch(columns, 2, site, [&](const Tensor<T>& all) {
        return Tensor<T>::adopt(detail::fold(all, output_size, options, autograd::type_ops<T>, site));
    });
}

}  // namespace fathom::inline v0

#ifndef FATHOM_COMPILED
#include "fathom/ops/unfold.inl.hpp"
#endif
