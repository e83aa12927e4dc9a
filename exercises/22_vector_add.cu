// 22 A first kernel
//
// A kernel is a function that very many threads run at once, each for one element. Threads come in blocks of
// blockDim.x; a thread knows its own number threadIdx.x in its block and that of the block, blockIdx.x. So element i of
// an array is the work of the thread with
//
//   i = blockIdx.x * blockDim.x + threadIdx.x
//
// All blocks have the same size, so where n is no multiple of it the last block has threads without an element. They
// must not touch memory: it belongs to somebody else.
//
//   1. blocks_for(n, threads): how many blocks of that many threads are needed for n elements?
//   2. add_arrays: y[i] = a[i] + b[i] for i below n.
#include "exercises/kernel.hpp"

int blocks_for(int n, int threads) {
    return 1;  // YOUR CODE in place of 1
}

__global__ void add_arrays(const float* a, const float* b, float* y, int n) {
    // YOUR CODE
}
