// Views: another shape or part of the same storage, without a copy. Differentiable.
#pragma once

#include "fathom/autograd/backward.hpp"

namespace fathom::inline v0 {

namespace detail {
AnyTensor permute(const AnyTensor& x, const Shape& dims, Where site);
AnyTensor slice(const AnyTensor& x, int dim, std::int64_t begin, std::int64_t end, std::int64_t step, Where site);
AnyTensor narrow(const AnyTensor& x, int dim, std::int64_t begin, std::int64_t length, Where site);
AnyTensor select(const AnyTensor& x, int dim, std::int64_t index, Where site);
AnyTensor expand(const AnyTensor& x, const Shape& shape, Where site);
AnyTensor squeeze(const AnyTensor& x, int dim, Where site);
AnyTensor squeeze_all(const AnyTensor& x, Where site);
AnyTensor unsqueeze(const AnyTensor& x, int dim, Where site);
// One dimension of `shape` may be -1. `copy` makes a row-major copy where strides cannot show the new shape.
AnyTensor reshape(const AnyTensor& x, const Shape& shape, const ElementwiseKernel& copy, Where site);
// The same without a copy; throws where that cannot be.
AnyTensor view(const AnyTensor& x, const Shape& shape, Where site);
// The shape of x with some dimensions made one, or one made several.
Shape flattened(const AnyTensor& x, int start_dim, int end_dim, Where site);
Shape unflattened(const AnyTensor& x, int dim, const Shape& sizes, Where site);
// A recorded copy with the given strides.
AnyTensor copy_to_strides(const AnyTensor& x, const Shape& strides, const ElementwiseKernel& copy, const char* name,
                          Where site);
// Sums x down to a shape that broadcasts to x's: the gradient of a broadcast.
AnyTensor sum_to(const AnyTensor& x, const Shape& shape, const autograd::TypeOps* ops, Where site);
// The same into a gradient's place; nothing is recorded.
void sum_into(const AnyTensor& x, const Target& target, CpuKernel<abi::ReduceArgs> sum, const char* name, Where site);
}  // namespace detail

// Dimensions in a new order: permute(x, {0, 2, 3, 1}).
template <Element T>
Tensor<T> permute(const Tensor<T>& x, const Shape& dims, Where site = Where::here()) {
    return Tensor<T>::adopt(detail::permute(x, dims, site));
}
template <Element T>
Tensor<T> transpose(const Tensor<T>& x, int a, int b, Where site = Where::here()) {
    detail::require_defined(x, "transpose", site);
    Shape dims;
    for (int i = 0; i < x.rank(); ++i) dims.push_back(i);
    const int p = detail::checked_dim(a, x.rank(), "transpose", site),
              q = detail::checked_dim(b, x.rank(), "transpose", site);
    dims[p] = q, dims[q] = p;
    return permute(x, dims, site);
}
// Every step-th element of [begin, end) along dim; negative begin and end count from the end, an end beyond it is the
// end (as in NumPy).
template <Element T>
Tensor<T> slice(const Tensor<T>& x, int dim, std::int64_t begin, std::int64_t end, std::int64_t step = 1,
                Where site = Where::here()) {
    return Tensor<T>::adopt(detail::slice(x, dim, begin, end, step, site));
}
// [begin, begin + length) along dim, which must lie inside.
template <Element T>
Tensor<T> narrow(const Tensor<T>& x, int dim, std::int64_t begin, std::int64_t length, Where site = Where::here()) {
    return Tensor<T>::adopt(detail::narrow(x, dim, begin, length, site));
}
// One index of a dimension, which disappears.
template <Element T>
Tensor<T> select(const Tensor<T>& x, int dim, std::int64_t index, Where site = Where::here()) {
    return Tensor<T>::adopt(detail::select(x, dim, index, site));
}
// Repeats dimensions of size 1 (and new leading ones) without a copy; -1 keeps a size.
template <Element T>
Tensor<T> expand(const Tensor<T>& x, const Shape& shape, Where site = Where::here()) {
    return Tensor<T>::adopt(detail::expand(x, shape, site));
}
// Without the dimension if its size is 1; without all dimensions of size 1.
template <Element T>
Tensor<T> squeeze(const Tensor<T>& x, int dim, Where site = Where::here()) {
    return Tensor<T>::adopt(detail::squeeze(x, dim, site));
}
template <Element T>
Tensor<T> squeeze(const Tensor<T>& x, Where site = Where::here()) {
    return Tensor<T>::adopt(detail::squeeze_all(x, site));
}
template <Element T>
Tensor<T> unsqueeze(const Tensor<T>& x, int dim, Where site = Where::here()) {
    return Tensor<T>::adopt(detail::unsqueeze(x, dim, site));
}
// A view where the strides allow it, otherwise a copy. One dimension may be -1.
template <Element T>
Tensor<T> reshape(const Tensor<T>& x, const Shape& shape, Where site = Where::here()) {
    return Tensor<T>::adopt(detail::reshape(x, shape, cpu::kernel<T, Elementwise::copy>, site));
}
// The same, but never a copy: throws where the strides do not allow a view.
template <Element T>
Tensor<T> view(const Tensor<T>& x, const Shape& shape, Where site = Where::here()) {
    return Tensor<T>::adopt(detail::view(x, shape, site));
}
// Dimensions start_dim to end_dim made one.
template <Element T>
Tensor<T> flatten(const Tensor<T>& x, int start_dim = 0, int end_dim = -1, Where site = Where::here()) {
    return reshape(x, detail::flattened(x, start_dim, end_dim, site), site);
}
// One dimension made several; one of the sizes may be -1.
template <Element T>
Tensor<T> unflatten(const Tensor<T>& x, int dim, const Shape& sizes, Where site = Where::here()) {
    return reshape(x, detail::unflattened(x, dim, sizes, site), site);
}

}  // namespace fathom::inline v0

#ifndef FATHOM_COMPILED
#include "fathom/ops/views.inl.hpp"
#endif
