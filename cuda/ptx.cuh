// All inline PTX, nothing beside it. Each instruction has a host twin of the same name in emulator/ptx.hpp.
//
// mma_m16n8k16_bf16(d, a, b, c): d[16x8] = a[16x16] b[16x8] + c, by the lanes of a warp together; bf16 in pairs, the
// lower column (a) or row (b) in the lower half. Lane 4 * g + t holds
//   a[0] = A[g][2t..]   a[1] = A[g+8][2t..]   a[2] = A[g][2t+8..]   a[3] = A[g+8][2t+8..]
//   b[0] = B[2t..][g]   b[1] = B[2t+8..][g]
//   c[0], c[1] = C[g][2t], C[g][2t+1]         c[2], c[3] = C[g+8][2t], C[g+8][2t+1]
//
// mma_m16n8k8_tf32(d, a, b, c): the same for d[16x8] = a[16x8] b[8x8] + c with factors of float, of which the upper 19
// bits count; tf32(x) rounds x to these. Lane 4 * g + t holds
//   a[0] = A[g][t]   a[1] = A[g+8][t]   a[2] = A[g][t+4]   a[3] = A[g+8][t+4]
//   b[0] = B[t][g]   b[1] = B[t+4][g]   c as above
//
// ldmatrix_x4(r, row): four 8x8 matrices of two-byte numbers from shared memory, by the lanes of a warp together. Lane
// 8 m + i names row i of matrix m, 16 bytes at a multiple of 16; lane 4 g + t gets of each matrix the pair
//   r[m] = M[g][2t..]                 ldmatrix_x4_transposed: r[m] = M[2t][g], M[2t+1][g]
//
// bf16_pair(low, high): both rounded to nearest, ties to even; low_of, high_of: back.
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

__device__ __forceinline__ void ldmatrix_x4(std::uint32_t (&r)[4], const void* row) {
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
                 : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3])
                 : "r"(static_cast<unsigned>(__cvta_generic_to_shared(row)))
                 : "memory");
}

__device__ __forceinline__ void ldmatrix_x4_transposed(std::uint32_t (&r)[4], const void* row) {
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0, %1, %2, %3}, [%4];"
                 : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3])
                 : "r"(static_cast<unsigned>(__cvta_generic_to_shared(row)))
                 : "memory");
}

__device__ __forceinline__ void mma_m16n8k8_tf32(float (&d)[4], const std::uint32_t (&a)[4],
                                                 const std::uint32_t (&b)[2], const float (&c)[4]) {
    asm("mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, "
        "{%10, %11, %12, %13};"
        : "=f"(d[0]), "=f"(d[1]), "=f"(d[2]), "=f"(d[3])
        : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]), "f"(c[0]), "f"(c[1]), "f"(c[2]), "f"(c[3]));
}

__device__ __forceinline__ std::uint32_t tf32(float x) {
    std::uint32_t bits;
    asm("cvt.rna.tf32.f32 %0, %1;" : "=r"(bits) : "f"(x));
    return bits;
}

__device__ __forceinline__ std::uint32_t bf16_pair(float low, float high) {
    std::uint32_t pair;
    asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(pair) : "f"(high), "f"(low));
    return pair;
}

}  // namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE

#endif

namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE {

__device__ __forceinline__ float low_of(std::uint32_t pair) { return __uint_as_float(pair << 16); }
__device__ __forceinline__ float high_of(std::uint32_t pair) { return __uint_as_float(pair & 0xffff0000u); }

}  // namespace fathom::inline v0::FATHOM_CUDA_NAMESPACE
