// 23 Find the race
//
// Each block adds up 128 numbers in shared memory, which all of its threads see. In each round the first half of those
// that are left adds the second half to its own: 64 threads, then 32, 16, ... until partial[0] holds the sum.
//
// The kernel below gives the right sum on most days. The threads of a block run in no order: __syncthreads() lets them
// go on when all of them have come there, and there is one missing. The emulator names the two threads and the two
// lines that meet. Where does the barrier have to stand, so that all 128 threads reach it?
#include "exercises/kernel.hpp"

__global__ void block_sum(const float* x, float* sums) {
    FATHOM_SHARED(float, partial, 128);
    const unsigned t = threadIdx.x;
    partial[t] = x[blockIdx.x * 128 + t];
    __syncthreads();
    for (unsigned half = 64; half > 0; half /= 2) {
        if (t < half) partial[t] += partial[t + half];
    }
    if (t == 0) sums[blockIdx.x] = partial[0];
}
