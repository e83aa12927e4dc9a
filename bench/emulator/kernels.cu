// See kernels.hpp.
#include "bench/emulator/kernels.hpp"

#include "cuda/language.cuh"

namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE::bench {

namespace {

__global__ void barriers_kernel(int rounds) {
    for (int i = 0; i < rounds; ++i) __syncthreads();
}

__global__ void shuffles_kernel(int* out, int rounds) {
    int value = static_cast<int>(threadIdx.x);
    for (int i = 0; i < rounds; ++i) value = __shfl_xor_sync(0xffffffffu, value, 1 + i % 31);
    out[blockIdx.x * blockDim.x + threadIdx.x] = value;
}

__global__ void products_kernel(const float* a, const float* b, float* c, int size) {
    FATHOM_SHARED(float, left, 16, 16);
    FATHOM_SHARED(float, right, 16, 16);
    const int x = static_cast<int>(threadIdx.x), y = static_cast<int>(threadIdx.y);
    const int column = static_cast<int>(blockIdx.x) * 16 + x, row = static_cast<int>(blockIdx.y) * 16 + y;
    float sum = 0;
    for (int k = 0; k < size; k += 16) {
        left[y][x] = a[row * size + k + x];
        right[y][x] = b[(k + y) * size + column];
        __syncthreads();
        for (int i = 0; i < 16; ++i) sum += left[y][i] * right[i][x];
        __syncthreads();
    }
    c[row * size + column] = sum;
}

__global__ void axpy_kernel(const float* x, float* y, int n) {
    const int i = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
    if (i < n) y[i] += 0.5f * x[i];
}

}  // namespace

Result barriers(int blocks, int block, int rounds) {
    return launch("barriers", barriers_kernel, {blocks, block}, nullptr, rounds);
}
Result shuffles(int* out, int blocks, int block, int rounds) {
    return launch("shuffles", shuffles_kernel, {blocks, block}, nullptr, out, rounds);
}
Result products(const float* a, const float* b, float* c, int size) {
    return launch("products", products_kernel, {{size / 16, size / 16}, {16, 16}}, nullptr, a, b, c, size);
}
Result axpy(const float* x, float* y, int n) {
    return launch("axpy", axpy_kernel, {(n + 255) / 256, 256}, nullptr, x, y, n);
}

}  // namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE::bench
