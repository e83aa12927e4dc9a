#include "bench/support/ladder.hpp"

#include <algorithm>
#include <cstdio>

#include "bench/support/machine.hpp"
#include "bench/support/report.hpp"
#include "bench/support/svg.hpp"
#include "bench/support/table.hpp"
#include "bench/support/timing.hpp"
#include "fathom/core/parallel_for.hpp"
#include "fathom/kernels/isa.hpp"

namespace fathom::bench {

namespace {

// The predicted time, and what sets it.
struct Prediction {
    double seconds = 0;
    std::string bound;
};

Prediction seconds_of(const Cost& cost, Ceilings& ceilings, int threads) {
    switch (cost.by) {
        case Cost::By::compute:
            return {cost.amount / ceilings.fma(threads), "compute"};
        // One number or a vector of them take an instruction each: the peak without the lanes.
        case Cost::By::scalar:
            return {cost.amount / ceilings.fma(threads) * vector_lanes(), "scalars"};
        case Cost::By::latency:
            return {cost.amount / ceilings.chain() / threads, "latency"};
        case Cost::By::scalar_latency:
            return {cost.amount / ceilings.scalar_chain() / threads, "latency"};
        case Cost::By::bytes:
            return {ceilings.bandwidth(cost.level, threads).seconds(cost.amount, cost.written), name_of(cost.level)};
    }
    return {};
}

Prediction predict(const std::vector<Cost>& costs, Ceilings& ceilings, int threads, bool one_after_another = false) {
    Prediction slowest;
    double sum = 0;
    for (const Cost& cost : costs) {
        const Prediction p = seconds_of(cost, ceilings, threads);
        sum += p.seconds;
        if (p.seconds > slowest.seconds) slowest = p;
    }
    if (one_after_another) slowest.seconds = sum;
    return slowest;
}

struct Result {
    Prediction predicted;
    Timing time;
    double error = 0, share = 0, rate = 0, roof = 0;
};

Result run_rung(const Ladder& ladder, const Rung& rung, const Options& o) {
    set_threads(rung.threads);
    ladder.forget();
    rung.run();
    Result result;
    result.error = ladder.error();
    result.time = measure(o.each(), rung.run);
    return result;
}

std::string roof_text(const Ladder& ladder, Ceilings& ceilings) {
    const Prediction roof = predict(ladder.least(), ceilings, 1);
    const double bytes = ladder.read + ladder.written;
    std::string text = ladder.title + "\n";
    if (ladder.flops > 0)
        text += number_text(ladder.flops * 1e-6) + " MFLOP, " + number_text(bytes * 1e-6) +
                " MB: " + number_text(ladder.flops / bytes) + " FLOP a byte. ";
    else
        text += number_text(bytes * 1e-6) + " MB. ";
    text += "One thread at best: " + time_text(roof.seconds) + ", bound by " + roof.bound + " (";
    if (ladder.flops > 0) text += number_text(ceilings.fma() * 1e-9) + " GFLOP/s; ";
    const Bandwidth& b = ceilings.bandwidth(ladder.level());
    return text + name_of(ladder.level()) + " " + number_text(b.read * 1e-9) + " GB/s read, " +
           number_text(b.write * 1e-9) + " write, " + number_text(b.copy * 1e-9) + " copy)\n";
}

std::string table_of(const Ladder& ladder, const std::vector<Result>& results) {
    Table table(
        {"rung", "time", "predicted", ladder.in_bytes ? "GB/s" : "GFLOP/s", "share", "bound by", "faster", "error"});
    for (std::size_t i = 0; i < results.size(); ++i) {
        const Rung& rung = ladder.rungs[i];
        const Result& r = results[i];
        const auto before = static_cast<std::size_t>(rung.before);
        table.add({rung.name, time_text(r.time.best), time_text(r.predicted.seconds), number_text(r.rate * 1e-9),
                   share_text(r.share) + (rung.effective ? "*" : ""), r.predicted.bound,
                   i < before ? "" : number_text(results[i - before].time.best / r.time.best) + "x",
                   error_text(r.error)});
    }
    return table.text();
}

nlohmann::json json_of(const Ladder& ladder, const std::vector<Result>& results) {
    nlohmann::json list;
    for (std::size_t i = 0; i < results.size(); ++i) {
        const Result& r = results[i];
        list.push_back({{"rung", ladder.rungs[i].name},
                        {"threads", ladder.rungs[i].threads},
                        {"seconds", r.time.best},
                        {"median_seconds", r.time.median},
                        {"predicted_seconds", r.predicted.seconds},
                        {"bound_by", r.predicted.bound},
                        {"share", r.share},
                        {"effective", ladder.rungs[i].effective},
                        {"error", r.error}});
    }
    return list;
}

std::vector<Bar> bars_of(const Ladder& ladder, const std::vector<Result>& results) {
    std::vector<Bar> bars;
    for (std::size_t i = 0; i < results.size(); ++i) {
        const Result& r = results[i];
        bars.push_back({ladder.rungs[i].name, r.rate * 1e-9, r.roof * 1e-9,
                        number_text(r.rate * 1e-9) + ", " + share_text(r.share) + ", " + time_text(r.time.best)});
    }
    return bars;
}

// Rungs whose result is wrong, on stderr.
bool all_right(const Ladder& ladder, const std::vector<Result>& results) {
    bool right = true;
    for (std::size_t i = 0; i < results.size(); ++i) {
        const double allowed = std::max(ladder.allowed, ladder.rungs[i].rounding);
        if (results[i].error <= allowed) continue;  // a NaN is not
        std::fprintf(stderr, "WRONG: \"%s\" differs from the naive loop in double by %s, allowed %s\n",
                     ladder.rungs[i].name.c_str(), error_text(results[i].error).c_str(), error_text(allowed).c_str());
        right = false;
    }
    return right;
}

}  // namespace

Cost accesses(double loads, double stores) {
    const double vector = 4.0 * vector_lanes();
    return bytes(Level::l1, loads * vector, stores * vector);
}

Level Ladder::level() const { return holds ? *holds : level_of(read + written); }

std::vector<Cost> Ladder::least() const { return {compute(flops), bytes(level(), read, written)}; }

int run_ladder(const Ladder& ladder, const Options& o) {
    std::printf("%s\n", machine_text().c_str());
    const Neighbours neighbours;
    Ceilings ceilings(o.each_ceiling());
    // Predictions come first: none is made with its measurement at hand.
    std::vector<Prediction> predictions;
    for (const Rung& rung : ladder.rungs)
        predictions.push_back(predict(rung.costs, ceilings, rung.threads, rung.one_after_another));
    std::printf("%s\n", roof_text(ladder, ceilings).c_str());
    std::fflush(stdout);

    std::vector<Result> results;
    for (std::size_t i = 0; i < ladder.rungs.size(); ++i) {
        results.push_back(run_rung(ladder, ladder.rungs[i], o));
        results.back().predicted = predictions[i];
    }
    std::string changed;
    const double change = ceilings.measure_again(changed);

    std::vector<std::string> warnings;
    const double counted = ladder.in_bytes ? ladder.read + ladder.written : ladder.flops;
    bool effective = false;
    for (std::size_t i = 0; i < results.size(); ++i) {
        Result& r = results[i];
        const double roof_seconds = predict(ladder.least(), ceilings, ladder.rungs[i].threads).seconds;
        r.share = roof_seconds / r.time.best;
        r.rate = counted / r.time.best;
        r.roof = counted / roof_seconds;
        effective = effective || ladder.rungs[i].effective;
        if (r.share > 1 && !ladder.rungs[i].effective)
            warnings.push_back("\"" + ladder.rungs[i].name + "\" passes its roof: the ceiling was measured too low");
    }
    if (change > tolerated)
        warnings.push_back("a ceiling changed by " + share_text(change) + " meanwhile (" + changed + ")");
    warnings.push_back(busy_warning(neighbours.share()));

    std::printf("%s", table_of(ladder, results).c_str());
    if (effective) std::printf("* of the operations that the direct form has; this one needs fewer\n");
    print_warnings(warnings);
    write_json({{"ladder", ladder.title},
                {"machine", machine()},
                {"others", neighbours.share()},
                {"ceiling_change", change},
                {"flops", ladder.flops},
                {"bytes", ladder.read + ladder.written},
                {"rungs", json_of(ladder, results)}},
               o.json_file);
    write_text(bar_chart(ladder.title, ladder.in_bytes ? "GB/s" : "GFLOP/s", bars_of(ladder, results)), o.plot_file);
    return all_right(ladder, results) ? 0 : 1;
}

}  // namespace fathom::bench
