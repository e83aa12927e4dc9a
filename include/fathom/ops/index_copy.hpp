// Elements put in place of others: index_copy, index_fill, select_scatter, slice_scatter, diagonal_scatter; take, put
// and take_along_dim. By scatter and gather (index.hpp).
#pragma once

#include <algorithm>

#include "fathom/ops/index.hpp"
#include "fathom/ops/parts.hpp"

namespace fathom::inline v0 {

namespace detail {
// 0 to count - 1, times step, from start on, beside x.
inline Tensor<std::int64_t> places(std::int64_t start, std::int64_t count, std::int64_t step, const AnyTensor& x,
                                   const char* name, Where site) {
    const auto list = new_row_major<std::int64_t>({count}, name, site);
    auto* p = static_cast<std::int64_t*>(list.untyped().raw_unchecked());
    for (std::int64_t i = 0; i < count; ++i) p[i] = start + i * step;
    return list.to(x.device(), site);
}
// x with src, of its shape but for dim, at a list of places along dim.
template <Element T>
Tensor<T> with_copies(const Tensor<T>& x, int dim, const Tensor<std::int64_t>& list, const Tensor<T>& src,
                      const char* name, Where site) {
    const AnyTensor index = index_along(x, dim, list, name, site);
    require_defined(src, name, site), check_device(x, src, name, site);
    if (!(src.shape() == index.shape()))
        fail(name, site,
             {"source has shape ", src.shape(), ", expected ", index.shape(), " for an input of shape ", x.shape()});
    return Scatter<T>::forward(x, dim, index, src, name, site);
}
}  // namespace detail

// x with the slices of src in place of those that a list of indices names along dim.
template <Element T>
Tensor<T> index_copy(const Tensor<T>& x, std::int64_t dim, const Tensor<std::int64_t>& index, const Tensor<T>& src,
                     Where site = Where::here()) {
    if (detail::is_number(x))
        return reshape(index_copy(detail::list_of(x, site), dim, index, detail::list_of(src, site), site), {}, site);
    detail::require_defined(x, "index_copy", site);
    return detail::with_copies(x, detail::checked_dim(dim, x.rank(), "index_copy", site), index, src, "index_copy",
                               site);
}
// The same with a number, or a tensor of no dimensions.
template <Element T>
Tensor<T> index_fill(const Tensor<T>& x, std::int64_t dim, const Tensor<std::int64_t>& index, const Tensor<T>& value,
                     Where site = Where::here()) {
    const char* name = "index_fill";
    if (detail::is_number(x)) return reshape(index_fill(detail::list_of(x, site), dim, index, value, site), {}, site);
    detail::require_defined(x, name, site), detail::require_defined(value, name, site);
    if (value.rank() != 0) fail(name, site, {"value has shape ", value.shape(), ", expected []"});
    const int d = detail::checked_dim(dim, x.rank(), name, site);
    const AnyTensor at = detail::index_along(x, d, index, name, site);
    return detail::Scatter<T>::forward(x, d, at, expand(value, at.shape(), site), name, site);
}
template <Element T, ScalarFor<T> S>
Tensor<T> index_fill(const Tensor<T>& x, std::int64_t dim, const Tensor<std::int64_t>& index, S value,
                     Where site = Where::here()) {
    detail::require_defined(x, "index_fill", site);
    return index_fill(x, dim, index, detail::scalar_tensor(detail::scalar_as<T>(value, site), x.device(), site), site);
}

// x with src in place of select(x, dim, index).
template <Element T>
Tensor<T> select_scatter(const Tensor<T>& x, const Tensor<T>& src, int dim, std::int64_t index,
                         Where site = Where::here()) {
    const char* name = "select_scatter";
    detail::require_defined(x, name, site), detail::require_defined(src, name, site);
    const int d = detail::checked_dim(dim, x.rank(), name, site);
    const auto list = detail::places(index < 0 ? index + x.shape()[d] : index, 1, 1, x, name, site);
    if (!(src.shape() == select(x.detach(), d, index, site).shape()))
        fail(name, site, {"source has shape ", src.shape(), " for one index along ", d, " of shape ", x.shape()});
    return detail::with_copies(x, d, list, unsqueeze(src, d, site), name, site);
}
// x with src in place of slice(x, dim, begin, end, step).
template <Element T>
Tensor<T> slice_scatter(const Tensor<T>& x, const Tensor<T>& src, int dim, std::int64_t begin, std::int64_t end,
                        std::int64_t step = 1, Where site = Where::here()) {
    const char* name = "slice_scatter";
    detail::require_defined(x, name, site);
    const int d = detail::checked_dim(dim, x.rank(), name, site);
    const std::int64_t size = x.shape()[d], first = begin < 0 ? std::max<std::int64_t>(begin + size, 0) : begin,
                       count = slice(x.detach(), d, begin, end, step, site).size(d);
    return detail::with_copies(x, d, detail::places(first, count, step, x, name, site), src, name, site);
}
// x with src in place of diagonal(x, offset, dim1, dim2).
template <Element T>
Tensor<T> diagonal_scatter(const Tensor<T>& x, const Tensor<T>& src, std::int64_t offset = 0, int dim1 = 0,
                           int dim2 = 1, Where site = Where::here()) {
    const char* name = "diagonal_scatter";
    detail::require_defined(x, name, site), detail::require_defined(src, name, site);
    const Tensor<T> line = diagonal(x.detach(), offset, dim1, dim2, site);
    if (!(src.shape() == line.shape()))
        fail(name, site, {"source has shape ", src.shape(), ", the diagonal ", line.shape()});
    const int a = detail::checked_dim(dim1, x.rank(), name, site), b = detail::checked_dim(dim2, x.rank(), name, site);
    Shape order;  // both dimensions last
    for (int d = 0; d < x.rank(); ++d)
        if (d != a && d != b) order.push_back(d);
    order.push_back(a), order.push_back(b);
    Shape back = order;
    for (int d = 0; d < order.rank(); ++d) back[static_cast<int>(order[d])] = d;
    const Tensor<T> matrices = permute(x, order, site);
    const std::int64_t columns = matrices.size(-1), start = offset < 0 ? -offset * columns : offset;
    const auto at = detail::places(start, line.size(-1), columns + 1, x, name, site);
    const Tensor<T> flat = flatten(matrices, -2, -1, site);
    return permute(reshape(detail::with_copies(flat, flat.rank() - 1, at, src, name, site), matrices.shape(), site),
                   back, site);
}

namespace detail {
// Places among the elements of x as a list; negative ones count from the end.
template <Element T>
Tensor<std::int64_t> flat_places(const Tensor<T>& x, const Tensor<std::int64_t>& index, const char* name, Where site) {
    require_defined(x, name, site), require_defined(index, name, site);
    const Tensor<std::int64_t> list = reshape(index, {index.numel()}, site);
    const auto at = [&](std::int64_t value) { return Operand<std::int64_t>(value, site); };
    const Operand<std::int64_t> given(list, site);
    return where(less(given, at(0)), add(given, at(x.numel())), list, site);
}
}  // namespace detail

// The elements at places of x in row-major order: of index's shape. Negative places count from the end.
template <Element T>
Tensor<T> take(const Tensor<T>& x, const Tensor<std::int64_t>& index, Where site = Where::here()) {
    const auto at = detail::flat_places(x, index, "take", site);
    return reshape(index_select(reshape(x, {x.numel()}, site), 0, at, site), index.shape(), site);
}
// x with src, of index's size, at such places, or added to what stands there.
template <Element T>
Tensor<T> put(const Tensor<T>& x, const Tensor<std::int64_t>& index, const Tensor<T>& src, bool accumulate = false,
              Where site = Where::here()) {
    const auto at = detail::flat_places(x, index, "put", site);
    detail::require_defined(src, "put", site);
    if (src.numel() != index.numel())
        fail("put", site, {"source has shape ", src.shape(), ", index ", index.shape(), ", expected as many elements"});
    const Tensor<T> flat = reshape(x, {x.numel()}, site), from = reshape(src, {src.numel()}, site);
    return reshape(accumulate ? index_add(flat, 0, at, from, site) : index_copy(flat, 0, at, from, site), x.shape(),
                   site);
}
// gather along dim, x and index broadcast in the other dimensions. What argsort(x, dim) gives sorts x.
template <Element T>
Tensor<T> take_along_dim(const Tensor<T>& x, const Tensor<std::int64_t>& index, int dim, Where site = Where::here()) {
    const char* name = "take_along_dim";
    detail::require_defined(x, name, site), detail::require_defined(index, name, site);
    if (x.rank() != index.rank())
        fail(name, site, {"input has shape ", x.shape(), ", index ", index.shape(), ", expected as many dimensions"});
    const int d = detail::checked_dim(dim, x.rank(), name, site);
    Shape of_x = x.shape(), of_index = index.shape(), shape;
    of_x[d] = of_index[d] = 1;
    if (!detail::broadcast_shapes(of_x, of_index, shape))
        fail(name, site, {"input of shape ", x.shape(), " and index of shape ", index.shape(), " do not broadcast"});
    of_x = of_index = shape;
    of_x[d] = x.shape()[d], of_index[d] = index.shape()[d];
    return gather(expand(x, of_x, site), d, expand(index, of_index, site), site);
}

}  // namespace fathom::inline v0
