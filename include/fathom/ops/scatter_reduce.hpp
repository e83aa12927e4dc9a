// scatter_reduce and index_reduce: what comes to one place is summed, multiplied, averaged, or its extreme is kept.
#pragma once

#include "fathom/ops/cumulative.hpp"
#include "fathom/ops/index.hpp"
#include "fathom/ops/masked.hpp"
#include "fathom/ops/sort.hpp"
#include "fathom/tensor/factories.hpp"

namespace fathom::inline v0 {

enum class ScatterReduce { sum, prod, mean, amax, amin };

namespace detail {

// x with a number at the index along d.
template <Element T>
Tensor<T> with_number_at(const Tensor<T>& x, int d, const AnyTensor& index, T value, const char* name, Where site) {
    return Scatter<T>::forward(x, d, index, repeated_scalar<T>(value, index, site), name, site);
}

// How many come to each place, its own among them if it counts; at least 1.
template <FloatElement T>
Tensor<T> scatter_mean(const Tensor<T>& x, int d, const AnyTensor& index, const Tensor<T>& src, bool include_self,
                       const char* name, Where site) {
    const Tensor<T> one = ones_like(x, site), own = include_self ? one : with_number_at(one, d, index, T{}, name, site),
                    base = include_self ? x : with_number_at(x, d, index, T{}, name, site),
                    each = repeated_scalar<T>(T{1}, index, site),
                    count = ScatterAdd<T>::forward(own, d, index, each, name, site);
    return div(Operand<T>(ScatterAdd<T>::forward(base, d, index, src, name, site), site), Operand<T>(count, site));
}

// The largest or smallest number at each place; equal ones share the gradient.
template <FloatElement T>
Tensor<T> scatter_extreme(const Tensor<T>& x, int d, const Tensor<std::int64_t>& index, const Tensor<T>& src,
                          bool largest, bool include_self, const char* name, Where site) {
    // Of several that are written to one place the last one stays: the extreme, in the right order.
    const auto order = sort_indices(src, d, -1, !largest, true, name, site);
    const Tensor<T> own = x.detach(), in_order = gather(src.detach(), d, order, site);
    const auto at = gather(index, d, order, site);
    Tensor<T> y = Scatter<T>::forward(own, d, at, in_order, name, site);
    if (include_self) y = largest ? maximum(own, y, site) : minimum(own, y, site);
    const Tensor<T> seen = gather(y, d, index, site);
    const Tensor<bool> chosen = equal(Operand<T>(seen, site), Operand<T>(src.detach(), site));
    // Without itself a place keeps its number where nothing comes.
    const auto nothing = with_number_at(full_like(x, 1, site), d, index, T{}, name, site);
    const Tensor<bool> kept = include_self ? equal(Operand<T>(own, site), Operand<T>(y, site))
                                           : not_equal(Operand<T>(nothing, site), Operand<T>(0, site));
    const Tensor<T> count = ScatterAdd<T>::forward(to<T>(kept, site), d, index, to<T>(chosen, site), name, site),
                    total = ScatterAdd<T>::forward(where(kept, x, 0, site), d, index, where(chosen, src, 0, site), name,
                                                   site);
    return div(Operand<T>(total, site), Operand<T>(count, site));
}

// Products by prod(), whose gradient knows zeros: for each place all of its line's numbers, 1 in place of those that go
// elsewhere.
template <FloatElement T>
Tensor<T> scatter_prod(const Tensor<T>& x, int d, const Tensor<std::int64_t>& index, const Tensor<T>& src,
                       bool include_self, const char* name, Where site) {
    // Throws for a place that is not there.
    const Tensor<T> rest_of_x = with_number_at(x, d, index, T{1}, name, site);
    Shape line = Shape::filled(x.rank() + 1, 1);
    line[d + 1] = x.shape()[d];
    const auto places = reshape(arange<std::int64_t>(x.shape()[d], site).to(x.device(), site), line, site),
               targets = unsqueeze(index, d + 1, site);
    const Tensor<bool> here = equal(Operand<std::int64_t>(targets, site), Operand<std::int64_t>(places, site));
    Tensor<T> factor = prod(where(here, unsqueeze(src, d + 1, site), 1, site), d, false, site);
    for (int e = 0; e < x.rank(); ++e) {
        Shape rest = factor.shape();
        rest[e] = x.shape()[e] - factor.shape()[e];
        if (rest[e] > 0) factor = cat<T>({factor, expand(scalar_tensor(T{1}, x.device(), site), rest, site)}, e, site);
    }
    return mul(Operand<T>(include_self ? x : rest_of_x, site), Operand<T>(factor, site));
}

template <FloatElement T>
Tensor<T> scatter_reduce(const Tensor<T>& x, int d, const Tensor<std::int64_t>& index, const Tensor<T>& src,
                         ScatterReduce reduce, bool include_self, const char* name, Where site) {
    if (reduce == ScatterReduce::sum)
        return ScatterAdd<T>::forward(include_self ? x : with_number_at(x, d, index, T{}, name, site), d, index, src,
                                      name, site);
    if (reduce == ScatterReduce::mean) return scatter_mean(x, d, index, src, include_self, name, site);
    if (reduce == ScatterReduce::prod) return scatter_prod(x, d, index, src, include_self, name, site);
    return scatter_extreme(x, d, index, src, reduce == ScatterReduce::amax, include_self, name, site);
}

}  // namespace detail

// x with out[i, index[i, j, k], k] reduced with src[i, j, k] for dim 1, as scatter_add; not include_self: what x has at
// places to which something comes does not count.
template <FloatElement T>
Tensor<T> scatter_reduce(const Tensor<T>& x, std::int64_t dim, const Tensor<std::int64_t>& index, const Tensor<T>& src,
                         ScatterReduce reduce, bool include_self = true, Where site = Where::here()) {
    const char* name = "scatter_reduce";
    if (detail::is_number(x))
        return reshape(scatter_reduce(detail::list_of(x, site), dim, detail::list_of(index, site),
                                      detail::list_of(src, site), reduce, include_self, site),
                       {}, site);
    const int d = detail::checked_index(x, index, dim, name, site);
    const auto part = detail::typed<T>(detail::checked_source(src, x, index, name, site));
    return detail::scatter_reduce(x, d, index, part, reduce, include_self, name, site);
}
// The same of slices: those of src along dim come to the places that a list of indices names.
template <FloatElement T>
Tensor<T> index_reduce(const Tensor<T>& x, std::int64_t dim, const Tensor<std::int64_t>& index, const Tensor<T>& src,
                       ScatterReduce reduce, bool include_self = true, Where site = Where::here()) {
    const char* name = "index_reduce";
    if (detail::is_number(x))
        return reshape(
            index_reduce(detail::list_of(x, site), dim, index, detail::list_of(src, site), reduce, include_self, site),
            {}, site);
    detail::require_defined(x, name, site), detail::require_defined(src, name, site);
    const int d = detail::checked_dim(dim, x.rank(), name, site);
    const AnyTensor at = detail::index_along(x, d, index, name, site);
    if (!(src.shape() == at.shape())) fail(name, site, {"source has shape ", src.shape(), ", expected ", at.shape()});
    return detail::scatter_reduce(x, d, detail::typed<std::int64_t>(at), src, reduce, include_self, name, site);
}

}  // namespace fathom::inline v0
