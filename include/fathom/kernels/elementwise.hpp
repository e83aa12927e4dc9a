// out = f(a, b, c) element by element over arrays of any strides: the arithmetic operations of operations.hpp, each
// with the meaning written there. Copies, conversions and fills: copy.hpp; where and comparisons: select.hpp. Strides
// and Loop: strided.hpp.
#pragma once

#include "fathom/kernels/operations.hpp"
#include "fathom/kernels/strided.hpp"

namespace fathom::inline v0::kernels {

// How many arrays the operation reads.
constexpr int inputs_of(Elementwise op) {
    using enum Elementwise;
    switch (op) {
        case fill:
            return 0;
        case where:
        case div_grad_b:
        case maximum_grad_a:
        case minimum_grad_a:
            return 3;
        case affine:
        case reciprocal:
        case pow:
        case neg:
        case abs:
        case exp:
        case log:
        case sqrt:
        case square:
        case relu:
        case sigmoid:
        case tanh:
        case leaky_relu:
        case clamp:
        case copy:
        case logical_not:
            return 1;
        default:
            return 2;
    }
}

// Operand 0 of the loop is out, 1 to 3 are a, b, c; arrays that the operation does not read may be null. accumulate:
// out += f(...). float and double: everything but copy, fill, where and comparisons. int64, int32 and uint8 (wrapping):
// add, sub, mul, div (towards zero), maximum, minimum, affine, neg, abs, square, clamp. Returns false where an integer
// was divided by zero; such quotients are 0.
template <class T, Elementwise op>
bool elementwise(const Loop& loop, T* out, const T* a, const T* b, const T* c, double p0, double p1, bool accumulate);

}  // namespace fathom::inline v0::kernels

#ifndef FATHOM_COMPILED
#include "fathom/kernels/elementwise.inl.hpp"
#endif
