// The vector type that kernels are written on (simd.kernel.hpp, for each ISA), the names of the ISA namespaces, and
// FATHOM_DISPATCH. Vectors are the compilers' vector extensions: + - * / and comparisons are the language's own. Next:
// foreach_isa.hpp.
#pragma once

#include <cstdint>
#include <utility>

#include "fathom/kernels/isa.hpp"

// A unit's own flags change the code of every region, so they are part of the namespaces' names: otherwise which code a
// program of units with differing -march gets, and whether it runs at all on a plain machine, would depend on link
// order. The names follow the levels of the x86-64 psABI; v4x: anything beyond them.
#if defined(__x86_64__)
#if defined(__AVX512VBMI__) || defined(__AVX512VNNI__) || defined(__AVX512FP16__) || defined(__AVX512BF16__)
#define FATHOM_UNIT_LEVEL v4x
#elif defined(__AVX512F__)
#define FATHOM_UNIT_LEVEL v4
#elif defined(__AVX2__)
#define FATHOM_UNIT_LEVEL v3
#elif defined(__AVX__)
#define FATHOM_UNIT_LEVEL v2avx
#elif defined(__SSE4_2__)
#define FATHOM_UNIT_LEVEL v2
#else
#define FATHOM_UNIT_LEVEL v1
#endif
#elif defined(__ARM_FEATURE_SVE)
#define FATHOM_UNIT_LEVEL sve
#else
#define FATHOM_UNIT_LEVEL plain
#endif
// Sanitizers do not see what the instructions for a part of a vector access; under them these are memcpy, which they
// see.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define FATHOM_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define FATHOM_SANITIZED 1
#endif
#endif
#if defined(FATHOM_SANITIZED) && defined(__FAST_MATH__)
#define FATHOM_UNIT_MATH fast_sanitized
#elif defined(FATHOM_SANITIZED)
#define FATHOM_UNIT_MATH exact_sanitized
#elif defined(__FAST_MATH__)
#define FATHOM_UNIT_MATH fast
#else
#define FATHOM_UNIT_MATH exact
#endif
#define FATHOM_JOIN_(isa, level, math) isa##_##level##_##math
#define FATHOM_JOIN(isa, level, math) FATHOM_JOIN_(isa, level, math)
#define FATHOM_ISA_NAMESPACE(isa) FATHOM_JOIN(isa, FATHOM_UNIT_LEVEL, FATHOM_UNIT_MATH)

// FATHOM_DISPATCH(x::f<T>(a, b)) calls the version of kernels::<isa>::x::f<T> for the ISA in use, from namespace
// kernels.
#if !defined(__x86_64__)
#define FATHOM_DISPATCH(...) (FATHOM_ISA_NAMESPACE(baseline)::__VA_ARGS__)
#elif FATHOM_LOWEST_ISA == 2
// Asks for the ISA all the same, which refuses one that was not compiled in. Not by a comma: the version of a function
// template may be named without a call, and a comma would not say which.
#define FATHOM_DISPATCH(...)                                                              \
    (::fathom::isa() == ::fathom::Isa::avx512 ? FATHOM_ISA_NAMESPACE(avx512)::__VA_ARGS__ \
                                              : FATHOM_ISA_NAMESPACE(avx512)::__VA_ARGS__)
#elif FATHOM_LOWEST_ISA == 1
#define FATHOM_DISPATCH(...)                                                              \
    (::fathom::isa() == ::fathom::Isa::avx512 ? FATHOM_ISA_NAMESPACE(avx512)::__VA_ARGS__ \
                                              : FATHOM_ISA_NAMESPACE(avx2)::__VA_ARGS__)
#else
#define FATHOM_DISPATCH(...)                                                              \
    (::fathom::isa() == ::fathom::Isa::avx512 ? FATHOM_ISA_NAMESPACE(avx512)::__VA_ARGS__ \
     : ::fathom::isa() == ::fathom::Isa::avx2 ? FATHOM_ISA_NAMESPACE(avx2)::__VA_ARGS__   \
                                              : FATHOM_ISA_NAMESPACE(baseline)::__VA_ARGS__)
#endif

// Before a loop with a constant number of rounds over arrays of vectors: only when it is unrolled do the arrays become
// registers.
#ifdef __clang__
#define FATHOM_UNROLL _Pragma("clang loop unroll(full)")
#else
#define FATHOM_UNROLL _Pragma("GCC unroll 32")
#endif

#define FATHOM_KERNEL "fathom/kernels/simd.kernel.hpp"
#include "fathom/kernels/foreach_isa.hpp"
