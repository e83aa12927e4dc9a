// Test kernels for atomics, copies under way, streams and arguments. See kernels.hpp.
#include "tests/cuda/kernels.hpp"

#include "cuda/language.cuh"
#include "cuda/ptx.cuh"

namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE::test {

namespace {

__global__ void atomics_kernel(AtomicResults* out) {
    FATHOM_SHARED(int, in_block);
    const int i = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
    if (threadIdx.x == 0) in_block = 0;
    __syncthreads();
    atomicAdd(&in_block, i);
    __syncthreads();
    if (threadIdx.x == 0) atomicAdd(&out->sum, in_block);
    atomicAdd(&out->wrapped, 0x80000001u);
    atomicAdd(&out->wide, 1ull << 33);
    atomicAdd(&out->real, 0.5f);
    atomicAdd(&out->precise, 0.25);
    atomicMax(&out->largest, i);
    atomicMin(&out->smallest, -i);
    if (atomicCAS(&out->swapped, 0, i + 1) == 0) atomicExch(&out->swapped, -1);
}

__global__ void last_block_sum_kernel(const float* in, float* partial, unsigned* ticket, float* out) {
    FATHOM_SHARED(bool, last);
    if (threadIdx.x == 0) {
        partial[blockIdx.x] = in[blockIdx.x] * 2;
        __threadfence();
        last = atomicAdd(ticket, 1u) == gridDim.x - 1;
    }
    __syncthreads();
    if (!last || threadIdx.x != 0) return;
    __threadfence();
    float sum = 0;
    for (unsigned i = 0; i < gridDim.x; ++i) sum += partial[i];
    *out = sum;
}

// Each tile of 32 floats is fetched two ahead of its use.
__global__ void pipeline_kernel(const float* in, float* out, int tiles) {
    FATHOM_SHARED(float4, stage, 3, 8);
    const int i = static_cast<int>(threadIdx.x);
    const auto fetch = [&](int tile) {
        if (tile < tiles && i < 8) cp_async_16(&stage[tile % 3][i], in + tile * 32 + i * 4);
        cp_async_commit();
    };
    fetch(0);
    fetch(1);
    for (int tile = 0; tile < tiles; ++tile) {
        cp_async_wait<1>();
        __syncthreads();
        out[tile * 32 + i] = reinterpret_cast<const float*>(stage[tile % 3])[31 - i];
        __syncthreads();
        fetch(tile + 2);
    }
}

__global__ void zero_filled_kernel(const float* in, float* out) {
    FATHOM_SHARED(float4, stage);
    cp_async_16(&stage, in, 8);
    cp_async_commit();
    cp_async_wait<0>();
    out[0] = stage.x, out[1] = stage.y, out[2] = stage.z, out[3] = stage.w;
}

__global__ void add_one_kernel(int* values, int n) {
    const int i = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
    if (i < n) values[i] += 1;
}

__global__ void converted_kernel(double* out, float value, short index) { out[index] = static_cast<double>(value); }

}  // namespace

Result atomics(AtomicResults* out, int blocks, int block) {
    return launch("atomics", atomics_kernel, {blocks, block}, nullptr, out);
}
Result last_block_sum(const float* in, float* partial, unsigned* ticket, float* out, int blocks) {
    return launch("last_block_sum", last_block_sum_kernel, {blocks, 2}, nullptr, in, partial, ticket, out);
}
Result pipeline(const float* in, float* out, int tiles) {
    return launch("pipeline", pipeline_kernel, {1, 32}, nullptr, in, out, tiles);
}
Result zero_filled(const float* in, float* out) {
    return launch("zero_filled", zero_filled_kernel, {1, 1}, nullptr, in, out);
}
Result add_one(int* values, int n, Stream stream) {
    return launch("add_one", add_one_kernel, {(n + 63) / 64, 64}, stream, values, n);
}
Result converted(double* out, double value, long index) {
    return launch("converted", converted_kernel, {1, 1}, nullptr, out, static_cast<float>(value),
                  static_cast<short>(index));
}

}  // namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE::test
