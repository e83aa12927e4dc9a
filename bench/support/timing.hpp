// How every bench takes time: one call to warm up, then samples until the time is spent. The least of them counts,
// since whatever else runs on the machine can only add; the median beside it shows how much it added.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <vector>

namespace fathom::bench {

using Clock = std::chrono::steady_clock;

inline double seconds_since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

// Seconds of one call.
struct Timing {
    double best = 0, median = 0;
};

// Samples of at least 50 microseconds, against which reading the clock (about 30 ns) is nothing; at least three, or one
// of what takes longer than all that time.
template <class F>
Timing measure(double seconds, F&& f) {
    constexpr double least_sample = 50e-6;
    auto start = Clock::now();
    f();
    const double first = std::max(seconds_since(start), 1e-9);
    const auto calls = std::max<std::int64_t>(1, static_cast<std::int64_t>(least_sample / first) + 1);
    std::vector<double> samples;
    const auto begin = Clock::now();
    const std::size_t least_samples = first > seconds ? 1 : 3;
    while (samples.size() < least_samples || seconds_since(begin) < seconds) {
        start = Clock::now();
        for (std::int64_t i = 0; i < calls; ++i) f();
        samples.push_back(seconds_since(start) / static_cast<double>(calls));
    }
    std::sort(samples.begin(), samples.end());
    return {samples.front(), samples[samples.size() / 2]};
}

}  // namespace fathom::bench
