// where(c, a, b), comparisons, and logical not: the operations with bool on one side.
#pragma once

#include "fathom/kernels/operations.hpp"
#include "fathom/kernels/strided.hpp"

namespace fathom::inline v0::kernels {

// out = condition ? a : b. Operands of the loop: out, condition, a, b. accumulate: out += ...
template <class T>
void where(const Loop& loop, T* out, const bool* condition, const T* a, const T* b, bool accumulate);

// op: equal, not_equal, less, less_equal; a comparison with NaN is false but for not_equal. Operands of the loop: out,
// a, b.
template <class T, Elementwise op>
void compare(const Loop& loop, bool* out, const T* a, const T* b);

// Operands of the loop: out, in.
void logical_not(const Loop& loop, bool* out, const bool* in);

}  // namespace fathom::inline v0::kernels

#ifndef FATHOM_COMPILED
#include "fathom/kernels/select.inl.hpp"
#endif
