// The CPU's elementwise family: unpacks abi::ElementwiseArgs for kernels/elementwise.hpp, copy.hpp and select.hpp.
#pragma once

#include "fathom/backend/cpu/arrays.hpp"
#include "fathom/kernels/copy.hpp"
#include "fathom/kernels/elementwise.hpp"
#include "fathom/kernels/select.hpp"

namespace fathom::inline v0::cpu {

// For every operation on T alike.
template <class T>
void run_elementwise(const abi::Call& call, const abi::ElementwiseArgs& args, int inputs,
                     bool (*kernel)(const kernels::Loop&, T*, const T*, const T*, const T*, double, double, bool)) {
    const abi::Array &out = args.out, *in = args.in;
    const std::int64_t* strides[] = {out.strides, in[0].strides, in[1].strides, in[2].strides};
    if (!kernel(kernels::make_loop(1 + inputs, out.rank, out.shape, strides), data<T>(out), data<T>(in[0]),
                data<T>(in[1]), data<T>(in[2]), args.parameters[0], args.parameters[1], accumulates(call)))
        fail(call, {"an integer is divided by zero"});
}

template <class T, Elementwise op>
void elementwise(const abi::Call& call, const abi::ElementwiseArgs& args) {
    if constexpr (op == Elementwise::logical_not)
        kernels::logical_not(loop_over(args.out, args.in[0]), data<bool>(args.out), data<bool>(args.in[0]));
    else
        run_elementwise<T>(call, args, kernels::inputs_of(op), &kernels::elementwise<T, op>);
}

template <class From, class To>
void copy(const abi::Call& call, const abi::ElementwiseArgs& args) {
    if constexpr (std::is_same_v<From, To> && std::is_floating_point_v<To>) {
        if (accumulates(call)) {  // out = out + in, in vectors
            kernels::elementwise<To, Elementwise::add>(loop_over(args.out, args.out, args.in[0]), data<To>(args.out),
                                                       data<To>(args.out), data<To>(args.in[0]), nullptr, 0, 0, false);
            return;
        }
    }
    kernels::copy<From, To>(loop_over(args.out, args.in[0]), data<To>(args.out), data<From>(args.in[0]),
                            accumulates(call));
}

// parameters[0], converted to T.
template <class T>
void fill(const abi::Call& call, const abi::ElementwiseArgs& args) {
    kernels::fill<T>(loop_over(args.out), data<T>(args.out), kernels::convert<T>(args.parameters[0]),
                     accumulates(call));
}

template <class T>
void where(const abi::Call& call, const abi::ElementwiseArgs& args) {
    const abi::Array* in = args.in;
    kernels::where<T>(loop_over(args.out, in[0], in[1], in[2]), data<T>(args.out), data<bool>(in[0]), data<T>(in[1]),
                      data<T>(in[2]), accumulates(call));
}

template <class T, Elementwise op>
void compare(const abi::Call&, const abi::ElementwiseArgs& args) {
    kernels::compare<T, op>(loop_over(args.out, args.in[0], args.in[1]), data<bool>(args.out), data<T>(args.in[0]),
                            data<T>(args.in[1]));
}

}  // namespace fathom::inline v0::cpu
