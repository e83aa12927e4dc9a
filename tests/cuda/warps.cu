// Test kernels for warps: shuffles, votes, masks, the matrix instruction. See kernels.hpp.
#include "tests/cuda/kernels.hpp"

#include "cuda/language.cuh"
#include "cuda/ptx.cuh"

namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE::test {

namespace {

// The lanes of this thread's warp that exist.
__device__ unsigned whole_warp() {
    const unsigned left = blockDim.x - threadIdx.x / 32 * 32;
    return left >= 32 ? 0xffffffffu : (1u << left) - 1;
}

__global__ void shuffles_kernel(int* out) {
    const unsigned mask = whole_warp();
    const int value = 100 + static_cast<int>(threadIdx.x), last = static_cast<int>(__popc(mask)) - 1;
    int* mine = out + threadIdx.x * 6;
    mine[0] = __shfl_sync(mask, value, last);
    mine[1] = __shfl_up_sync(mask, value, 1);
    mine[2] = __shfl_down_sync(mask, value, 2, 8);
    mine[3] = __shfl_xor_sync(mask, value, 1, 2);
    mine[4] = __shfl_sync(mask, value, 1, 4);
    // Lanes that finish one at once run ahead of the others.
    int sum = 0;
    for (int i = 0; i < 50; ++i) sum += __shfl_sync(mask, value + i, i % (last + 1));
    mine[5] = sum;
}

__global__ void wide_shuffles_kernel(double* out) {
    const double value = 1.0 / (1.0 + static_cast<double>(threadIdx.x));
    out[threadIdx.x] = __shfl_xor_sync(0xffffffffu, value, 31);
}

__global__ void votes_kernel(unsigned* out) {
    const unsigned mask = whole_warp(), lane = threadIdx.x % 32;
    out[threadIdx.x * 3] = __ballot_sync(mask, lane % 2);
    out[threadIdx.x * 3 + 1] = static_cast<unsigned>(__any_sync(mask, lane == 1));
    out[threadIdx.x * 3 + 2] = static_cast<unsigned>(__all_sync(mask, threadIdx.x < 32));
}

__global__ void half_warps_kernel(int* out) {
    const int lane = static_cast<int>(threadIdx.x);
    int value = lane;
    if (lane < 16) {
        value += __shfl_xor_sync(0x0000ffffu, value, 1);
        value += __shfl_xor_sync(0x0000ffffu, value, 2);
    } else {
        value = __shfl_xor_sync(0xffff0000u, value, 15);
    }
    __syncwarp();
    out[lane] = value;
}

__global__ void warp_neighbours_kernel(int* out) {
    FATHOM_SHARED(int, line, 64);
    const unsigned i = threadIdx.x, warp = i / 32 * 32;
    line[i] = static_cast<int>(i) * 3;
    __syncwarp();
    const int right = line[warp + (i + 1) % 32];
    __syncwarp();
    line[i] = right;
    __syncwarp();
    out[i] = line[warp + (i + 31) % 32];
}

__global__ void mma_kernel(const std::uint16_t* a, const std::uint16_t* b, const float* c, float* d) {
    const unsigned g = threadIdx.x / 4, k = threadIdx.x % 4 * 2;
    const auto pair = [](std::uint16_t low, std::uint16_t high) {
        return static_cast<std::uint32_t>(low) | static_cast<std::uint32_t>(high) << 16;
    };
    std::uint32_t fa[4], fb[2];
    float sum[4];
    for (unsigned i = 0; i < 4; ++i) {
        const unsigned at = (g + i % 2 * 8) * 16 + k + i / 2 * 8;
        fa[i] = pair(a[at], a[at + 1]);
        sum[i] = c[(g + i / 2 * 8) * 8 + k + i % 2];
    }
    for (unsigned i = 0; i < 2; ++i) fb[i] = pair(b[(k + i * 8) * 8 + g], b[(k + i * 8 + 1) * 8 + g]);
    mma_m16n8k16_bf16(sum, fa, fb, sum);
    for (unsigned i = 0; i < 4; ++i) d[(g + i / 2 * 8) * 8 + k + i % 2] = sum[i];
}

}  // namespace

Result shuffles(int* out, int block) { return launch("shuffles", shuffles_kernel, {1, block}, nullptr, out); }
Result wide_shuffles(double* out) { return launch("wide_shuffles", wide_shuffles_kernel, {1, 32}, nullptr, out); }
Result votes(unsigned* out, int block) { return launch("votes", votes_kernel, {1, block}, nullptr, out); }
Result half_warps(int* out) { return launch("half_warps", half_warps_kernel, {1, 32}, nullptr, out); }
Result warp_neighbours(int* out) { return launch("warp_neighbours", warp_neighbours_kernel, {1, 64}, nullptr, out); }
Result mma(const std::uint16_t* a, const std::uint16_t* b, const float* c, float* d) {
    return launch("mma", mma_kernel, {1, 32}, nullptr, a, b, c, d);
}

}  // namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE::test
