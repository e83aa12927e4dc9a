// Copies: clone, contiguous, to<U>() and to(device), cat, stack.
#pragma once

#include <vector>

#include "fathom/ops/views.hpp"

namespace fathom::inline v0 {

namespace detail {
// How the gradient of a conversion is converted back, and the gradient of that; ops: of the result's gradient.
struct ConversionGradient {
    ElementwiseKernel back, forth;
    const autograd::TypeOps* ops;
};
// gradient: null where none exists.
AnyTensor to_dtype(const AnyTensor& x, DType dtype, const ElementwiseKernel& conversion,
                   const ConversionGradient* gradient, Where site);
template <FractionElement T, FractionElement U>
inline constexpr ConversionGradient conversion_gradient = {cpu::conversion<U, T>, cpu::conversion<T, U>,
                                                           &autograd::type_ops<U>};
AnyTensor to_device(const AnyTensor& x, Device device, const ElementwiseKernel& copy, Where site);
AnyTensor cat(const std::vector<AnyTensor>& tensors, int dim, const ElementwiseKernel& copy, Where site);
}  // namespace detail

// A copy of the values, dense in the same order of memory.
template <Element T>
Tensor<T> clone(const Tensor<T>& x, Where site = Where::here()) {
    detail::require_defined(x, "clone", site);
    const Shape strides = detail::strides_in_order_of(x.shape(), x.shape(), x.strides());
    return Tensor<T>::adopt(detail::copy_to_strides(x, strides, cpu::kernel<T, Elementwise::copy>, "clone", site));
}
template <Element T>
Tensor<T> contiguous(const Tensor<T>& x, MemoryFormat format = MemoryFormat::row_major, Where site = Where::here()) {
    detail::require_defined(x, "contiguous", site);
    if (format == MemoryFormat::channels_last && x.rank() != 4)
        fail("contiguous", site, {"channels last needs 4 dimensions, got shape ", x.shape()});
    if (x.is_contiguous(format)) return x;
    return Tensor<T>::adopt(detail::copy_to_strides(x, detail::strides_of(x.shape(), format),
                                                    cpu::kernel<T, Elementwise::copy>, "contiguous", site));
}
// Another dtype: floating to integer truncates towards zero and saturates; to bool is != 0. The same dtype gives x
// itself. Between those with fractions gradients pass, rounded to the type of the tensor whose they are.
template <Element U, Element T>
Tensor<U> to(const Tensor<T>& x, Where site = Where::here()) {
    if constexpr (std::is_same_v<U, T>) {
        return x;
    } else {
        const detail::ConversionGradient* gradient = nullptr;
        if constexpr (FractionElement<T> && FractionElement<U>) gradient = &detail::conversion_gradient<T, U>;
        return Tensor<U>::adopt(detail::to_dtype(x, dtype_of<U>, cpu::conversion<T, U>, gradient, site));
    }
}
// Another device; throws if it is not there. The same device gives x itself.
template <Element T>
Tensor<T> to_device(const Tensor<T>& x, Device device, Where site = Where::here()) {
    return Tensor<T>::adopt(detail::to_device(x, device, cpu::kernel<T, Elementwise::copy>, site));
}

// Tensors one after another along dim; all other sizes are equal.
template <Element T>
Tensor<T> cat(const std::vector<Tensor<T>>& tensors, int dim = 0, Where site = Where::here()) {
    return Tensor<T>::adopt(
        detail::cat({tensors.begin(), tensors.end()}, dim, cpu::kernel<T, Elementwise::copy>, site));
}
// Tensors of one shape along a new dimension.
template <Element T>
Tensor<T> stack(const std::vector<Tensor<T>>& tensors, int dim = 0, Where site = Where::here()) {
    std::vector<Tensor<T>> slices;
    for (const Tensor<T>& t : tensors) slices.push_back(unsqueeze(t, dim, site));
    return cat(slices, dim, site);
}

}  // namespace fathom::inline v0

#ifndef FATHOM_COMPILED
#include "fathom/ops/copy.inl.hpp"
#endif
