// What the test kernels compute; each function launches one. The kernels: semantics.cu, warps.cu, memory.cu.
#pragma once

#include <cstdint>

#include "cuda/launch.hpp"

namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE::test {

// semantics.cu
Result fill_indices(int* out, const Dim3& grid, const Dim3& block);    // out[i] = i, every thread once
Result block_sum(const float* in, float* out, int n, int block);       // out[b] = sum of block b's part
Result reverse_rows(const int* in, int* out, int rows, int columns);   // dynamic shared memory, columns <= 1024
Result transpose(const float* in, float* out, int rows, int columns);  // 16x16 tiles in static shared memory
Result count_votes(const int* in, int* out, int n);                    // {count, or, and} of __syncthreads_*
Result early_return(int* out, int n, int block);                       // threads beyond n return at once
Result geometry_only(const LaunchShape& shape);                        // a kernel that does nothing
Result big_shared(std::size_t bytes, int* out);                        // touches the last byte of dynamic memory
Result too_much_static(int* out);                                      // 48 KiB static + 1 array
Result deep_recursion(int* out, int depth);

// warps.cu: out has 32 values per shape
Result shuffles(int* out, int block);    // 6 values per thread
Result wide_shuffles(double* out);       // 8-byte values
Result votes(unsigned* out, int block);  // {ballot of odd lanes, any, all} per thread
Result half_warps(int* out);             // two masks at once
Result warp_neighbours(int* out);        // through shared memory with __syncwarp
Result mma(const std::uint16_t* a, const std::uint16_t* b, const float* c, float* d);  // row-major 16x16, 16x8, 16x8

// memory.cu
struct AtomicResults {
    int sum;
    unsigned wrapped;
    unsigned long long wide;
    float real;
    double precise;
    int largest, smallest, swapped;
};
Result atomics(AtomicResults* out, int blocks, int block);
Result last_block_sum(const float* in, float* partial, unsigned* ticket, float* out, int blocks);  // __threadfence
Result pipeline(const float* in, float* out, int tiles);  // cp.async, two groups under way
Result zero_filled(const float* in, float* out);          // cp.async of 8 of 16 bytes
Result add_one(int* values, int n, Stream stream);
Result converted(double* out, double value, long index);  // arguments of other types than the kernel's

}  // namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE::test
