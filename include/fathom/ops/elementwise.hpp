// How an elementwise operation is written: its kernel is a line of abi/elementwise.list.hpp, its gradient one Rule,
// which says what kernel gives the gradient of each input and how the same gradient is spelled in recorded operations.
// Next: arithmetic.hpp and math.hpp, which are lists of such rules.
#pragma once

#include "fathom/autograd/backward.hpp"
#include "fathom/ops/views.hpp"

namespace fathom::inline v0::detail {

// Values that a gradient may use.
struct Operands {
    const AnyTensor &g, &a, &b, &y;  // gradient of the output, the inputs, the output
    double p0 = 0, p1 = 0;
};

// The gradient with respect to one input.
struct Partial {
    // Which of g, a, b, y the kernel takes, in its order; "g" alone without a kernel: the gradient as it is.
    const char* operands = "g";
    ElementwiseKernel kernel = {};
    // The same by recorded operations. Null: the function is piecewise linear, so the gradient is g times the kernel's
    // result for ones.
    AnyTensor (*recorded)(const Operands&) = nullptr;
    bool constant = true;  // whether the kernel is given p1 (the constant of x * p0 + p1 has no part in its gradient)
};

struct Rule {
    Partial partial[2];
    const autograd::TypeOps* ops = nullptr;
    AnyTensor (*mul_recorded)(const AnyTensor&, const AnyTensor&) = nullptr;  // for piecewise linear ones
};

struct ElementwiseOp {
    const char* name;
    ElementwiseKernel kernel;
    const Rule* rule;  // null: no gradient (integers, comparisons)
    double p0 = 0, p1 = 0;
};

// out = op(a, b): broadcasts, allocates, runs, records. b is undefined for an operation of one input.
AnyTensor elementwise(const ElementwiseOp& op, const AnyTensor& a, const AnyTensor& b, DType out, Where site);
template <Element T>
Tensor<T> elementwise(const ElementwiseOp& op, const AnyTensor& a, const AnyTensor& b, Where site) {
    return Tensor<T>::adopt(elementwise(op, a, b, dtype_of<T>, site));
}
// The shape that the inputs broadcast to; throws with both shapes if they do not.
Shape broadcast_shape(const AnyTensor& a, const AnyTensor& b, const char* name, Where site);
// Dense strides for an output: the order of the first input that has its shape, else of the first of full rank.
Shape output_strides(const Shape& shape, std::initializer_list<const AnyTensor*> inputs);

// A tensor with one element and no dimensions.
template <Element T>
Tensor<T> scalar_tensor(T value, Device device, Where site) {
    const auto x = new_tensor<T>({}, {}, device, "scalar", site);
    run_fill<T>(x, value, "scalar", site);
    return x;
}

}  // namespace fathom::inline v0::detail

#ifndef FATHOM_COMPILED
#include "fathom/ops/elementwise.inl.hpp"
#endif
