// The order of numbers along lines: what sort, argsort and topk are made of. Equal numbers stay in the order in which
// they stand, both zeros are equal, NaN is above every number. Next: sort.inl.hpp.
#pragma once

#include "fathom/kernels/strided.hpp"

namespace fathom::inline v0::kernels {

// A line: n numbers, and where their order goes.
struct SortLine {
    std::int64_t n, step;            // of x
    std::int64_t count, index_step;  // of index; count <= n
    bool descending;
    bool sorted;  // false: the positions of the first `count`, ascending
};

// For each line the positions of its first `count` numbers in order. Operands of the loop over the lines: x, index.
template <class T>
void sort_indices(const Loop& lines, const T* x, std::int64_t* index, const SortLine& line);

}  // namespace fathom::inline v0::kernels

#ifndef FATHOM_COMPILED
#include "fathom/kernels/sort.inl.hpp"
#endif
