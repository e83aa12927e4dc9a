// The emulator's half of ptx.cuh: host twins of the instructions. Read from ptx.cuh.
#pragma once

#include <bit>
#include <cstdint>

#include "cuda/emulator/language.hpp"
#include "fathom/core/float16.hpp"

namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE {

namespace detail {

// shared.cpp. A copy in flight lands when its group is waited for; touching its destination before is a fault.
void begin_copy(void* to, const void* from, std::uint32_t bytes, std::uint32_t copied, const void* pc);
void commit_copies();
void wait_copies(std::size_t groups_left);

// A lane's fragments of a matrix instruction.
struct MmaFragments {
    float* d;
    const std::uint32_t *a, *b;
    const float* c;
};
void mma_m16n8k16_bf16(const MmaFragments& fragments, Site site);  // mma.cpp
void mma_m16n8k8_tf32(const MmaFragments& fragments, Site site);   // mma.cpp

}  // namespace detail

[[gnu::noinline]] inline void cp_async_16(void* shared, const void* global, int bytes = 16) {
    detail::begin_copy(shared, global, 16, static_cast<std::uint32_t>(bytes), __builtin_return_address(0));
}
inline void cp_async_commit() { detail::commit_copies(); }
template <int groups_left>
inline void cp_async_wait() {
    detail::wait_copies(groups_left);
}

inline void mma_m16n8k16_bf16(float (&d)[4], const std::uint32_t (&a)[4], const std::uint32_t (&b)[2],
                              const float (&c)[4], int line = __builtin_LINE(), const char* file = __builtin_FILE()) {
    detail::mma_m16n8k16_bf16({d, a, b, c}, {file, line});
}

inline void mma_m16n8k8_tf32(float (&d)[4], const std::uint32_t (&a)[4], const std::uint32_t (&b)[2],
                             const float (&c)[4], int line = __builtin_LINE(), const char* file = __builtin_FILE()) {
    detail::mma_m16n8k8_tf32({d, a, b, c}, {file, line});
}

inline std::uint32_t tf32(float x) { return (std::bit_cast<std::uint32_t>(x) + 0x1000u) & 0xffffe000u; }

inline void ldmatrix_x4(std::uint32_t (&r)[4], const void* row, int line = __builtin_LINE(),
                        const char* file = __builtin_FILE()) {
    const auto address = reinterpret_cast<std::uintptr_t>(row);
    const int lane = detail::lane();
    for (int m = 0; m < 4; ++m) {
        const auto from = __shfl_sync(0xffffffffu, address, m * 8 + lane / 4, 32, line, file);
        r[m] = reinterpret_cast<const std::uint32_t*>(from)[lane % 4];
    }
}

inline void ldmatrix_x4_transposed(std::uint32_t (&r)[4], const void* row, int line = __builtin_LINE(),
                                   const char* file = __builtin_FILE()) {
    const auto address = reinterpret_cast<std::uintptr_t>(row);
    const int lane = detail::lane();
    for (int m = 0; m < 4; ++m) {
        r[m] = 0;
        for (int i = 0; i < 2; ++i) {
            const auto from = __shfl_sync(0xffffffffu, address, m * 8 + lane % 4 * 2 + i, 32, line, file);
            r[m] |= std::uint32_t{reinterpret_cast<const std::uint16_t*>(from)[lane / 4]} << 16 * i;
        }
    }
}

inline std::uint32_t bf16_pair(float low, float high) {
    return Float16<7>(low).bits() | std::uint32_t{Float16<7>(high).bits()} << 16;
}

}  // namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE
