// parallel_for(begin, end, grain, f): f(first, last) over consecutive chunks of `grain` indices, on all threads. Chunk
// bounds depend on the range and the grain alone, never on the number of threads, so a kernel whose chunks are
// independent gives the same bits on any number. Threads claim chunks from both ends: a chunk must not wait for
// another. One chunk, or work inside another parallel_for, runs inline before anything is paid. When chunks throw, the
// exception of the first of them in chunk order comes back. A child of fork() has threads of its own; on OpenMP it has
// none and runs everything inline. f itself must not fork and go on in the child. Definitions: parallel_for.inl.hpp.
#pragma once

#include <cstdint>
#include <type_traits>

#include "fathom/core/config.hpp"

// FATHOM_OPENMP runs the chunks on OpenMP's threads instead of fathom's own. They spin between regions, which beside
// other busy programs makes a training step several times slower: for programs that have OpenMP's threads already.
#if defined(FATHOM_OPENMP) && !defined(_OPENMP)
#error "fathom: FATHOM_OPENMP needs a compiler with OpenMP switched on (-fopenmp)"
#endif

// Two header-only units, one with FATHOM_OPENMP and one without, must not share a symbol: one namespace per executor.
// In the compiled library there is one executor, the library's.
#if defined(FATHOM_COMPILED)
#define FATHOM_EXECUTOR library_executor
#elif defined(FATHOM_OPENMP)
#define FATHOM_EXECUTOR openmp_executor
#else
#define FATHOM_EXECUTOR thread_executor
#endif

namespace fathom::inline v0 {

// How many threads parallel_for uses: set_threads(n), else FATHOM_THREADS, else OMP_NUM_THREADS, else the processors
// this process may use. A value that is not a positive number throws Error.
int threads();
void set_threads(int n);

namespace detail::inline FATHOM_EXECUTOR {
// True on a thread that is inside a parallel_for.
bool in_parallel();
void run_chunks(std::int64_t begin, std::int64_t end, std::int64_t grain,
                void (*f)(void* context, std::int64_t, std::int64_t), void* context);
}  // namespace detail::inline FATHOM_EXECUTOR

inline namespace FATHOM_EXECUTOR {

template <class F>
void parallel_for(std::int64_t begin, std::int64_t end, std::int64_t grain, F&& f) {
    if (begin >= end) return;
    if (grain < 1) grain = 1;
    if (end - begin <= grain) return static_cast<void>(f(begin, end));
    using Callable = std::remove_reference_t<F>;
    // std::addressof would take <memory>, a twentieth of parsing fathom.hpp.
    detail::run_chunks(
        begin, end, grain,
        [](void* context, std::int64_t first, std::int64_t last) { (*static_cast<Callable*>(context))(first, last); },
        const_cast<void*>(static_cast<const void*>(__builtin_addressof(f))));
}

}  // namespace FATHOM_EXECUTOR
}  // namespace fathom::inline v0

#ifndef FATHOM_COMPILED
#include "fathom/core/parallel_for.inl.hpp"
#endif
