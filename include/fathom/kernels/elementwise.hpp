// out = f(a, b, c) element by element over arrays of any strides: the formulas and comparisons of
// abi/elementwise.list.hpp. Copies, conversions and fills: copy.hpp; where and logical_not: select.hpp. Strides and
// Loop: strided.hpp.
#pragma once

#include "fathom/abi/elementwise.hpp"
#include "fathom/core/dtype.hpp"
#include "fathom/kernels/strided.hpp"

namespace fathom::inline v0::kernels {

// Operand 0 of the loop is out, 1 to 3 are a, b, c; arrays that the operation does not read may be null. accumulate:
// out += f(...). int64, int32 and uint8 wrap, and divide towards zero. Returns false where an integer was divided by
// zero; such quotients are 0.
template <class T, Elementwise op>
bool elementwise(const Loop& loop, T* out, const T* a, const T* b, const T* c, double p0, double p1, bool accumulate);

// out = a op b, one of the comparisons.
template <class T, Elementwise op>
void compare(const Loop& loop, bool* out, const T* a, const T* b);

// The same where some of the arrays are of two bytes, the others float or, the result of a comparison, bool. dtypes: of
// out, a, b, c.
template <Elementwise op>
void elementwise_widened(const Loop& loop, const DType* dtypes, void* out, const void* a, const void* b, const void* c,
                         double p0, double p1, bool accumulate);
template <Elementwise op>
void compare_widened(const Loop& loop, const DType* dtypes, bool* out, const void* a, const void* b);

}  // namespace fathom::inline v0::kernels

#ifndef FATHOM_COMPILED
#include "fathom/kernels/elementwise.inl.hpp"
#endif
