// sort, argsort, topk along one dimension. Equal numbers stay in the order in which they stand (they are stable); NaN
// is above every number. Gradients go to the elements that the values were taken from.
#pragma once

#include "fathom/ops/index.hpp"

namespace fathom::inline v0 {

// auto [values, indices] = sort(x, 1)
template <Element T>
struct Sorted {
    Tensor<T> values;
    Tensor<std::int64_t> indices;
};

namespace detail {
// The positions along dim of the first `count` in order; all of them for -1. Those of two bytes are sorted as floats.
template <Element T>
Tensor<std::int64_t> sort_indices(const Tensor<T>& stored, std::int64_t dim, std::int64_t count, bool descending,
                                  bool sorted, const char* name, Where site) {
    require_defined(stored, name, site);
    using A = ArithmeticOf<T>;
    const Tensor<A> x = to<A>(stored.detach(), site);
    if (x.rank() == 0)
        return reshape(sort_indices(list_of(x, site), dim, count, descending, sorted, name, site), {}, site);
    const int d = checked_dim(dim, x.rank(), name, site);
    Shape shape = x.shape();
    if (count < -1 || count > shape[d])
        fail(name, site, {"k ", count, ", expected 0 to ", shape[d], ", the size of dimension ", d, " of ", shape});
    if (count >= 0) shape[d] = count;
    const auto index =
        new_tensor<std::int64_t>(shape, strides_in_order_of(shape, x.shape(), x.strides()), x.device(), name, site);
    if (index.numel() > 0)
        run(x.untyped(), name, site, operation::sort, &cpu::sort<A>,
            {.x = array_of(x), .index = array_of(index), .dim = d, .descending = descending, .sorted = sorted});
    observe(index, name, site, {x});
    return index;
}
template <Element T>
Sorted<T> sorted_by(const Tensor<T>& x, std::int64_t dim, std::int64_t count, bool descending, bool sorted,
                    const char* name, Where site) {
    const auto indices = sort_indices(x, dim, count, descending, sorted, name, site);
    if (x.rank() == 0) return {gather(x, dim, indices, site), indices};
    return {Gather<T>::forward(x, checked_dim(dim, x.rank(), name, site), indices, name, site), indices};
}
}  // namespace detail

template <Element T>
Sorted<T> sort(const Tensor<T>& x, std::int64_t dim = -1, bool descending = false, Where site = Where::here()) {
    return detail::sorted_by(x, dim, -1, descending, true, "sort", site);
}
// The positions alone.
template <Element T>
Tensor<std::int64_t> argsort(const Tensor<T>& x, std::int64_t dim = -1, bool descending = false,
                             Where site = Where::here()) {
    return detail::sort_indices(x, dim, -1, descending, true, "argsort", site);
}
// The k largest (or smallest) and their positions, the most extreme first; not `sorted`: in the order in which they
// stand. Of equal ones those that come first.
template <Element T>
Sorted<T> topk(const Tensor<T>& x, std::int64_t k, std::int64_t dim = -1, bool largest = true, bool sorted = true,
               Where site = Where::here()) {
    if (k < 0) fail("topk", site, {"k ", k, ", expected at least 0"});
    return detail::sorted_by(x, dim, k, largest, sorted, "topk", site);
}

}  // namespace fathom::inline v0
