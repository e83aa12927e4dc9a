// What parallel_for costs: a fork and its join, one after the other and after a pause, and eight regions of 50 us,
// which is how a training step looks from below. Prints JSON. beside.py runs it on both executors.
#include <algorithm>
#include <chrono>
#include <iostream>
#include <nlohmann/json.hpp>
#include <vector>

#include "support/program.hpp"
#include "fathom/core/parallel_for.hpp"

using json = nlohmann::json;

namespace {

using Clock = std::chrono::steady_clock;

double microseconds_since(Clock::time_point start) {
    return std::chrono::duration<double, std::micro>(Clock::now() - start).count();
}

void work(double microseconds) {
    const auto start = Clock::now();
    while (microseconds_since(start) < microseconds) {
    }
}

// Median and 90th percentile of what f() takes, with `pause` microseconds of the caller's own work before each.
template <class F>
json measured(int repeats, double pause, F f) {
    std::vector<double> times;
    for (int i = 0; i < repeats; ++i) {
        work(pause);
        const auto start = Clock::now();
        f();
        times.push_back(microseconds_since(start));
    }
    std::sort(times.begin(), times.end());
    return {{"median_us", times[times.size() / 2]}, {"p90_us", times[times.size() * 9 / 10]}};
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("Times forks and joins of parallel_for.");
    int threads = 2;
    app.add_option("--threads", threads)->check(CLI::PositiveNumber)->capture_default_str();
    return program::run(app, argc, argv, [&] {
        fathom::set_threads(threads);
        const auto fork_join = [&](double each) {
            fathom::parallel_for(0, threads, 1, [&](std::int64_t, std::int64_t) { work(each); });
        };
        const json summary = {{"fork_join_back_to_back", measured(20000, 0, [&] { fork_join(0); })},
                              {"fork_join_after_20_us", measured(5000, 20, [&] { fork_join(0); })},
                              {"fork_join_after_1_ms", measured(500, 1000, [&] { fork_join(0); })},
                              {"eight_regions_of_50_us", measured(300, 0, [&] {
                                   for (int region = 0; region < 8; ++region) fork_join(50.0 / threads);
                               })}};
        std::cout << summary.dump() << std::endl;
        return 0;
    });
}
