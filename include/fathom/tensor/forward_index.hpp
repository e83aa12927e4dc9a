// As forward.hpp, for reading and writing by index and mask, and for the same elements in another order.
#pragma once

#include "fathom/tensor/any_tensor.hpp"

namespace fathom::inline v0::detail {

// fathom/ops/arrange.hpp
template <class X>
auto repeat_of(const X& x, const Shape& repeats, Where site) {
    return repeat(x, repeats, site);
}
template <class X>
auto flip_of(const X& x, const Shape& dims, Where site) {
    return flip(x, dims, site);
}
template <class X, class... Arguments>
auto roll_of(const X& x, const Arguments&... arguments) {
    return roll(x, arguments...);
}
template <class X>
auto tril_of(const X& x, std::int64_t diagonal, Where site) {
    return tril(x, diagonal, site);
}
template <class X>
auto triu_of(const X& x, std::int64_t diagonal, Where site) {
    return triu(x, diagonal, site);
}

// fathom/ops/index.hpp, index_list.hpp, masked.hpp
template <class X, class Index>
auto gather_of(const X& x, std::int64_t dim, const Index& index, Where site) {
    return gather(x, dim, index, site);
}
template <class X, class Index, class Source>
auto scatter_of(const X& x, std::int64_t dim, const Index& index, const Source& source, Where site) {
    return scatter(x, dim, index, source, site);
}
template <class X, class Index, class Source>
void scatter_assign_of(X& x, std::int64_t dim, const Index& index, const Source& source, Where site) {
    scatter_assign(x, dim, index, source, site);
}
template <class X, class Index>
auto scatter_add_of(const X& x, std::int64_t dim, const Index& index, const X& source, Where site) {
    return scatter_add(x, dim, index, source, site);
}
template <class X, class Index>
void scatter_add_assign_of(X& x, std::int64_t dim, const Index& index, const X& source, Where site) {
    scatter_add_assign(x, dim, index, source, site);
}
template <class X, class Index>
auto index_select_of(const X& x, std::int64_t dim, const Index& index, Where site) {
    return index_select(x, dim, index, site);
}
template <class X, class Index>
auto index_add_of(const X& x, std::int64_t dim, const Index& index, const X& source, Where site) {
    return index_add(x, dim, index, source, site);
}
template <class X, class Index>
void index_add_assign_of(X& x, std::int64_t dim, const Index& index, const X& source, Where site) {
    index_add_assign(x, dim, index, source, site);
}
template <class X, class Indices>
auto index_of(const X& x, const Indices& indices, Where site) {
    return index(x, indices, site);
}
template <class X, class Indices>
void index_put_assign_of(X& x, const Indices& indices, const X& values, bool accumulate, Where site) {
    index_put_assign(x, indices, values, accumulate, site);
}
template <class X, class Mask>
auto masked_select_of(const X& x, const Mask& mask, Where site) {
    return masked_select(x, mask, site);
}
template <class X, class Mask, class Value>
auto masked_fill_of(const X& x, const Mask& mask, const Value& value, Where site) {
    return masked_fill(x, mask, value, site);
}
template <class X, class Mask, class T>
void masked_fill_assign_of(X& x, const Mask& mask, T value, Where site) {
    masked_fill_assign(x, mask, value, site);
}
template <class X>
auto nonzero_of(const X& x, Where site) {
    return nonzero(x, site);
}

// fathom/ops/sort.hpp
template <class X>
auto sort_of(const X& x, std::int64_t dim, bool descending, Where site) {
    return sort(x, dim, descending, site);
}
template <class X>
auto argsort_of(const X& x, std::int64_t dim, bool descending, Where site) {
    return argsort(x, dim, descending, site);
}
template <class X>
auto topk_of(const X& x, std::int64_t k, std::int64_t dim, bool largest, bool sorted, Where site) {
    return topk(x, k, dim, largest, sorted, site);
}

}  // namespace fathom::inline v0::detail
