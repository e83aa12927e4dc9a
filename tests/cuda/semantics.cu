// Test kernels for blocks, grids and shared memory. See kernels.hpp.
#include "tests/cuda/kernels.hpp"

#include "cuda/language.cuh"

namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE::test {

namespace {

__global__ void fill_indices_kernel(int* out) {
    const unsigned block = (blockIdx.z * gridDim.y + blockIdx.y) * gridDim.x + blockIdx.x;
    const unsigned thread = (threadIdx.z * blockDim.y + threadIdx.y) * blockDim.x + threadIdx.x;
    const unsigned i = block * (blockDim.x * blockDim.y * blockDim.z) + thread;
    out[i] = static_cast<int>(i);
}

__device__ float warp_sum(float value) {
    for (unsigned offset = 16; offset > 0; offset /= 2) value += __shfl_down_sync(0xffffffffu, value, offset);
    return value;
}

__global__ void __launch_bounds__(1024) block_sum_kernel(const float* __restrict__ in, float* __restrict__ out, int n) {
    FATHOM_SHARED(float, partial, 32);
    const int i = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
    const unsigned lane = threadIdx.x % 32, warp = threadIdx.x / 32;
    float sum = warp_sum(i < n ? in[i] : 0.0f);
    if (lane == 0) partial[warp] = sum;
    __syncthreads();
    if (warp == 0) {
        sum = warp_sum(lane < blockDim.x / 32 ? partial[lane] : 0.0f);
        if (lane == 0) out[blockIdx.x] = sum;
    }
}

__global__ void reverse_rows_kernel(const int* in, int* out, int columns) {
    FATHOM_DYNAMIC_SHARED(int, row);
    const int i = static_cast<int>(threadIdx.x), first = static_cast<int>(blockIdx.x) * columns;
    row[i] = in[first + i];
    __syncthreads();
    out[first + i] = row[columns - 1 - i];
}

template <class T>
__global__ void transpose_kernel(const T* in, T* out, int rows, int columns) {
    FATHOM_SHARED(T, tile, 16, 17);
    const int x = static_cast<int>(blockIdx.x * 16 + threadIdx.x), y = static_cast<int>(blockIdx.y * 16 + threadIdx.y);
    if (x < columns && y < rows) tile[threadIdx.y][threadIdx.x] = in[y * columns + x];
    __syncthreads();
    const int tx = static_cast<int>(blockIdx.y * 16 + threadIdx.x),
              ty = static_cast<int>(blockIdx.x * 16 + threadIdx.y);
    if (tx < rows && ty < columns) out[ty * rows + tx] = tile[threadIdx.x][threadIdx.y];
}

__global__ void count_votes_kernel(const int* in, int* out, int n) {
    FATHOM_SHARED(int, seen);
    const int i = static_cast<int>(threadIdx.x);
    const int vote = i < n && in[i] != 0;
    const int count = __syncthreads_count(vote), any = __syncthreads_or(vote), all = __syncthreads_and(vote);
    if (i == 0) seen = count;
    __syncthreads();
    if (i == static_cast<int>(blockDim.x) - 1) out[0] = seen, out[1] = any, out[2] = all;
}

__global__ void early_return_kernel(int* out, int n) {
    const int i = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
    if (i >= n) return;
    out[i] = i * i;
}

__global__ void nothing_kernel() {}

__global__ void big_shared_kernel(int* out, int bytes) {
    FATHOM_DYNAMIC_SHARED(unsigned char, memory);
    memory[bytes - 1 - static_cast<int>(threadIdx.x)] = 1;
    __syncthreads();
    out[threadIdx.x] = memory[bytes - static_cast<int>(blockDim.x) + static_cast<int>(threadIdx.x)];
}

#ifdef FATHOM_EMULATOR
__global__ void too_much_static_kernel(int* out) {
    FATHOM_SHARED(int, most, 48, 256);
    most[0][0] = 1;
    FATHOM_SHARED(int, more, 1);
    more[0] = 2;
    out[0] = most[0][0] + more[0];
}

[[gnu::noinline]] int recurse(int depth, volatile int* out) {
    volatile int frame[64];
    frame[depth % 64] = depth;
    return depth > 0 ? recurse(depth - 1, out) + frame[depth % 64] : *out;
}
__global__ void deep_recursion_kernel(int* out, int depth) {
    out[0] = 0;
    out[0] = recurse(depth, out);
    __syncthreads();
}
#endif

}  // namespace

Result fill_indices(int* out, const Dim3& grid, const Dim3& block) {
    return launch("fill_indices", fill_indices_kernel, {grid, block}, nullptr, out);
}
Result block_sum(const float* in, float* out, int n, int block) {
    return launch("block_sum", block_sum_kernel, {(n + block - 1) / block, block}, nullptr, in, out, n);
}
Result reverse_rows(const int* in, int* out, int rows, int columns) {
    const auto bytes = static_cast<std::size_t>(columns) * sizeof(int);
    return launch("reverse_rows", reverse_rows_kernel, {rows, columns, bytes}, nullptr, in, out, columns);
}
Result transpose(const float* in, float* out, int rows, int columns) {
    return launch("transpose", transpose_kernel<float>, {{(columns + 15) / 16, (rows + 15) / 16}, {16, 16}}, nullptr,
                  in, out, rows, columns);
}
Result count_votes(const int* in, int* out, int n) {
    return launch("count_votes", count_votes_kernel, {1, 70}, nullptr, in, out, n);
}
Result early_return(int* out, int n, int block) {
    return launch("early_return", early_return_kernel, {(n + block - 1) / block, block}, nullptr, out, n);
}
Result geometry_only(const LaunchShape& shape) { return launch("geometry_only", nothing_kernel, shape, nullptr); }
Result big_shared(std::size_t bytes, int* out) {
    return launch("big_shared", big_shared_kernel, {1, 64, bytes}, nullptr, out, static_cast<int>(bytes));
}
#ifdef FATHOM_EMULATOR
Result too_much_static(int* out) { return launch("too_much_static", too_much_static_kernel, {1, 1}, nullptr, out); }
Result deep_recursion(int* out, int depth) {
    return launch("deep_recursion", deep_recursion_kernel, {1, 1}, nullptr, out, depth);
}
#endif

}  // namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE::test
