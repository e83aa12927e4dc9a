// Whether all elements are finite: each block looks at its part, one block at what they found.
#include "cuda/backend/host.hpp"
#include "cuda/kernels/common.cuh"

namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE {
namespace {

// By the exponent's bits, all ones: no flag of a compiler takes that away.
__device__ bool is_finite(float x) { return (__float_as_uint(x) & 0x7f800000u) != 0x7f800000u; }
__device__ bool is_finite(double x) { return (__double_as_longlong(x) & 0x7ff0000000000000ll) != 0x7ff0000000000000ll; }

// found: whether one of the block's elements is not.
template <class T>
__global__ void __launch_bounds__(block_threads) look_kernel(kernels::Loop loop, std::int64_t n,
                                                             const T* in,   // [n], strides of the loop
                                                             int* found) {  // [blocks]
    bool bad = false;
    for (std::int64_t i = first_element(); i < n; i += all_threads()) {
        std::int64_t at[1];
        offsets_of<1>(loop, i, at);
        bad = bad || !is_finite(in[at[0]]);
    }
    const int any = __syncthreads_or(bad);
    if (threadIdx.x == 0) found[blockIdx.x] = any;
}

__global__ void __launch_bounds__(block_threads) answer_kernel(const int* found,  // [blocks]
                                                               int blocks,
                                                               bool* out) {  // []
    bool bad = false;
    for (int i = static_cast<int>(threadIdx.x); i < blocks; i += block_threads) bad = bad || found[i] != 0;
    const int any = __syncthreads_or(bad);
    if (threadIdx.x == 0) *out = any == 0;
}

template <class T>
Result run(const abi::Call* call, const abi::FiniteArgs& args) {
    const std::int64_t n = numel(args.in);
    const std::int64_t* strides[] = {args.in.strides};
    const kernels::Loop loop = kernels::make_loop(1, args.in.rank, args.in.shape, strides);
    const std::int64_t blocks = n == 0 ? 0 : ceil_div(n, block_threads) < 1024 ? ceil_div(n, block_threads) : 1024;
    const DeviceScratch found(call, blocks * static_cast<std::int64_t>(sizeof(int)));
    if (!found.result().ok()) return found.result();
    if (blocks > 0)
        if (const Result r = launch(call->operation, look_kernel<T>, {blocks, block_threads}, stream_of(call), loop, n,
                                    data<const T>(args.in), found.as<int>());
            !r.ok())
            return r;
    return launch(call->operation, answer_kernel, {1, block_threads}, stream_of(call), found.as<int>(),
                  static_cast<int>(blocks), data<bool>(args.out));
}

abi::Outcome all_finite(const abi::Call* call, const abi::FiniteArgs* args) {
    return with_floating(call, args->in, [&]<class T>(T) { return run<T>(call, *args); });
}

constexpr abi::Row rows[] = {row<all_finite>("all_finite", abi::floating)};
const Registration registration(rows);

}  // namespace
}  // namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE
