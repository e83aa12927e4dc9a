// Places in arrays without 64-bit arithmetic: kernels count in 32 bits what the host has found to fit into 31, and
// divide by multiplying. Next: images.cuh.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <limits>

#include "cuda/language.cuh"
#include "fathom/abi/call.hpp"
#include "fathom/kernels/strided.hpp"

namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE {

// Divides numbers below 2^31 by a number that the host knows (Granlund and Montgomery, "Division by invariant integers
// using multiplication", PLDI 1994): two additions, a product's upper half and a shift.
struct Divisor {
    unsigned divisor = 1, factor = 1, shift = 0;

    Divisor() = default;
    // Of a size; none is divided by 0, since nothing is launched for an empty array.
    explicit Divisor(std::int64_t size)
        : divisor(static_cast<unsigned>(std::max<std::int64_t>(size, 1))),
          shift(static_cast<unsigned>(std::bit_width(divisor - 1))) {
        const std::uint64_t power = std::uint64_t{1} << shift;
        factor = static_cast<unsigned>(((power - divisor) << 32) / divisor + 1);
    }

    __device__ unsigned quotient(unsigned n) const { return (__umulhi(n, factor) + n) >> shift; }
    // n becomes the quotient, what is left over is returned.
    __device__ unsigned split(unsigned& n) const {
        const unsigned q = quotient(n), rest = n - q * divisor;
        n = q;
        return rest;
    }
};

inline bool fits_31_bits(std::int64_t n) { return n <= std::numeric_limits<std::int32_t>::max(); }

// Whether the place of every element behind the first (or before it, where a tensor is read backwards), and the number
// of elements, fit into 31 bits.
inline bool fits_31_bits(const abi::Array& a) {
    std::int64_t last = 0, n = 1;
    for (int d = 0; d < a.rank; ++d) {
        const std::int64_t stride = a.strides[d] < 0 ? -a.strides[d] : a.strides[d];
        last += std::max<std::int64_t>(a.shape[d] - 1, 0) * stride, n *= a.shape[d];
        if (!fits_31_bits(last) || !fits_31_bits(n)) return false;
    }
    return true;
}

// `count` things from a thread's place on: for (unsigned i = first_of_32(); i < count; i += all_of_32()).
__device__ inline unsigned first_of_32() { return blockIdx.x * blockDim.x + threadIdx.x; }
__device__ inline unsigned all_of_32() { return gridDim.x * blockDim.x; }

// kernels::Loop for numbers of 31 bits.
template <int operands>
struct Loop32 {
    int rank = 0;
    Divisor size[max_rank];
    int stride[operands][max_rank];

    Loop32() = default;
    // Dimensions from `first` on.
    explicit Loop32(const kernels::Loop& loop, int first = 0) {
        for (int d = first; d < loop.rank; ++d, ++rank) {
            size[rank] = Divisor(loop.size[d]);
            for (int k = 0; k < operands; ++k) stride[k][rank] = static_cast<int>(loop.stride[k][d]);
        }
    }

    // Adds the place of element i in each operand. Not unrolled: most loops have one or two dimensions, and there are
    // many kernels.
    __device__ void add_offsets(unsigned i,
                                int* offset) const {  // [operands]
#pragma unroll 1
        for (int d = 0; d < rank; ++d) {
            const auto index = static_cast<int>(d + 1 == rank ? i : size[d].split(i));
            for (int k = 0; k < operands; ++k) offset[k] += index * stride[k][d];
        }
    }
};

}  // namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE
