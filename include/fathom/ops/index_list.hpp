// Reading and writing by a list of indices and by masks, as Python's x[i, j] and x[mask]:
//   x.index({i, j})          x[i, j]; each an integer, a tensor of them, or a mask
//   x.index_put_({i, j}, y)  x[i, j] = y; with `true` behind it, x[i, j] += y
//   x[0].copy_(y)            x[0] = y: what integers alone name is a view, which is written as one
// Tensors of indices broadcast together; negative indices count from the end; a mask stands for the places where it is
// true, and covers as many dimensions as it has. Next: masked.hpp.
#pragma once

#include "fathom/ops/index.hpp"

namespace fathom::inline v0 {

// One entry of a list of indices.
struct TensorIndex {
    template <class Integer>
    requires std::is_integral_v<Integer> TensorIndex(Integer index)
        : integer(static_cast<std::int64_t>(index)), is_integer(true) {}
    TensorIndex(const Tensor<std::int64_t>& indices) : tensor(indices) {}
    TensorIndex(const Tensor<bool>& mask) : tensor(mask) {}

    std::int64_t integer = 0;
    AnyTensor tensor;
    bool is_integer = false;
};
using IndexList = std::initializer_list<TensorIndex>;

namespace detail {
// What a list of indices names: rows of x seen as [places in the first dimensions, elements behind one of them].
struct Places {
    Shape rows;
    Tensor<std::int64_t> at;  // [n]: which of the rows
    Shape result;             // the indices' broadcast shape, then the dimensions that none of them covers
};
Places places_of(const AnyTensor& x, IndexList indices, const char* name, Where site);
// The coordinates of the true elements, [n, rank].
Tensor<std::int64_t> true_places(const Tensor<bool>& mask, const char* name, Where site);

// y broadcast to what the indices name, as rows.
template <Element T>
Tensor<T> rows_of(const Tensor<T>& y, const Tensor<T>& x, const Places& places, const char* name, Where site) {
    require_defined(y, name, site);
    check_device(x, y, name, site);
    Shape shape;
    if (!broadcast_shapes(y.shape(), places.result, shape) || !(shape == places.result))
        fail(name, site,
             {"values of shape ", y.shape(), " do not broadcast to ", places.result, ", which the indices name"});
    return reshape(expand(y, shape, site), {places.at.numel(), places.rows[1]}, site);
}
template <Element T>
Tensor<T> index_put(const Tensor<T>& x, const Places& places, const Tensor<T>& values, bool accumulate,
                    const char* name, Where site) {
    const Tensor<T> rows = reshape(x, places.rows, site), y = rows_of(values, x, places, name, site);
    const AnyTensor at = index_along(rows, 0, places.at, name, site);
    return reshape(accumulate ? ScatterAdd<T>::forward(rows, 0, at, y, name, site)
                              : Scatter<T>::forward(rows, 0, at, y, name, site),
                   x.shape(), site);
}
}  // namespace detail

// x at the places that the indices name together, one index for each of the first dimensions: index(x, {i, j}) has
// out[k] = x[i[k], j[k]].
template <Element T>
Tensor<T> index(const Tensor<T>& x, IndexList indices, Where site = Where::here()) {
    const detail::Places places = detail::places_of(x, indices, "index", site);
    const Tensor<T> rows = reshape(x, places.rows, site);
    const AnyTensor at = detail::index_along(rows, 0, places.at, "index", site);
    return reshape(detail::Gather<T>::forward(rows, 0, at, "index", site), places.result, site);
}
namespace detail {
// x[indices], x[mask].
template <Element T>
Tensor<T> index(const Tensor<T>& x, const IndexOperand& at, Where site) {
    return at.mask ? fathom::index(x, {*at.mask}, site) : fathom::index(x, {*at.indices}, site);
}
}  // namespace detail
// x with those places set to `values`, which broadcast, or increased by them. Of one place named twice the later value
// stays.
template <Element T>
Tensor<T> index_put(const Tensor<T>& x, IndexList indices, const Tensor<T>& values, bool accumulate = false,
                    Where site = Where::here()) {
    return detail::index_put(x, detail::places_of(x, indices, "index_put", site), values, accumulate, "index_put",
                             site);
}
// The same in x's own memory.
template <Element T>
void index_put_assign(Tensor<T>& x, IndexList indices, const Tensor<T>& values, bool accumulate, Where site) {
    const char* name = "index_put_";
    const detail::Places places = detail::places_of(x, indices, name, site);
    Shape strides;
    const bool recorded = autograd::recording(x.untyped(), values.untyped());
    if (recorded) autograd::check_in_place(x, true, name, site);
    detail::check_writable(x, name, site);
    if (recorded || !detail::reshape_strides(x.shape(), x.strides(), places.rows, strides)) {
        const Tensor<T> result = detail::index_put(x, places, values, accumulate, name, site);
        return recorded ? detail::become(x, result, name, site) : copy_assign(x, result, site);
    }
    auto rows = detail::typed<T>(detail::new_view(x, places.rows, strides, x.untyped().impl().offset));
    const AnyTensor at = detail::index_along(rows, 0, places.at, name, site);
    const Tensor<T> y = detail::rows_of(values, x, places, name, site);
    if (accumulate)
        detail::write_at<detail::ScatterAdd<T>>(rows, 0, at, y, name, site);
    else
        detail::write_at<detail::Scatter<T>>(rows, 0, at, y, name, site);
}

// The coordinates of the elements other than 0, [n, rank], in logical order. It waits for them: its shape depends on
// them.
template <Element T>
Tensor<std::int64_t> nonzero(const Tensor<T>& x, Where site = Where::here()) {
    detail::require_defined(x, "nonzero", site);
    if constexpr (std::is_same_v<T, bool>)
        return detail::true_places(x, "nonzero", site);
    else
        return detail::true_places(not_equal(Operand<T>(x, site), Operand<T>(0, site)), "nonzero", site);
}

// The elements where the mask is true, [n]; both broadcast.
template <Element T>
Tensor<T> masked_select(const Tensor<T>& x, const Tensor<bool>& mask, Where site = Where::here()) {
    const Shape shape = detail::broadcast_shape(x, mask, "masked_select", site);
    return index(expand(x, shape, site), {expand(mask, shape, site)}, site);
}

}  // namespace fathom::inline v0

#ifndef FATHOM_COMPILED
#include "fathom/ops/index_list.inl.hpp"
#endif
