// Version and build mode. Everything lives in `namespace fathom::inline v0`, so that two versions can meet in one
// program. Next: where.hpp (call sites), error.hpp (how a check fails).
#pragma once

// A missing file ends compilation at once, where an #error would be the first of thousands.
#if __cplusplus < 202002L
#include "fathom needs C++20: compile with -std=c++20"
#endif

#define FATHOM_VERSION_MAJOR 0
#define FATHOM_VERSION_MINOR 1
#define FATHOM_VERSION_PATCH 0

// Heavy parts: x.hpp declares, x.inl.hpp defines with FATHOM_INLINE. Header-only, x.hpp includes x.inl.hpp itself;
// under FATHOM_COMPILED the definitions come from the library fathom::compiled, which is built from the same files.
#ifdef FATHOM_COMPILED
#define FATHOM_INLINE
#else
#define FATHOM_INLINE inline
#endif
