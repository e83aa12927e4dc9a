// UpdateRule steps: the formulas of fathom/kernels/optimize.kernel.hpp, one thread an element.
#include <cmath>

#include "cuda/backend/entries.hpp"
#include "cuda/kernels/common.cuh"
#include "fathom/backend/cpu/optimize.hpp"

namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE {
namespace {

template <class T>
__global__ void sgd_kernel(kernels::Loop loop, std::int64_t n, T* parameter, const T* gradient, T* buffer,
                           kernels::SgdNumbers<T> s) {
    for (std::int64_t i = first_element(); i < n; i += all_threads()) {
        std::int64_t at[3];
        offsets_of<3>(loop, i, at);
        T& p = parameter[at[0]];
        T d = std::fma(s.weight_decay, p, gradient[at[1]]);
        if (buffer) {
            const T b = std::fma(s.momentum, buffer[at[2]], d);
            buffer[at[2]] = b;
            d = s.nesterov ? std::fma(s.momentum, b, d) : b;
        }
        p = std::fma(-s.lr, d, p);
    }
}

template <class T>
__global__ void adam_kernel(kernels::Loop loop, std::int64_t n, T* parameter, const T* gradient, T* m, T* v,
                            kernels::AdamNumbers<T> s) {
    for (std::int64_t i = first_element(); i < n; i += all_threads()) {
        std::int64_t at[4];
        offsets_of<4>(loop, i, at);
        const T x = parameter[at[0]], g = std::fma(s.weight_decay, x, gradient[at[1]]);
        const T first = std::fma(s.one_minus_beta1, g - m[at[2]], m[at[2]]);
        const T second = std::fma(g * s.one_minus_beta2, g, v[at[3]] * s.beta2);
        m[at[2]] = first;
        v[at[3]] = second;
        parameter[at[0]] =
            std::fma(-s.step_size, first / (std::sqrt(second) / s.root_of_correction2 + s.eps), x * s.decay);
    }
}

template <class T>
Result run(const abi::Call* call, const abi::OptimizeArgs& a) {
    const abi::Array& p = a.parameter;
    const std::int64_t n = numel(p);
    if (n == 0) return {};
    const bool with_buffer = a.first.data != nullptr;
    // An absent buffer walks along with the parameter; nobody looks.
    const std::int64_t* strides[] = {p.strides, a.gradient.strides, with_buffer ? a.first.strides : p.strides,
                                     a.second.data ? a.second.strides : p.strides};
    const kernels::OptimizerStep step = cpu::optimizer_step(a);
    if (a.op == UpdateRule::sgd)
        return launch(call->operation, sgd_kernel<T>, linear(n), stream_of(call),
                      kernels::make_loop(3, p.rank, p.shape, strides), n, data<T>(p), data<const T>(a.gradient),
                      a.momentum != 0 ? data<T>(a.first) : nullptr, kernels::sgd_numbers<T>(step));
    return launch(call->operation, adam_kernel<T>, linear(n), stream_of(call),
                  kernels::make_loop(4, p.rank, p.shape, strides), n, data<T>(p), data<const T>(a.gradient),
                  data<T>(a.first), data<T>(a.second), kernels::adam_numbers<T>(a.op, step));
}

}  // namespace

abi::Status entry::optimize(const abi::Call* call, const abi::OptimizeArgs* args) {
    return with_floating(call, args->parameter, [&]<class T>(T) { return run<T>(call, *args); });
}

}  // namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE
