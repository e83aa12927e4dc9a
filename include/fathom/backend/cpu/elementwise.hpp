// The CPU's elementwise operations: unpacks abi::ElementwiseArgs for kernels/elementwise.hpp, copy.hpp and select.hpp.
#pragma once

#include "fathom/backend/cpu/arrays.hpp"
#include "fathom/kernels/copy.hpp"
#include "fathom/kernels/elementwise.hpp"
#include "fathom/kernels/select.hpp"

namespace fathom::inline v0::cpu {

// The same for every operation and dtype. Of two bytes each array says what it is: a number beside them is float.
using ElementwiseRun = decltype(&kernels::elementwise);
inline void run_elementwise(const abi::Call& call, const abi::ElementwiseArgs& args, Elementwise op,
                            kernels::BlockKernel kernel, ElementwiseRun run) {
    const abi::Array &out = args.out, *in = args.in;
    const std::int64_t* strides[] = {out.strides, in[0].strides, in[1].strides, in[2].strides};
    const DType dtypes[] = {type(out), type(in[0]), type(in[1]), type(in[2])};
    void* const arrays[] = {out.data, in[0].data, in[1].data, in[2].data};
    const kernels::Loop loop = kernels::make_loop(1 + abi::info_of(op).inputs, out.rank, out.shape, strides);
    if (!run(loop, op, kernel, dtypes, arrays, args.parameters[0], args.parameters[1], out.add != 0))
        fail(call, {"an integer is divided by zero"});
}

// The formulas and comparisons.
template <class T, Elementwise op>
void elementwise(const abi::Call& call, const abi::ElementwiseArgs& args) {
    const kernels::BlockKernel kernel = kernels::elementwise_kernel<ArithmeticOf<T>, op>();
    if constexpr (StoredElement<T>)
        run_elementwise(call, args, op, kernel, &kernels::elementwise_widened);
    else
        run_elementwise(call, args, op, kernel, &kernels::elementwise);
}

template <class From, class To>
void copy(const abi::Call& call, const abi::ElementwiseArgs& args) {
    if constexpr (std::is_same_v<From, To> && FractionElement<To>) {
        if (args.out.add) {  // out = out + in, in vectors
            abi::ElementwiseArgs sum{args.out, {args.out, args.in[0], {}}};
            sum.out.add = 0;
            return elementwise<To, Elementwise::add>(call, sum);
        }
    }
    kernels::copy<From, To>(loop_over(args.out, args.in[0]), data<To>(args.out), data<From>(args.in[0]),
                            args.out.add != 0);
}

template <class T>
void fill(const abi::Call&, const abi::ElementwiseArgs& args) {
    T value = kernels::convert<T>(args.parameters[0]);
    if constexpr (std::is_same_v<T, std::int64_t>) value += kernels::convert<T>(args.parameters[1]);
    kernels::fill<T>(loop_over(args.out), data<T>(args.out), value, args.out.add != 0);
}

template <class T>
void where(const abi::Call&, const abi::ElementwiseArgs& args) {
    const abi::Array* in = args.in;
    kernels::where<T>(loop_over(args.out, in[0], in[1], in[2]), data<T>(args.out), data<bool>(in[0]), data<T>(in[1]),
                      data<T>(in[2]), args.out.add != 0);
}

inline void logical_not(const abi::Call&, const abi::ElementwiseArgs& args) {
    kernels::logical_not(loop_over(args.out, args.in[0]), data<bool>(args.out), data<bool>(args.in[0]));
}

// An elementwise operation on one dtype: its number for devices, its function for the CPU.
struct ElementwiseKernel {
    Elementwise op;
    void (*cpu)(const abi::Call&, const abi::ElementwiseArgs&);
};

template <class T, Elementwise op>
constexpr ElementwiseKernel elementwise_kernel() {
    constexpr abi::ElementwiseKind kind = abi::info_of(op).kind;
    constexpr DType arithmetic = dtype_of<ArithmeticOf<T>>;  // of two bytes there is what there is of float
    constexpr bool computes = (abi::info_of(op).dtypes & abi::dtypes(arithmetic)) != 0;
    static_assert(computes, "this operation does not exist for this dtype: convert first, as in x.to<float>()");
    if constexpr (!computes)
        return {};
    else if constexpr (kind != abi::ElementwiseKind::move)
        return {op, &elementwise<T, op>};
    else if constexpr (op == Elementwise::copy)
        return {op, &copy<T, T>};
    else if constexpr (op == Elementwise::fill)
        return {op, &fill<T>};
    else if constexpr (op == Elementwise::where)
        return {op, &where<T>};
    else
        return {op, &logical_not};
}
// T: the dtype of the inputs, of where's values.
template <class T, Elementwise op>
inline constexpr ElementwiseKernel kernel = elementwise_kernel<T, op>();
template <class From, class To>
inline constexpr ElementwiseKernel conversion = {Elementwise::copy, &copy<From, To>};

}  // namespace fathom::inline v0::cpu
