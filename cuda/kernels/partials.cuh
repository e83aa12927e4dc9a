// Pairs of sums for each channel, which blocks have left as one partial sum for each chunk, added up in the order of
// the chunks.
#pragma once

#include "cuda/backend/host.hpp"
#include "cuda/kernels/common.cuh"

namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE {

// A block takes 8 channels and 32 chunks at a time.
inline constexpr int combine_channels = 8, combine_rows = block_threads / combine_channels;
inline LaunchShape combine_shape(std::int64_t channels) {
    return {ceil_div(channels, combine_channels), block_threads};
}

// Two sums over all chunks, in sum[0] and sum[1] of the threads of the first row; others get false.
__device__ inline bool combined(const double* partials,  // [chunks, 2, channels]
                                int chunks, int channels,
                                double (*shared)[block_threads],  // [2, 256]
                                double (&sum)[2], int& c) {
    const int thread = static_cast<int>(threadIdx.x), row = thread / combine_channels;
    c = static_cast<int>(blockIdx.x) * combine_channels + thread % combine_channels;
    double own[2] = {};
    if (c < channels)
#pragma unroll 4
        for (std::int64_t k = row; k < chunks; k += combine_rows)
            for (int s = 0; s < 2; ++s) own[s] += partials[(k * 2 + s) * channels + c];
    for (int s = 0; s < 2; ++s) shared[s][thread] = own[s];
    for (int half = block_threads / 2; half >= combine_channels; half /= 2) {
        __syncthreads();
        if (thread < half)
            for (int s = 0; s < 2; ++s) shared[s][thread] += shared[s][thread + half];
    }
    if (row > 0 || c >= channels) return false;
    for (int s = 0; s < 2; ++s) sum[s] = shared[s][thread];
    return true;
}

}  // namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE
