// The classes of a position, as softmax and cross-entropy look at them: all together, by a team of threads (team.cuh).
#pragma once

#include <cstdint>
#include <limits>

#include "cuda/backend/host.hpp"
#include "cuda/kernels/positions.cuh"
#include "cuda/kernels/team.cuh"
#include "fathom/backend/cpu/softmax.hpp"

namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE {

// A thread's share of the classes of a position, `held` of them in registers; 0: any number, none held.
template <class T, int held>
struct Share {
    const T* from;
    std::int64_t stride;
    int first, step, classes;
    T kept[held > 0 ? held : 1];

    __device__ Share(const Team& team, const T* data, std::int64_t class_stride, bool wanted)
        : from(data), stride(class_stride), first(team.thread()), step(team.threads), classes(wanted ? team.width : 0) {
#pragma unroll
        for (int k = 0; k < held; ++k)
            if (first + k * step < classes) kept[k] = from[(first + k * step) * stride];
    }
    // f(class, number, whose place is k)
    template <class F>
    __device__ void each(F f) {
        if constexpr (held > 0) {
#pragma unroll
            for (int k = 0; k < held; ++k)
                if (first + k * step < classes) f(first + k * step, kept[k], k);
        } else {
            for (int c = first; c < classes; c += step) f(c, from[c * stride], 0);
        }
    }
    __device__ T largest(const Team& team, T* shared) {
        T value = -std::numeric_limits<T>::infinity();
        each([&](int, T x, int) { value = x > value ? x : value; });
        return team.largest(value, shared);
    }
};

// Why positions and classes of x, classes along `dim`, are too many; null when they are not.
inline const char* too_many_classes(const abi::Array& x, int dim) {
    constexpr std::int64_t most = std::numeric_limits<std::int32_t>::max();
    const std::int64_t classes = x.shape[dim];
    return classes > most / 2 || (classes > 0 && numel(x) / classes > most)
               ? "its softmax and cross-entropy take less than 2^31 positions and 2^30 classes"
               : nullptr;
}

}  // namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE
