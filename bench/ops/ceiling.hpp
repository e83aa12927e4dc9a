// What every result of bench_ops is measured against: the FMA ceiling, once per number of threads.
#pragma once

#include <benchmark/benchmark.h>

#include "bench/ceilings/fma.hpp"

namespace fathom::bench {

// FLOP/s of the ceiling with the threads in use.
inline double peak() {
    static double known[3] = {};
    double& value = known[threads() < 3 ? threads() : 0];
    if (value == 0) value = fma_peak<float>();
    return value;
}

// Reports GFLOP/s and the share of the ceiling, for `flops` an iteration.
inline void report(benchmark::State& state, double flops) {
    state.counters["GFLOP/s"] = benchmark::Counter(flops * 1e-9, benchmark::Counter::kIsIterationInvariantRate);
    state.counters["of_peak"] = benchmark::Counter(flops / peak(), benchmark::Counter::kIsIterationInvariantRate);
    state.SetLabel(name_of(isa()));
}

}  // namespace fathom::bench
