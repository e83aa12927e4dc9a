// A solution of 23_block_sum: a barrier at the end of each round, outside of the if.
#include "exercises/kernel.hpp"

__global__ void block_sum(const float* x, float* sums) {
    FATHOM_SHARED(float, partial, 128);
    const unsigned t = threadIdx.x;
    partial[t] = x[blockIdx.x * 128 + t];
    __syncthreads();
    for (unsigned half = 64; half > 0; half /= 2) {
        if (t < half) partial[t] += partial[t + half];
        __syncthreads();
    }
    if (t == 0) sums[blockIdx.x] = partial[0];
}
