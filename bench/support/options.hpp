// The options that all benches share.
#pragma once

#include <CLI/CLI.hpp>
#include <algorithm>
#include <string>

#include "fathom/core/parallel_for.hpp"

namespace fathom::bench {

struct Options {
    bool quick = false;
    int threads = 0;  // 0: all
    double seconds = 0.25;
    std::string plot_file, json_file;

    int all_threads() const { return threads > 0 ? threads : fathom::threads(); }
    // For one measurement, and for one ceiling.
    double each() const { return quick ? 1e-3 : seconds; }
    double each_ceiling() const { return quick ? 1e-3 : std::min(seconds, 0.05); }
};

inline void add_options(CLI::App& app, Options& o) {
    app.add_flag("--quick", o.quick, "small sizes and few samples: does it run? Times mean nothing");
    app.add_option("--threads", o.threads, "the most threads (default: all)")->check(CLI::PositiveNumber);
    app.add_option("--seconds", o.seconds, "for each measurement")->check(CLI::PositiveNumber)->capture_default_str();
    app.add_option("--json", o.json_file, "write the results to this file");
}

}  // namespace fathom::bench
