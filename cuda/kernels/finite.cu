// Whether all elements are finite: each block looks at its part, one block at what they found. Memory bounds it, one
// read of an element; what lies side by side is read 16 bytes at a time.
#include <algorithm>

#include "cuda/backend/host.hpp"
#include "cuda/kernels/common.cuh"
#include "cuda/kernels/pack.cuh"

namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE {
namespace {

// By the exponent's bits, all ones: no flag of a compiler takes that away.
__device__ bool is_finite(float x) { return (__float_as_uint(x) & 0x7f800000u) != 0x7f800000u; }
__device__ bool is_finite(double x) { return (__double_as_longlong(x) & 0x7ff0000000000000ll) != 0x7ff0000000000000ll; }

constexpr std::int64_t most_blocks = 8 * typical_multiprocessors;

// found: whether one of the block's elements is not.
__device__ void tell(bool bad,
                     int* found) {  // [blocks]
    const int any = __syncthreads_or(bad);
    if (threadIdx.x == 0) found[blockIdx.x] = any;
}

template <class T>
__global__ void __launch_bounds__(block_threads) strided_kernel(kernels::Loop loop, std::int64_t n,
                                                                const T* in,   // [n], strides of the loop
                                                                int* found) {  // [blocks]
    bool bad = false;
    for (std::int64_t i = first_element(); i < n; i += all_threads()) {
        std::int64_t at[1];
        offsets_of<1>(loop, i, at);
        bad = bad || !is_finite(in[at[0]]);
    }
    tell(bad, found);
}

// Elements side by side, from a multiple of 16 bytes on.
template <class T>
__global__ void __launch_bounds__(block_threads) dense_kernel(std::int64_t n,
                                                              const T* in,   // [n]
                                                              int* found) {  // [blocks]
    constexpr int size = pack_lanes<T>;
    const std::int64_t packs = n / size;
    bool bad = false;
#pragma unroll 4
    for (std::int64_t i = first_element(); i < packs; i += all_threads()) {
        const Pack<T, size> values = load_pack<size>(in + i * size);
        for (int k = 0; k < size; ++k) bad |= !is_finite(values.at[k]);
    }
    if (const std::int64_t i = packs * size + first_element(); i < n) bad |= !is_finite(in[i]);
    tell(bad, found);
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
    const bool dense = loop.rank == 1 && loop.stride[0][0] == 1 && pack_aligned<pack_lanes<T>>(data<const T>(args.in));
    const std::int64_t blocks = std::min(ceil_div(n, block_threads * (dense ? pack_lanes<T> : 1)), most_blocks);
    const DeviceScratch found(call, blocks * static_cast<std::int64_t>(sizeof(int)));
    if (!found.result().ok()) return found.result();
    if (blocks > 0) {
        const Result r = dense ? launch(call->operation, dense_kernel<T>, {blocks, block_threads}, stream_of(call), n,
                                        data<const T>(args.in), found.as<int>())
                               : launch(call->operation, strided_kernel<T>, {blocks, block_threads}, stream_of(call),
                                        loop, n, data<const T>(args.in), found.as<int>());
        if (!r.ok()) return r;
    }
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
