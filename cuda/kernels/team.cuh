// Rows of numbers that belong together, such as the classes of a position, each looked at by a team of threads: one
// where rows lie side by side in memory, several where the numbers of a row do, so that neighbours read neighbours in
// both. Up to 16 numbers for each thread stay in registers between passes; beyond that they are read again, from the
// caches.
#pragma once

#include <cstdint>
#include <type_traits>

#include "cuda/backend/host.hpp"
#include "cuda/kernels/common.cuh"

namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE {

// The threads of one row: 1 to 32, a power of two, or the whole block.
struct Team {
    int threads, width;

    // `stride`: from number to number of a row.
    Team(std::int64_t numbers, std::int64_t stride, std::int64_t rows) : threads(1), width(static_cast<int>(numbers)) {
        if (stride != 1 && rows >= 4096) return;
        while (threads < 32 && threads * 4 < width) threads *= 2;
        if (width > 512) threads = block_threads;
    }
    LaunchShape shape(std::uint32_t rows) const { return {ceil_div(rows, block_threads / threads), block_threads}; }

    __device__ int thread() const { return static_cast<int>(threadIdx.x) % threads; }
    __device__ std::uint32_t row() const {
        return blockIdx.x * static_cast<std::uint32_t>(block_threads / threads) +
               threadIdx.x / static_cast<std::uint32_t>(threads);
    }
    // f of the team's values, by pairs, for all of its threads. All threads of the block call it.
    template <class T, class F>
    __device__ T combine(T value,
                         T* shared,  // [8]
                         F f) const {
        for (int distance = (threads < 32 ? threads : 32) / 2; distance > 0; distance /= 2)
            value = f(value, __shfl_xor_sync(0xffffffffu, value, distance));
        if (threads <= 32) return value;
        __syncthreads();
        if (threadIdx.x % 32 == 0) shared[threadIdx.x / 32] = value;
        __syncthreads();
        value = shared[0];
        for (int warp = 1; warp < block_threads / 32; ++warp) value = f(value, shared[warp]);
        return value;
    }
    template <class T>
    __device__ T sum(T value, T* shared) const {
        return combine(value, shared, [](T a, T b) { return a + b; });
    }
    // Without regard to NaN.
    template <class T>
    __device__ T largest(T value, T* shared) const {
        return combine(value, shared, [](T a, T b) { return b > a ? b : a; });
    }
};

// f(std::integral_constant<int, held>) for as many as a thread of the team can have.
template <class F>
auto with_held(const Team& team, F f) {
    const int most = static_cast<int>(ceil_div(team.width, team.threads));
    if (most <= 4) return f(std::integral_constant<int, 4>{});
    return most <= 16 ? f(std::integral_constant<int, 16>{}) : f(std::integral_constant<int, 0>{});
}

}  // namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE
