// One program, two header-only units with -fopenmp, of which one asks for OpenMP's threads by FATHOM_OPENMP: each gets
// what it asked for, whichever copy of a function the linker keeps.
#include <omp.h>

#include <atomic>
#include <cstdio>

#include "fathom/core/parallel_for.hpp"

bool runs_on_openmp_in_the_other_unit();
bool runs_on_openmp();

#ifdef FATHOM_OPENMP
bool runs_on_openmp()
#else
bool runs_on_openmp_in_the_other_unit()
#endif
{
    fathom::set_threads(2);
    int on_openmp = 0;
    fathom::parallel_for(0, 1, 1, [&](std::int64_t, std::int64_t) { on_openmp = omp_in_parallel(); });
    if (on_openmp) return false;  // one chunk runs inline
    std::atomic<int> chunks{0};
    fathom::parallel_for(0, 8, 1, [&](std::int64_t, std::int64_t) { chunks += omp_in_parallel(); });
    return chunks == 8;
}

#ifdef FATHOM_OPENMP
int main() {
    const bool here = runs_on_openmp(), there = runs_on_openmp_in_the_other_unit();
    std::printf("with FATHOM_OPENMP on %s threads, without on %s\n", here ? "OpenMP's" : "fathom's",
                there ? "OpenMP's" : "fathom's");
    return here && !there ? 0 : 1;
}
#endif
