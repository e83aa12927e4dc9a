// The ceiling of every compute-bound kernel: multiply-adds per second in registers, on the ISA in use and all threads.
#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

#include "fathom/core/parallel_for.hpp"
#include "fathom/kernels/simd.hpp"

#define FATHOM_KERNEL "bench/ceilings/fma.kernel.hpp"
#include "fathom/kernels/foreach_isa.hpp"

namespace fathom::bench {

// FLOP/s of `threads()` threads, the best of several runs of a few milliseconds.
template <class T>
double fma_peak() {
    using Clock = std::chrono::steady_clock;
    const std::int64_t rounds = 1 << 18, tasks = threads();
    std::vector<T> sink(static_cast<std::size_t>(tasks * 16));
    double best = 0;
    for (int repeat = 0; repeat < 20; ++repeat) {
        std::vector<double> flops(static_cast<std::size_t>(tasks));
        const auto start = Clock::now();
        parallel_for(0, tasks, 1, [&](std::int64_t first, std::int64_t last) {
            using namespace kernels;
            for (std::int64_t t = first; t < last; ++t)
                flops[static_cast<std::size_t>(t)] =
                    FATHOM_DISPATCH(ceiling::fma_rounds<T>(rounds, sink.data() + t * 16));
        });
        const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
        double total = 0;
        for (double f : flops) total += f;
        if (total / seconds > best) best = total / seconds;
    }
    return best;
}

}  // namespace fathom::bench
