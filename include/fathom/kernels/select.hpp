// where(condition, a, b) and logical not: what takes masks.
#pragma once

#include "fathom/kernels/strided.hpp"

namespace fathom::inline v0::kernels {

// out = condition ? a : b. Operands of the loop: out, condition, a, b. accumulate: out += ...
template <class T>
void where(const Loop& loop, T* out, const bool* condition, const T* a, const T* b, bool accumulate);

// Operands of the loop: out, in.
void logical_not(const Loop& loop, bool* out, const bool* in);

}  // namespace fathom::inline v0::kernels

#ifndef FATHOM_COMPILED
#include "fathom/kernels/select.inl.hpp"
#endif
