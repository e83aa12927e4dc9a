// What the emulator's speed is measured on. Each call launches one kernel once; kernels.cu.
#pragma once

#include "cuda/launch.hpp"

namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE::bench {

// Every thread passes `rounds` barriers and does nothing else.
Result barriers(int blocks, int block, int rounds);
// Every thread takes part in `rounds` shuffles.
Result shuffles(int* out, int blocks, int block, int rounds);
// A matrix product in tiles of 16x16: each thread loads two values into shared memory, waits, does 16 multiply-adds
// from there, waits. Two barriers per 16 of k.
Result products(const float* a, const float* b, float* c, int size);
// No barrier: y[i] += a * x[i].
Result axpy(const float* x, float* y, int n);

}  // namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE::bench
