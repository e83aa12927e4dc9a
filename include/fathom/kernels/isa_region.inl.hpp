// One region of foreach_isa.hpp or foreach_tile.hpp, which alone include this: the kernel body in namespace
// FATHOM_REGION's, for the instructions FATHOM_REGION_TARGET. No other file opens such a region.
#define FATHOM_PRAGMA_(...) _Pragma(#__VA_ARGS__)
#define FATHOM_PRAGMA(...) FATHOM_PRAGMA_(__VA_ARGS__)

#ifdef FATHOM_REGION_TARGET
#ifdef __clang__
FATHOM_PRAGMA(clang attribute push(__attribute__((target(FATHOM_REGION_TARGET))), apply_to = function))
#else
#pragma GCC push_options
FATHOM_PRAGMA(GCC target(FATHOM_REGION_TARGET))
// A debug build's kernels would be fifty times slower; clang has no such pragma.
#ifndef __OPTIMIZE__
#pragma GCC optimize("O2")
#endif
#endif
#endif

namespace fathom::inline v0::kernels::FATHOM_ISA_NAMESPACE(FATHOM_REGION) {
#include FATHOM_KERNEL
}

#ifdef FATHOM_REGION_TARGET
#ifdef __clang__
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif
#endif

#undef FATHOM_PRAGMA
#undef FATHOM_PRAGMA_
#undef FATHOM_REGION
#undef FATHOM_REGION_TARGET
#undef FATHOM_VECTOR_BYTES
