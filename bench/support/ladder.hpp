// A ladder: one kernel, from its naive loop to what the library does, a rung for each idea. A rung says beforehand what
// must take how long (its costs); the runner measures the ceilings, turns costs into a predicted time, then checks and
// times the rung. Next: bench/ladder/conv3x3.kernel.hpp, bench/ladder/conv3x3.cpp.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "bench/ceilings/ceilings.hpp"
#include "bench/support/options.hpp"

namespace fathom::bench {

// What sets a rung's pace, if it does nothing else: the slowest of its costs is its predicted time.
struct Cost {
    enum class By { compute, scalar, latency, scalar_latency, bytes } by;
    double amount = 0;  // operations; multiply-adds in a row; bytes that are read
    double written = 0;
    Level level = Level::l1;
};
// Floating-point operations on whole vectors, and one number at a time.
inline Cost compute(double flops) { return {Cost::By::compute, flops}; }
inline Cost scalar(double flops) { return {Cost::By::scalar, flops}; }
// Multiply-adds each of which waits for the one before, of vectors and of single numbers.
inline Cost latency(double in_a_row) { return {Cost::By::latency, in_a_row}; }
inline Cost scalar_latency(double in_a_row) { return {Cost::By::scalar_latency, in_a_row}; }
inline Cost bytes(Level level, double read, double written = 0) { return {Cost::By::bytes, read, written, level}; }
// Loads and stores of the first cache. A number that is spread over a vector keeps a port busy as long as a vector.
Cost accesses(double loads, double stores = 0);

struct Rung {
    std::string name;
    std::vector<Cost> costs;
    std::function<void()> run;
    int threads = 1;
    // What its time is set against: that many rungs before this one.
    int before = 1;
    // Does the work with fewer operations than are counted, so that it may pass the roof.
    bool effective = false;
    // Its costs do not overlap: their sum is the prediction, not the slowest.
    bool one_after_another = false;
    // What its error may be more than the ladder's: it rounds its operands.
    double rounding = 0;
};

struct Ladder {
    std::string title;
    // What must be done whatever the program: operations, and bytes of the arrays, once each.
    double flops = 0, read = 0, written = 0;
    bool in_bytes = false;  // rates in GB/s of those bytes, not in GFLOP/s
    // The relative error of the last result against double, of which more than `allowed` is a mistake; and a function
    // that spoils the result, so that no rung passes by what another left behind.
    std::function<double()> error;
    std::function<void()> forget;
    double allowed = 1e-5;
    std::vector<Rung> rungs;

    // Where the arrays lie; by default the nearest level that holds `read` and `written`.
    std::optional<Level> holds;

    Level level() const;
    // What the library's kernels are set against: the roof itself.
    std::vector<Cost> least() const;
};

// Measures, prints the table, writes the files asked for. Gives the program's exit code: 1 where a rung is wrong.
int run_ladder(const Ladder& ladder, const Options& options);

}  // namespace fathom::bench
