// Kernels with planted races. See planted.hpp.
#include "tests/cuda/planted.hpp"

#include "cuda/language.cuh"

namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE::test {

namespace {

__global__ void race_read_kernel(const int* in, int* out, bool planted) {
    FATHOM_SHARED(int, tile, 64);
    const unsigned i = threadIdx.x;
    tile[i] = 0;
    __syncthreads();
    tile[i] = in[i];  // fault: race_read
    if (!planted) __syncthreads();
    out[i] = tile[(i + 33) % 64];  // fault: race_read
}

__global__ void race_write_kernel(int* out, bool planted) {
    FATHOM_SHARED(int, count);
    if (!planted && threadIdx.x != 0) return;
    count = static_cast<int>(threadIdx.x);  // fault: race_write
    out[threadIdx.x] = count;
}

// The tile is used again before everybody has read it.
__global__ void race_reuse_kernel(const int* in, int* out, bool planted) {
    FATHOM_SHARED(int, tile, 64);
    const unsigned i = threadIdx.x;
    for (int round = 0; round < 2; ++round) {
        tile[i] = in[i] + round;  // fault: race_reuse
        __syncthreads();
        out[i] = tile[63 - i];  // fault: race_reuse
        if (!planted) __syncthreads();
    }
}

// Of those who have read a word, the thread itself is the last.
__global__ void race_of_readers_kernel(const int* in, int* out, bool planted) {
    FATHOM_SHARED(int, tile, 64);
    const unsigned i = threadIdx.x;
    tile[i] = in[i];
    __syncthreads();
    const int other = tile[(i + 1) % 64];  // fault: race_of_readers
    if (!planted) __syncthreads();
    tile[i] += other;  // fault: race_of_readers
    out[i] = tile[i];
}

__global__ void race_in_warp_kernel(const int* in, int* out, bool planted) {
    FATHOM_SHARED(int, line, 32);
    const unsigned i = threadIdx.x;
    line[i] = in[i];
    for (unsigned half = 16; half > 0; half /= 2) {
        __syncwarp();
        const int other = i < half ? line[i + half] : 0;  // fault: race_in_warp
        if (!planted) __syncwarp();
        line[i] += other;  // fault: race_in_warp
    }
    __syncwarp();
    out[i] = line[0];
}

__global__ void race_of_halves_kernel(const int* in, int* out, bool planted) {
    FATHOM_SHARED(std::uint16_t, tile, 64);
    const unsigned i = threadIdx.x;
    tile[i] = 0;
    __syncthreads();
    tile[i] = static_cast<std::uint16_t>(in[i]);  // fault: race_of_halves
    if (!planted) __syncthreads();
    out[i] = tile[(i + 33) % 64];  // fault: race_of_halves
}

__global__ void race_with_atomic_kernel(int* out, bool planted) {
    FATHOM_SHARED(int, count);
    if (threadIdx.x == 0) count = 0;
    __syncthreads();
    atomicAdd(&count, 1);  // fault: race_with_atomic
    if (!planted) __syncthreads();
    out[threadIdx.x] = count;  // fault: race_with_atomic
}

__global__ void race_on_global_kernel(int* data, int* out, bool planted) {
    const unsigned i = threadIdx.x;
    data[i] = 1;  // fault: race_on_global
    if (!planted) __syncthreads();
    out[i] = data[63 - i];  // fault: race_on_global
}

// Two blocks write one place.
__global__ void race_of_blocks_kernel(int* out, bool planted) {
    const unsigned i = threadIdx.x + (planted ? 0 : blockIdx.x * 16);
    out[i] = static_cast<int>(blockIdx.x);  // fault: race_of_blocks
}

// A block reads what another writes in the same launch.
__global__ void race_reading_block_kernel(int* data, int* out, bool planted) {
    const unsigned i = threadIdx.x;
    if (blockIdx.x == 0)
        data[i] = 1;  // fault: race_reading_block
    else if (planted)
        out[i] = data[15 - i];  // fault: race_reading_block
}

}  // namespace

std::vector<Planted> planted_races() {
    using B = const Buffers&;
    return {
        {"race_read", "(0,0,0)", "", "race: ",
         [](B b, bool on) {
             return launch("planted", race_read_kernel, {1, 64}, nullptr, b.in, b.out, on);
         }},
        {"race_write", "(0,0,0)", "", "race: write of 4 bytes, byte 0 of shared array count of 4 bytes",
         [](B b, bool on) {
             return launch("planted", race_write_kernel, {1, 64}, nullptr, b.out, on);
         }},
        {"race_reuse", "(0,0,0)", "", "race: ",
         [](B b, bool on) {
             return launch("planted", race_reuse_kernel, {1, 64}, nullptr, b.in, b.out, on);
         }},
        {"race_of_readers", "(0,0,0)", "", "race: ",
         [](B b, bool on) {
             return launch("planted", race_of_readers_kernel, {1, 64}, nullptr, b.in, b.out, on);
         }},
        {"race_in_warp", "(0,0,0)", "", "and no __syncwarp or __syncthreads lies between",
         [](B b, bool on) {
             return launch("planted", race_in_warp_kernel, {1, 32}, nullptr, b.in, b.out, on);
         }},
        {"race_of_halves", "(0,0,0)", "", "race: ",
         [](B b, bool on) {
             return launch("planted", race_of_halves_kernel, {1, 64}, nullptr, b.in, b.out, on);
         }},
        {"race_with_atomic", "(0,0,0)", "", "race: ",
         [](B b, bool on) {
             return launch("planted", race_with_atomic_kernel, {1, 64}, nullptr, b.out, on);
         }},
        {"race_on_global", "(0,0,0)", "", "race: ",
         [](B b, bool on) {
             return launch("planted", race_on_global_kernel, {1, 64}, nullptr, b.in, b.out, on);
         }},
        {"race_of_blocks", "", "", "another block writes it at races.cu:",
         [](B b, bool on) {
             return launch("planted", race_of_blocks_kernel, {2, 16}, nullptr, b.out, on);
         }},
        {"race_reading_block", "", "", "another block ",
         [](B b, bool on) {
             return launch("planted", race_reading_block_kernel, {2, 16}, nullptr, b.in, b.out, on);
         }},
    };
}

}  // namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE::test
