// A loop whose elements are counted in 32 bits, so that the place of one comes without division of 64 bits.
#pragma once

#include <cstdint>

#include "cuda/kernels/common.cuh"

namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE {

// kernels::Loop, less than 2^32 elements.
struct Positions {
    std::uint32_t count, size[max_rank];
    std::int64_t stride[kernels::max_operands][max_rank];
    int rank;

    explicit Positions(const kernels::Loop& loop) : count(static_cast<std::uint32_t>(loop.numel())), rank(loop.rank) {
        for (int d = 0; d < rank; ++d) {
            size[d] = static_cast<std::uint32_t>(loop.size[d]);
            for (int k = 0; k < loop.operands; ++k) stride[k][d] = loop.stride[k][d];
        }
    }

    template <int operands>
    __device__ void offsets(std::uint32_t position,
                            std::int64_t* offset) const {  // [operands]
        for (int k = 0; k < operands; ++k) offset[k] = 0;
        for (int d = 0; d < rank; ++d) {
            const bool outermost = d + 1 == rank;
            const std::uint32_t rest = outermost ? 0 : position / size[d], index = position - rest * size[d];
            for (int k = 0; k < operands; ++k) offset[k] += index * stride[k][d];
            position = rest;
        }
    }
};

}  // namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE
