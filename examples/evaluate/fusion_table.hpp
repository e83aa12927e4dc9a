// The results of `evaluate fusion`: scores by convention, method and image, and what is made of them. The other files
// beside it write them.
#pragma once

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "fathom/core/parallel_for.hpp"
#include "fathom/metrics/fusion.hpp"
#include "fathom/metrics/statistics.hpp"

namespace evaluate {

namespace metrics = fathom::metrics;
using metrics::FusionConvention;
using metrics::FusionMetric;

struct FusionMethod {
    std::string name, from;  // the folder or the file of weights; "" of a baseline
    bool baseline = false;
};

inline std::vector<FusionMetric> metrics_of(FusionConvention convention) {
    std::vector<FusionMetric> list;
    for (int i = 0; i < metrics::fusion_metric_count; ++i)
        if (const auto metric = static_cast<FusionMetric>(i); metrics::has_metric(convention, metric))
            list.push_back(metric);
    return list;
}

struct FusionTable {
    std::vector<FusionMethod> methods;  // the baselines last
    std::vector<std::string> images;
    std::vector<FusionConvention> conventions;
    std::vector<metrics::FusionScores> scores;  // [convention, method, image]

    void allocate() { scores.resize(conventions.size() * methods.size() * images.size()); }
    metrics::FusionScores& at(std::size_t convention, std::size_t method, std::size_t image) {
        return scores[(convention * methods.size() + method) * images.size() + image];
    }
    const metrics::FusionScores& at(std::size_t convention, std::size_t method, std::size_t image) const {
        return scores[(convention * methods.size() + method) * images.size() + image];
    }
    // Of one method, in the order of the images.
    std::vector<double> values(std::size_t convention, std::size_t method, FusionMetric metric) const {
        std::vector<double> list;
        for (std::size_t i = 0; i < images.size(); ++i) list.push_back(at(convention, method, i)[metric]);
        return list;
    }
    std::size_t compared() const {  // methods that are no baselines
        std::size_t count = 0;
        while (count < methods.size() && !methods[count].baseline) ++count;
        return count;
    }
};

// What is said of one metric of one convention. Methods are ranked among each other; a baseline wins some metrics by
// what it is, so baselines have no rank, but are compared with the best method.
struct MetricResult {
    FusionMetric metric = {};
    std::vector<metrics::Summary> summary;         // of each method
    std::vector<double> rank;                      // of its mean, nan of a baseline
    std::optional<std::size_t> best;               // the first of rank 1; none where no method has a mean
    std::vector<metrics::Difference> behind_best;  // each method minus the best one
    metrics::Friedman friedman;                    // of the methods that are defined on some image ...
    std::vector<std::size_t> tested;               // ... these
    double critical_difference = std::nan("");     // of mean ranks, by Nemenyi at 0.05

    // Of one method alone there is nothing to say.
    bool is_best(std::size_t method) const { return best && tested.size() > 1 && rank[method] == rank[*best]; }
    bool is_second(std::size_t method) const { return place(method) == 2; }
    // Whether the difference to the best method may be noise.
    bool like_best(std::size_t method) const {
        return best && method != *best && behind_best[method].count > 0 && !behind_best[method].told_apart();
    }
    // Whether it is better than the best method, and not by noise.
    bool beats_best(std::size_t method) const {
        if (!best || method == *best || !behind_best[method].told_apart()) return false;
        return metrics::higher_is_better(metric) ? behind_best[method].mean > 0 : behind_best[method].mean < 0;
    }

private:
    // 1, 2, ... without gaps: the second best is the second even behind two that share the first place.
    int place(std::size_t method) const {
        if (std::isnan(rank[method])) return 0;
        std::vector<double> above;
        for (const double r : rank)
            if (r < rank[method] && std::find(above.begin(), above.end(), r) == above.end()) above.push_back(r);
        return static_cast<int>(above.size()) + 1;
    }
};

struct ConventionResult {
    FusionConvention convention = {};
    std::vector<MetricResult> metrics;  // those that the convention has
};

inline MetricResult metric_result(const FusionTable& table, std::size_t convention, FusionMetric metric,
                                  const metrics::PairedBootstrap& bootstrap) {
    MetricResult r;
    r.metric = metric;
    const std::size_t compared = table.compared();
    const bool higher = metrics::higher_is_better(metric);
    std::vector<std::vector<double>> values, tested;
    std::vector<double> means;
    for (std::size_t m = 0; m < table.methods.size(); ++m) {
        values.push_back(table.values(convention, m, metric));
        r.summary.push_back(metrics::summarize(values[m]));
        if (m >= compared) continue;
        means.push_back(r.summary[m].mean);
        if (r.summary[m].count > 0) r.tested.push_back(m), tested.push_back(values[m]);
    }
    r.rank = metrics::ranks(means, higher);
    for (std::size_t m = 0; m < compared; ++m)
        if (!std::isnan(r.rank[m]) && (!r.best || r.rank[m] < r.rank[*r.best])) r.best = m;
    r.rank.resize(table.methods.size(), std::nan(""));
    for (std::size_t m = 0; m < table.methods.size(); ++m)
        r.behind_best.push_back(r.best ? bootstrap.difference(values[m], values[*r.best]) : metrics::Difference{});
    if (tested.size() < 2) return r;
    r.friedman = metrics::friedman(tested, higher);
    if (r.friedman.images > 0)
        r.critical_difference =
            metrics::nemenyi_difference(static_cast<std::int64_t>(tested.size()), r.friedman.images);
    return r;
}

inline std::vector<ConventionResult> results_of(const FusionTable& table, const metrics::PairedBootstrap& bootstrap) {
    std::vector<ConventionResult> results;
    for (std::size_t c = 0; c < table.conventions.size(); ++c) {
        const std::vector<FusionMetric> list = metrics_of(table.conventions[c]);
        ConventionResult result{table.conventions[c], std::vector<MetricResult>(list.size())};
        fathom::parallel_for(0, static_cast<std::int64_t>(list.size()), 1, [&](std::int64_t first, std::int64_t last) {
            for (auto i = static_cast<std::size_t>(first); i < static_cast<std::size_t>(last); ++i)
                result.metrics[i] = metric_result(table, c, list[i], bootstrap);
        });
        results.push_back(std::move(result));
    }
    return results;
}

}  // namespace evaluate
