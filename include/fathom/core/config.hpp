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
// They are never expanded where they are called, as if they were in the library: a program would compile them as often
// as it uses them. FATHOM_INLINE_MEMBER is for functions of which g++ does not take that: those declared with it in
// their class, so that no table of virtual functions is compiled that nobody needs, and destructors that it needs
// early.
#ifdef FATHOM_COMPILED
#define FATHOM_INLINE
#define FATHOM_INLINE_MEMBER
#else
#define FATHOM_INLINE [[gnu::noinline]] inline
#define FATHOM_INLINE_MEMBER inline
#endif
