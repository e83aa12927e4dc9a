#include "bench/ops/family.hpp"

#include <algorithm>
#include <cstdio>
#include <map>

#include "bench/ceilings/ceilings.hpp"
#include "bench/support/machine.hpp"
#include "bench/support/report.hpp"
#include "bench/support/table.hpp"
#include "bench/support/timing.hpp"
#include "fathom/core/parallel_for.hpp"

namespace fathom::bench {

namespace {

struct Result {
    Case what;  // without its functions
    int threads = 1;
    double seconds = 0, other = 0;
};

// In turns, so that both see the same machine.
Result measure_case(const Case& c, int threads, double seconds) {
    set_threads(threads);
    constexpr int turns = 3;
    Result result{{c.name, c.flops, c.read, c.written, {}, {}, c.effective}, threads};
    for (int turn = 0; turn < turns; ++turn) {
        const double ours = measure(seconds / turns, c.run).best;
        result.seconds = turn == 0 ? ours : std::min(result.seconds, ours);
        if (!c.other) continue;
        const double theirs = measure(seconds / turns, c.other).best;
        result.other = turn == 0 ? theirs : std::min(result.other, theirs);
    }
    return result;
}

struct Roof {
    double seconds;
    std::string bound;
};

Roof roof_of(const Result& r, Ceilings& ceilings) {
    const Level level = level_of((r.what.read + r.what.written) / r.threads, r.threads);
    const double arithmetic = r.what.flops / ceilings.fma(r.threads),
                 memory = ceilings.bandwidth(level, r.threads).seconds(r.what.read, r.what.written);
    if (arithmetic >= memory) return {arithmetic, "compute"};
    return {memory, name_of(level)};
}

std::vector<int> thread_counts(const Options& o) {
    if (o.all_threads() == 1) return {1};
    return {1, o.all_threads()};
}

}  // namespace

nlohmann::json run_family(const Family& family, const OpsOptions& o) {
    const Neighbours neighbours;
    Ceilings ceilings(o.each_ceiling());
    std::vector<Result> results;
    for (const auto& [name, make] : family.cases) {
        if (name.find(o.filter) == std::string::npos) continue;
        const Case c = make();
        for (const int threads : thread_counts(o)) {
            results.push_back(measure_case(c, threads, o.each()));
            roof_of(results.back(), ceilings);  // measures its ceilings now
        }
    }
    if (results.empty()) return nullptr;
    std::string changed;
    const double change = ceilings.measure_again(changed);

    Table table({family.title, "threads", "time", "GFLOP/s", "GB/s", "share", "bound by", family.other,
                 "ours / " + family.other});
    nlohmann::json list;
    std::vector<std::string> warnings;
    bool effective = false;
    for (const Result& r : results) {
        const Roof roof = roof_of(r, ceilings);
        const double share = roof.seconds / r.seconds;
        table.add({r.what.name, std::to_string(r.threads), time_text(r.seconds),
                   number_text(r.what.flops / r.seconds * 1e-9),
                   number_text((r.what.read + r.what.written) / r.seconds * 1e-9),
                   share_text(share) + (r.what.effective ? "*" : ""), roof.bound,
                   r.other == 0 ? "" : time_text(r.other), r.other == 0 ? "" : number_text(r.seconds / r.other)});
        list.push_back({{"name", r.what.name},
                        {"threads", r.threads},
                        {"seconds", r.seconds},
                        {"flops", r.what.flops},
                        {"bytes", r.what.read + r.what.written},
                        {"share", share},
                        {"bound_by", roof.bound},
                        {"effective", r.what.effective},
                        {"other", family.other},
                        {"other_seconds", r.other}});
        effective = effective || r.what.effective;
        if (share > 1 && !r.what.effective)
            warnings.push_back(r.what.name + " passes its roof: a ceiling was measured too low, or the cache it is " +
                               "counted in is not the one that serves it");
    }
    std::printf("%s", table.text().c_str());
    if (effective) std::printf("* of the operations that the direct form has; this one needs fewer\n");
    std::printf("\n");
    if (change > tolerated)
        warnings.push_back("a ceiling changed by " + share_text(change) + " meanwhile (" + changed + ")");
    warnings.push_back(busy_warning(neighbours.share()));
    print_warnings(warnings);
    return {{"family", family.title}, {"others", neighbours.share()}, {"ceiling_change", change}, {"cases", list}};
}

}  // namespace fathom::bench
