// Compiles the kernel body FATHOM_KERNEL once per instruction set from the lowest that the unit's flags allow, each in
// a namespace of its own and in a region whose code may use that set (isa_region.inl.hpp). A family's x.inl.hpp says
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

#ifndef __x86_64__

#define FATHOM_REGION baseline
#define FATHOM_VECTOR_BYTES 16
#include "fathom/kernels/isa_region.inl.hpp"

#else

#if FATHOM_LOWEST_ISA <= 0
#define FATHOM_REGION baseline
// g++ can also take flags away from a unit; without this, its baseline in a unit built with -mavx would not be one.
#ifdef __clang__
#define FATHOM_REGION_TARGET "sse2"
#else
#define FATHOM_REGION_TARGET "arch=x86-64"
#endif
#define FATHOM_VECTOR_BYTES 16
#include "fathom/kernels/isa_region.inl.hpp"
#endif

#if FATHOM_LOWEST_ISA <= 1
#define FATHOM_REGION avx2
#define FATHOM_REGION_TARGET "avx2,fma"
#define FATHOM_VECTOR_BYTES 32
#include "fathom/kernels/isa_region.inl.hpp"
#endif

#define FATHOM_REGION avx512
#define FATHOM_REGION_TARGET "avx2,fma,avx512f,avx512bw,avx512dq,avx512vl"
#define FATHOM_VECTOR_BYTES 64
#include "fathom/kernels/isa_region.inl.hpp"

#endif

#ifdef __clang__
#pragma clang diagnostic pop
#endif
#undef FATHOM_KERNEL
