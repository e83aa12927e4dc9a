// Reading and writing at places that an array of indices names: gather, scatter, their sums, and the places of true
// elements. Sums are added in the order of the indices, whatever the number of threads. Callers have checked the
// indices (first_outside). Next: index.inl.hpp.
#pragma once

#include "fathom/kernels/strided.hpp"

namespace fathom::inline v0::kernels {

// The position, in logical order, of the first index outside [low, limit); -1 if all are inside. Operand of the loop,
// which is in logical order: index.
std::int64_t first_outside(const Loop& loop, const std::int64_t* index, std::int64_t low, std::int64_t limit);

// y = x[index]: x's element `index` steps along one dimension. Operands of the loop: y, index, x, where x has stride 0
// along that dimension. Elements of `bytes` (1, 2, 4 or 8).
void gather(const Loop& loop, void* y, const std::int64_t* index, const void* x, int bytes, std::int64_t step);

// The elements of one line: x[index] along it.
struct IndexLine {
    std::int64_t n;  // of index and y
    std::int64_t x_step, index_step, y_step;
};
// x[index] = y, of one place named twice the later one. Operands of the loop over the lines: x, index, y.
void scatter(const Loop& lines, void* x, const std::int64_t* index, const void* y, int bytes, const IndexLine& line);
// x[index] += y.
template <class T>
void scatter_add(const Loop& lines, T* x, const std::int64_t* index, const T* y, const IndexLine& line);

// out[k] (+)= size of the dimension's row-major stride times index: the place that several indices name together.
// Negative ones count from the end of a dimension of `size`. Operands of the loop: out, index.
void add_places(const Loop& loop, std::int64_t* out, const std::int64_t* index, std::int64_t size, std::int64_t stride,
                bool accumulate);

// The coordinates of the true elements in logical order, one row for each. Operand of the loop, which is in logical
// order: mask. Rows of `out` are dense; there must be as many as elements are true.
void true_places(const Loop& loop, const bool* mask, std::int64_t* out, int rank, const std::int64_t* shape);

}  // namespace fathom::inline v0::kernels

#ifndef FATHOM_COMPILED
#include "fathom/kernels/index.inl.hpp"
#endif
