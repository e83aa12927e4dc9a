// How an elementwise operation is written: one Rule that says which kernel gives the gradient of each input, and how
// the same gradient is spelled in recorded operations. Next: arithmetic.hpp and math.hpp, which are lists of such
// rules.
#pragma once

#include "fathom/autograd/backward.hpp"
#include "fathom/ops/views.hpp"

namespace fathom::inline v0::detail {

using ElementwiseEntry = CpuEntry<abi::ElementwiseArgs>;

// Values that a gradient may use.
struct Operands {
    AnyTensor g, a, b, y;  // gradient of the output, the inputs, the output
    double p0 = 0, p1 = 0;
};

// The gradient with respect to one input.
struct Partial {
    const char* operands =
        "g";  // which of g, a, b, y the kernel takes, in its order; "g" alone without a kernel: the gradient as it is
    Elementwise op = Elementwise::copy;
    ElementwiseEntry cpu = nullptr;
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
    Elementwise op;
    ElementwiseEntry cpu;
    const Rule* rule;  // null: no gradient (integers, comparisons)
    double p0 = 0, p1 = 0;
};

// out = op(a, b): broadcasts, allocates, runs, records. b may be undefined.
AnyTensor elementwise(const ElementwiseOp& op, const AnyTensor& a, const AnyTensor& b, DType out, Where site);
// Into a given tensor of the broadcast shape; nothing is recorded.
void elementwise_into(const ElementwiseOp& op, const AnyTensor& out, std::uint32_t flags,
                      std::initializer_list<const AnyTensor*> in, Where site);
// The shape that the inputs broadcast to; throws with both shapes if they do not.
Shape broadcast_shape(const AnyTensor& a, const AnyTensor& b, const char* operation, Where site);
// Dense strides for an output: the order of the first input that has its shape, else of the first of full rank.
Shape output_strides(const Shape& shape, std::initializer_list<const AnyTensor*> inputs);

// A tensor with one element and no dimensions.
template <Element T>
AnyTensor scalar_tensor(T value, Device device, Where site) {
    const AnyTensor x = new_tensor({}, {}, dtype_of<T>, device, "scalar", site);
    elementwise_into({"scalar", Elementwise::fill, &cpu::fill<T>, nullptr, static_cast<double>(value)}, x, 0, {}, site);
    return x;
}

}  // namespace fathom::inline v0::detail

#ifndef FATHOM_COMPILED
#include "fathom/ops/elementwise.inl.hpp"
#endif
