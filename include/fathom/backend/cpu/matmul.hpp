// The CPU's matrix products: unpacks abi::MatmulArgs for kernels/gemm.hpp.
#pragma once

#include "fathom/backend/cpu/through_float.hpp"
#include "fathom/kernels/gemm.hpp"

namespace fathom::inline v0::cpu {

// The steps of a matrix of a batch: batch dimensions are walked by the caller.
inline kernels::MatrixSteps matrix_steps(const abi::Array& a) {
    return {a.strides[a.rank - 2], a.strides[a.rank - 1], 0};
}

template <FloatElement T>
void matmul(const abi::Call&, const abi::MatmulArgs& args) {
    const abi::Array &out = args.out, &a = args.a, &b = args.b;
    const abi::Array& bias = args.bias;
    if (numel(out) == 0) return;
    const int dims = out.rank - 2;
    kernels::GemmShape shape;
    shape.m = out.shape[dims], shape.n = out.shape[dims + 1], shape.k = a.shape[dims + 1];
    shape.a = matrix_steps(a), shape.b = matrix_steps(b), shape.c = matrix_steps(out);
    if (bias.data) shape.bias = matrix_steps(bias);
    // The innermost batch dimension is the kernel's, those before it are walked here.
    if (dims > 0) {
        shape.batch = out.shape[dims - 1];
        shape.a.batch = a.strides[dims - 1], shape.b.batch = b.strides[dims - 1], shape.c.batch = out.strides[dims - 1];
        if (bias.data) shape.bias.batch = bias.strides[dims - 1];
    }
    std::int64_t outer = 1;
    for (int d = 0; d + 1 < dims; ++d) outer *= out.shape[d];
    for (std::int64_t i = 0; i < outer; ++i) {
        std::int64_t at[4] = {}, rest = i;
        for (int d = dims - 2; d >= 0; --d) {
            const std::int64_t index = rest % out.shape[d];
            rest /= out.shape[d];
            at[0] += index * a.strides[d], at[1] += index * b.strides[d], at[2] += index * out.strides[d];
            if (bias.data) at[3] += index * bias.strides[d];
        }
        T* const c = data<T>(out) + at[2];
        kernels::gemm<T>(data<T>(a) + at[0], data<T>(b) + at[1], bias.data ? data<T>(bias) + at[3] : nullptr, c, shape,
                         {.residual = out.add ? c : nullptr});
    }
}

template <StoredElement T>
void matmul(const abi::Call& call, const abi::MatmulArgs& args) {
    using Args = abi::MatmulArgs;
    through_float<T, Args>(&matmul<float>, call, args, {&Args::a, &Args::b, &Args::bias}, {&Args::out});
}

}  // namespace fathom::inline v0::cpu
