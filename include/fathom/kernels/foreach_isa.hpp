// Compiles the kernel body FATHOM_KERNEL once per instruction set, each in a namespace of its own and in a region whose
// code may use that set; no other file opens such a region. A family's x.inl.hpp says
//
// #include "fathom/kernels/simd.hpp"
// #define FATHOM_KERNEL "fathom/kernels/x.kernel.hpp"
// #include "fathom/kernels/foreach_isa.hpp"
//
// and includes before that every other header which the body needs: the body includes nothing. The body sees
// FATHOM_VECTOR_BYTES and what simd.kernel.hpp defines from it. From outside, FATHOM_DISPATCH(x::f<T>(arguments)) calls
// the version for isa(). Pass scalars and pointers only: vectors must not cross the border of a region.
// No guard: to be included once per body.
#ifndef FATHOM_KERNEL
#error "define FATHOM_KERNEL, the kernel body's path, before foreach_isa.hpp"
#endif

// clang reports a loop of one round that FATHOM_UNROLL stands before.
#ifdef __clang__
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wpass-failed"
#endif

#ifdef __x86_64__

// g++ can also take flags away from a unit; without this, its baseline in a unit built with -mavx would not be one. A
// debug build's kernels would be fifty times slower; clang has no such pragma.
#ifdef __clang__
#pragma clang attribute push(__attribute__((target("sse2"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("arch=x86-64")
#ifndef __OPTIMIZE__
#pragma GCC optimize("O2")
#endif
#endif
#define FATHOM_VECTOR_BYTES 16
namespace fathom::inline v0::kernels::FATHOM_ISA_NAMESPACE(baseline) {
#include FATHOM_KERNEL
}
#undef FATHOM_VECTOR_BYTES
#ifdef __clang__
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif

#ifdef __clang__
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx2,fma")
#ifndef __OPTIMIZE__
#pragma GCC optimize("O2")
#endif
#endif
#define FATHOM_VECTOR_BYTES 32
namespace fathom::inline v0::kernels::FATHOM_ISA_NAMESPACE(avx2) {
#include FATHOM_KERNEL
}
#undef FATHOM_VECTOR_BYTES
#ifdef __clang__
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif

#ifdef __clang__
#pragma clang attribute push(__attribute__((target("avx2,fma,avx512f,avx512bw,avx512dq,avx512vl"))), \
                             apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx2,fma,avx512f,avx512bw,avx512dq,avx512vl")
#ifndef __OPTIMIZE__
#pragma GCC optimize("O2")
#endif
#endif
#define FATHOM_VECTOR_BYTES 64
namespace fathom::inline v0::kernels::FATHOM_ISA_NAMESPACE(avx512) {
#include FATHOM_KERNEL
}
#undef FATHOM_VECTOR_BYTES
#ifdef __clang__
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif

#else

#define FATHOM_VECTOR_BYTES 16
namespace fathom::inline v0::kernels::FATHOM_ISA_NAMESPACE(baseline) {
#include FATHOM_KERNEL
}
#undef FATHOM_VECTOR_BYTES

#endif

#ifdef __clang__
#pragma clang diagnostic pop
#endif
#undef FATHOM_KERNEL
