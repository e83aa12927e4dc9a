// All inline PTX, nothing beside it. Each instruction has a host twin of the same name in emulator/ptx.hpp.
//
// mma_m16n8k16_bf16(d, a, b, c): d[16x8] = a[16x16] b[16x8] + c, by the lanes of a warp together; bf16 in pairs, the
// lower column (a) or row (b) in the lower half. Lane 4 * g + t holds
//   a[0] = A[g][2t..]   a[1] = A[g+8][2t..]   a[2] = A[g][2t+8..]   a[3] = A[g+8][2t+8..]
//   b[0] = B[2t..][g]   b[1] = B[2t+8..][g]
//   c[0], c[1] = C[g][2t], C[g][2t+1]         c[2], c[3] = C[g+8][2t], C[g+8][2t+1]
//
// cp_async_16(shared, global, bytes): starts a copy of 16 bytes, of which those behind `bytes` are zeros; both pointers
// are multiples of 16. cp_async_commit() closes a group; cp_async_wait<n>() waits until at most n groups of this
// thread are under way. Other threads see the data after a barrier behind that.
#pragma once

#include "cuda/language.cuh"

#if defined(FATHOM_EMULATOR)

#include "cuda/emulator/ptx.hpp"

#else

namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE {

__device__ __forceinline__ void cp_async_16(void* shared, const void* global, int bytes = 16) {
    asm volatile(
        "cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(static_cast<unsigned>(__cvta_generic_to_shared(shared))),
        "l"(global), "r"(bytes)
        : "memory");
}
__device__ __forceinline__ void cp_async_commit() { asm volatile("cp.async.commit_group;" ::: "memory"); }
template <int groups_left>
__device__ __forceinline__ void cp_async_wait() {
    asm volatile("cp.async.wait_group %0;" ::"n"(groups_left) : "memory");
}

__device__ __forceinline__ void mma_m16n8k16_bf16(float (&d)[4], const std::uint32_t (&a)[4],
                                                  const std::uint32_t (&b)[2], const float (&c)[4]) {
    asm("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, "
        "{%10, %11, %12, %13};"
        : "=f"(d[0]), "=f"(d[1]), "=f"(d[2]), "=f"(d[3])
        : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]), "f"(c[0]), "f"(c[1]), "f"(c[2]), "f"(c[3]));
}

}  // namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE

#endif
