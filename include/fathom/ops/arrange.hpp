// The same elements in other places: repeat, flip, roll; triangles of matrices; grids of coordinates.
#pragma once

#include "fathom/ops/copy.hpp"
#include "fathom/ops/masked.hpp"
#include "fathom/tensor/factories.hpp"

namespace fathom::inline v0 {

namespace detail {
AnyTensor repeat(const AnyTensor& x, const Shape& repeats, const ElementwiseKernel& copy, Where site);
AnyTensor flip(const AnyTensor& x, const Shape& dims, const ElementwiseKernel& copy, Where site);
AnyTensor roll(const AnyTensor& x, const Shape& shifts, const Shape& dims, const ElementwiseKernel& copy, Where site);
}  // namespace detail

// x so many times along each dimension, with new ones in front where there are more numbers than dimensions.
template <Element T>
Tensor<T> repeat(const Tensor<T>& x, const Shape& repeats, Where site = Where::here()) {
    return Tensor<T>::adopt(detail::repeat(x, repeats, cpu::kernel<T, Elementwise::copy>, site));
}
// The order of each of the dimensions turned round.
template <Element T>
Tensor<T> flip(const Tensor<T>& x, const Shape& dims, Where site = Where::here()) {
    return Tensor<T>::adopt(detail::flip(x, dims, cpu::kernel<T, Elementwise::copy>, site));
}
// Moved on by shifts[i] along dims[i]; what leaves at the end comes in at the start.
template <Element T>
Tensor<T> roll(const Tensor<T>& x, const Shape& shifts, const Shape& dims, Where site = Where::here()) {
    return Tensor<T>::adopt(detail::roll(x, shifts, dims, cpu::kernel<T, Elementwise::copy>, site));
}
template <Element T>
Tensor<T> roll(const Tensor<T>& x, std::int64_t shift, int dim, Where site = Where::here()) {
    return roll(x, Shape{shift}, Shape{dim}, site);
}
// The same in row-major order, as if x had one dimension.
template <Element T>
Tensor<T> roll(const Tensor<T>& x, std::int64_t shift, Where site = Where::here()) {
    detail::require_defined(x, "roll", site);
    return reshape(roll(reshape(x, {x.numel()}, site), shift, 0, site), x.shape(), site);
}

namespace detail {
// Where column - row <= diagonal, of the last two dimensions.
template <Element T>
Tensor<bool> lower_triangle(const Tensor<T>& x, std::int64_t diagonal, const char* name, Where site) {
    require_defined(x, name, site);
    if (x.rank() < 2) fail(name, site, {"input has shape ", x.shape(), ", expected at least 2 dimensions"});
    const std::int64_t rows = x.size(-2, site), columns = x.size(-1, site);
    // Beyond the matrix all diagonals are alike.
    const std::int64_t at = diagonal < -rows ? -rows : diagonal > columns ? columns : diagonal;
    const auto row = to_device(arange<std::int64_t>(at, at + rows, 1, site), x.device(), site),
               column = to_device(arange<std::int64_t>(0, columns, 1, site), x.device(), site);
    return less_equal(Operand<std::int64_t>(column, site), Operand<std::int64_t>(unsqueeze(row, 1, site), site));
}
}  // namespace detail

// Matrices (the last two dimensions) with zeros above a diagonal: the `diagonal`-th above the main one, below for
// negative numbers.
template <Element T>
Tensor<T> tril(const Tensor<T>& x, std::int64_t diagonal = 0, Where site = Where::here()) {
    return where(detail::lower_triangle(x, diagonal, "tril", site), x, T{}, site);
}
// With zeros below it.
template <Element T>
Tensor<T> triu(const Tensor<T>& x, std::int64_t diagonal = 0, Where site = Where::here()) {
    const std::int64_t below = diagonal - (diagonal > std::numeric_limits<std::int64_t>::min());
    return where(detail::lower_triangle(x, below, "triu", site), T{}, x, site);
}

// ij: the first tensor runs along the first dimension. xy: along the second, as in images.
enum class Indexing { ij, xy };

// Lists (or single numbers) as coordinates of a grid: views of the grid's shape, one for each list.
template <Element T>
std::vector<Tensor<T>> meshgrid(const std::vector<Tensor<T>>& tensors, Indexing indexing = Indexing::ij,
                                Where site = Where::here()) {
    if (tensors.empty()) fail("meshgrid", site, {"no tensors"});
    Shape shape;
    for (const Tensor<T>& t : tensors) {
        detail::require_defined(t, "meshgrid", site);
        if (t.rank() > 1) fail("meshgrid", site, {"a tensor has shape ", t.shape(), ", expected [n] or []"});
        shape.push_back(t.numel());
    }
    std::vector<Tensor<T>> grids;
    for (int k = 0; k < shape.rank(); ++k) {
        Shape column = Shape::filled(shape.rank(), 1);
        column[k] = shape[k];
        grids.push_back(expand(reshape(tensors[static_cast<std::size_t>(k)], column, site), shape, site));
        if (indexing == Indexing::xy && shape.rank() > 1) grids.back() = transpose(grids.back(), 0, 1, site);
    }
    return grids;
}

}  // namespace fathom::inline v0

#ifndef FATHOM_COMPILED
#include "fathom/ops/arrange.inl.hpp"
#endif
