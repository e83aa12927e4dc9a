// out = f(a, b, c) element by element over arrays of any strides: the formulas and comparisons of
// abi/elementwise.list.hpp. Copies, conversions and fills: copy.hpp; where and logical_not: select.hpp. Strides and
// Loop: strided.hpp.
#pragma once

#include <atomic>

#include "fathom/abi/elementwise.hpp"
#include "fathom/core/dtype.hpp"
#include "fathom/kernels/strided.hpp"

namespace fathom::inline v0::kernels {

// What the kernel of a formula gets as its context; comparisons need none.
struct FormulaContext {
    double p0, p1;
    bool accumulate;                     // out += f(...)
    std::atomic<bool>* divided_by_zero;  // set where an integer was; such quotients are 0
};

// The kernel for the blocks of a loop whose operand 0 is out, 1 to 3 are a, b, c. All that depends on operation and
// dtype is in there: a program has many of them. int64, int32 and uint8 wrap, and divide towards zero. A comparison's
// out is bool.
template <class T, Elementwise op>
BlockKernel elementwise_kernel();

// Runs the kernel of `op` over arrays, one per operand of the loop, of these dtypes. Returns false where an integer was
// divided by zero.
bool elementwise(const Loop& loop, Elementwise op, BlockKernel kernel, const DType* dtypes, void* const* arrays,
                 double p0, double p1, bool accumulate);
// The same with a kernel for float, where some of the arrays are of two bytes.
bool elementwise_widened(const Loop& loop, Elementwise op, BlockKernel kernel, const DType* dtypes, void* const* arrays,
                         double p0, double p1, bool accumulate);

}  // namespace fathom::inline v0::kernels

#ifndef FATHOM_COMPILED
#include "fathom/kernels/elementwise.inl.hpp"
#endif
