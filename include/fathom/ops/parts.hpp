// Views of parts: split, chunk and unbind along a dimension, windows (unfold), a diagonal. Differentiable.
#pragma once

#include <vector>

#include "fathom/ops/views.hpp"

namespace fathom::inline v0 {

namespace detail {
AnyTensor unfold(const AnyTensor& x, int dim, std::int64_t size, std::int64_t step, Where site);
AnyTensor diagonal(const AnyTensor& x, std::int64_t offset, int dim1, int dim2, Where site);
std::vector<AnyTensor> split(const AnyTensor& x, std::int64_t size, int dim, const char* name, Where site);
std::vector<AnyTensor> split(const AnyTensor& x, const std::vector<std::int64_t>& sizes, int dim, Where site);
std::vector<AnyTensor> chunk(const AnyTensor& x, std::int64_t chunks, int dim, Where site);
std::vector<AnyTensor> unbind(const AnyTensor& x, int dim, Where site);
template <Element T>
std::vector<Tensor<T>> typed(const std::vector<AnyTensor>& tensors) {
    std::vector<Tensor<T>> all;
    for (const AnyTensor& x : tensors) all.push_back(Tensor<T>::adopt(x));
    return all;
}
}  // namespace detail

// Windows of `size` elements, `step` apart along a dimension, in a new last one.
template <Element T>
Tensor<T> unfold(const Tensor<T>& x, int dimension, std::int64_t size, std::int64_t step, Where site = Where::here()) {
    return Tensor<T>::adopt(detail::unfold(x, dimension, size, step, site));
}
// The diagonal of two dimensions, in a new last one; offset > 0: above it, < 0: below.
template <Element T>
Tensor<T> diagonal(const Tensor<T>& x, std::int64_t offset = 0, int dim1 = 0, int dim2 = 1,
                   Where site = Where::here()) {
    return Tensor<T>::adopt(detail::diagonal(x, offset, dim1, dim2, site));
}
// Parts of `size` along dim; the last one may be smaller.
template <Element T>
std::vector<Tensor<T>> split(const Tensor<T>& x, std::int64_t size, int dim = 0, Where site = Where::here()) {
    return detail::typed<T>(detail::split(x, size, dim, "split", site));
}
// Parts of the given sizes, which make up the dimension.
template <Element T>
std::vector<Tensor<T>> split(const Tensor<T>& x, const std::vector<std::int64_t>& sizes, int dim = 0,
                             Where site = Where::here()) {
    return detail::typed<T>(detail::split(x, sizes, dim, site));
}
// At most `chunks` parts of one size, of which the last one may be smaller.
template <Element T>
std::vector<Tensor<T>> chunk(const Tensor<T>& x, std::int64_t chunks, int dim = 0, Where site = Where::here()) {
    return detail::typed<T>(detail::chunk(x, chunks, dim, site));
}
// The slices along dim, which disappears.
template <Element T>
std::vector<Tensor<T>> unbind(const Tensor<T>& x, int dim = 0, Where site = Where::here()) {
    return detail::typed<T>(detail::unbind(x, dim, site));
}

}  // namespace fathom::inline v0

#ifndef FATHOM_COMPILED
#include "fathom/ops/parts.inl.hpp"
#endif
