// The emulator's half of language.cuh: CUDA's words as the host's compilers take them. Barriers and warp collectives
// take their call site by default arguments, for reports. What stands behind them: scheduler.cpp, collective.cpp.
#pragma once

#include <bit>
#include <cstdint>
#include <type_traits>

#include "cuda/emulator/atomics.hpp"
#include "cuda/emulator/math.hpp"
#include "cuda/emulator/vectors.hpp"

#define __global__
#define __device__
#define __host__
#define __constant__
#define __grid_constant__
#define __forceinline__ inline __attribute__((always_inline))
#define __launch_bounds__(...)

#define FATHOM_SHARED(type, name, ...)                                                                         \
    static constexpr ::fathom::FATHOM_CUDA_NAMESPACE::detail::SharedDeclaration name##_declaration =           \
        ::fathom::FATHOM_CUDA_NAMESPACE::detail::declare_shared<                                               \
            ::fathom::FATHOM_CUDA_NAMESPACE::SharedArray<type __VA_OPT__(, ) __VA_ARGS__>>(#name, __LINE__);   \
    auto& name = *static_cast<::fathom::FATHOM_CUDA_NAMESPACE::SharedArray<type __VA_OPT__(, ) __VA_ARGS__>*>( \
        ::fathom::FATHOM_CUDA_NAMESPACE::detail::shared_memory(&name##_declaration))
#define FATHOM_DYNAMIC_SHARED(type, name) \
    type* const name = static_cast<type*>(::fathom::FATHOM_CUDA_NAMESPACE::detail::dynamic_shared_memory())

namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE {

// Of the thread that runs: a fibre never leaves its OS thread, and each switch sets threadIdx.
extern constinit thread_local uint3 threadIdx, blockIdx;
extern constinit thread_local dim3 blockDim, gridDim;
inline constexpr int warpSize = 32;

namespace detail {

struct Site {
    const char* file;
    int line;
};

struct SharedDeclaration {
    const char* name;
    std::size_t bytes, alignment;
    int line;
};
template <class T>
constexpr SharedDeclaration declare_shared(const char* name, int line) {
    static_assert(std::is_trivially_default_constructible_v<T>, "nothing constructs shared memory");
    return {name, sizeof(T), alignof(T), line};
}
void* shared_memory(const SharedDeclaration* declaration);  // the same for all threads of a block
void* dynamic_shared_memory();

struct BarrierCount {
    int threads, votes;
};
// Waits for all live threads of the block; says how many there were and how many voted.
BarrierCount sync_block(Site site, bool vote);

// Waits for the lanes of `mask`; the last to come calls complete(payloads, lanes that came) for all of them.
using Complete = void (*)(void* const* payloads, std::uint32_t lanes);
void warp_collective(std::uint32_t mask, Site site, void* payload, Complete complete);

std::uint64_t shuffle(std::uint32_t mask, std::uint64_t value, int source, Site site);
std::uint32_t ballot(std::uint32_t mask, bool predicate, Site site);
void fence(bool whole_grid);

int lane();  // of the running thread

template <class T>
T shuffle_any(std::uint32_t mask, T value, int source, Site site) {
    static_assert(std::is_arithmetic_v<T> && (sizeof(T) == 4 || sizeof(T) == 8));
    const Bits<T> bits = std::bit_cast<Bits<T>>(value);
    return std::bit_cast<T>(static_cast<Bits<T>>(shuffle(mask, bits, source, site)));
}

}  // namespace detail

inline void __syncthreads(int line = __builtin_LINE(), const char* file = __builtin_FILE()) {
    detail::sync_block({file, line}, false);
}
inline int __syncthreads_count(int vote, int line = __builtin_LINE(), const char* file = __builtin_FILE()) {
    return detail::sync_block({file, line}, vote != 0).votes;
}
inline int __syncthreads_or(int vote, int line = __builtin_LINE(), const char* file = __builtin_FILE()) {
    return detail::sync_block({file, line}, vote != 0).votes > 0;
}
inline int __syncthreads_and(int vote, int line = __builtin_LINE(), const char* file = __builtin_FILE()) {
    const auto count = detail::sync_block({file, line}, vote != 0);
    return count.votes == count.threads;
}
inline void __syncwarp(unsigned mask = 0xffffffffu, int line = __builtin_LINE(), const char* file = __builtin_FILE()) {
    detail::warp_collective(mask, {file, line}, nullptr, nullptr);
}

// Lanes form segments of `width` (a power of two); a source outside of the segment gives the lane its own value.
template <class T>
T __shfl_sync(unsigned mask, T value, int source, int width = 32, int line = __builtin_LINE(),
              const char* file = __builtin_FILE()) {
    const int segment = detail::lane() & ~(width - 1);
    return detail::shuffle_any(mask, value, segment | (source & (width - 1)), {file, line});
}
template <class T>
T __shfl_up_sync(unsigned mask, T value, unsigned delta, int width = 32, int line = __builtin_LINE(),
                 const char* file = __builtin_FILE()) {
    const int lane = detail::lane(), segment = lane & ~(width - 1), source = lane - static_cast<int>(delta);
    return detail::shuffle_any(mask, value, source < segment ? lane : source, {file, line});
}
template <class T>
T __shfl_down_sync(unsigned mask, T value, unsigned delta, int width = 32, int line = __builtin_LINE(),
                   const char* file = __builtin_FILE()) {
    const int lane = detail::lane(), end = (lane & ~(width - 1)) + width, source = lane + static_cast<int>(delta);
    return detail::shuffle_any(mask, value, source < end ? source : lane, {file, line});
}
template <class T>
T __shfl_xor_sync(unsigned mask, T value, int lanes, int width = 32, int line = __builtin_LINE(),
                  const char* file = __builtin_FILE()) {
    const int lane = detail::lane(), end = (lane & ~(width - 1)) + width, source = lane ^ lanes;
    return detail::shuffle_any(mask, value, source < end ? source : lane, {file, line});
}

inline unsigned __ballot_sync(unsigned mask, int predicate, int line = __builtin_LINE(),
                              const char* file = __builtin_FILE()) {
    return detail::ballot(mask, predicate != 0, {file, line});
}
inline int __any_sync(unsigned mask, int predicate, int line = __builtin_LINE(), const char* file = __builtin_FILE()) {
    return detail::ballot(mask, predicate != 0, {file, line}) != 0;
}
inline int __all_sync(unsigned mask, int predicate, int line = __builtin_LINE(), const char* file = __builtin_FILE()) {
    return detail::ballot(mask, predicate == 0, {file, line}) == 0;
}

inline void __threadfence_block() { detail::fence(false); }
inline void __threadfence() { detail::fence(true); }

}  // namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE
