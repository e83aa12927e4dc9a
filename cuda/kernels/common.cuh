// What the kernels share: places in strided arrays, and sums over a warp and a block in a fixed order.
#pragma once

#include <cmath>
#include <cstdint>

#include "cuda/language.cuh"
#include "fathom/abi/arguments.hpp"
#include "fathom/kernels/strided.hpp"

namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE {

// Of the devices in mind, for how work is cut where the device itself must not decide.
inline constexpr int typical_multiprocessors = 132;

// This thread's place among all threads of a grid along x, and their number.
__device__ inline std::int64_t first_element() {
    return static_cast<std::int64_t>(blockIdx.x) * blockDim.x + threadIdx.x;
}
__device__ inline std::int64_t all_threads() { return static_cast<std::int64_t>(gridDim.x) * blockDim.x; }

// Offsets of element i of a loop in each of its operands.
template <int operands>
__device__ void offsets_of(const kernels::Loop& loop, std::int64_t i,
                           std::int64_t* offset) {  // [operands]
    for (int k = 0; k < operands; ++k) offset[k] = 0;
    for (int d = 0; d < loop.rank; ++d) {
        const bool outermost = d + 1 == loop.rank;
        const std::int64_t index = outermost ? i : i % loop.size[d];
        if (!outermost) i /= loop.size[d];
        for (int k = 0; k < operands; ++k) offset[k] += index * loop.stride[k][d];
    }
}

// Lane 0 has the sum of the warp.
template <class T>
__device__ T warp_sum(T value) {
    for (unsigned offset = 16; offset > 0; offset /= 2) value += __shfl_down_sync(0xffffffffu, value, offset);
    return value;
}

// Thread 0 has the sum of the block, whose threads are a multiple of 32 along x. All threads call it; `partial` has 32
// elements of shared memory, free again after the next barrier.
template <class T>
__device__ T block_sum(T value,
                       T* partial) {  // [32], shared
    const unsigned lane = threadIdx.x % 32, warp = threadIdx.x / 32;
    value = warp_sum(value);
    if (lane == 0) partial[warp] = value;
    __syncthreads();
    if (warp == 0) value = warp_sum(lane < blockDim.x / 32 ? partial[lane] : T{0});
    return value;
}

// [images, channels, height, width] in any strides, in elements; data may be null.
template <class T>
struct Image {
    T* data;
    std::int64_t image, channel, row, pixel;
    int images, channels, height, width;

    __device__ T& at(int n, int c, int h, int w) const { return data[n * image + c * channel + h * row + w * pixel]; }
    __device__ bool inside(int h, int w) const { return h >= 0 && w >= 0 && h < height && w < width; }
    // Elements, and the place of element i: channels innermost, as in memory that is channels-last.
    __host__ __device__ std::int64_t numel() const {
        return static_cast<std::int64_t>(images) * channels * height * width;
    }
    __device__ void place(std::int64_t i, int& n, int& c, int& h, int& w) const {
        c = static_cast<int>(i % channels), i /= channels;
        w = static_cast<int>(i % width), i /= width;
        h = static_cast<int>(i % height);
        n = static_cast<int>(i / height);
    }
};

template <class T>
Image<T> image_of(const abi::Array& a) {
    return {static_cast<T*>(a.data),
            a.strides[0],
            a.strides[1],
            a.strides[2],
            a.strides[3],
            static_cast<int>(a.shape[0]),
            static_cast<int>(a.shape[1]),
            static_cast<int>(a.shape[2]),
            static_cast<int>(a.shape[3])};
}

template <class T>
__device__ T sign(T x) {
    return static_cast<T>((x > T{0}) - (x < T{0}));
}

template <class T>
__device__ T absolute(T x) {
    return std::fabs(x);
}

// What the two Sobel filters give at a pixel.
template <class T>
struct SobelResponse {
    T x, y;
    __device__ T magnitude() const { return absolute(x) + absolute(y); }
};

}  // namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE
