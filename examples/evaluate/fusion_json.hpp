// The results of `evaluate fusion` as JSON, nan as null and infinite values as texts: for each convention and metric
// means, ranks, comparisons and the curves of the paper; the values of every image are in the CSV.
#pragma once

#include <algorithm>
#include <nlohmann/json.hpp>
#include <vector>

#include "evaluate/fusion_protocol.hpp"
#include "evaluate/fusion_table.hpp"

namespace evaluate {

inline nlohmann::json number(double value) {
    if (std::isnan(value)) return nullptr;
    if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
    return value;
}

// The cumulative curve of a method: its sorted values. A point (i / n, i-th value) says that a share i / n of the
// images has at most that value. Undefined ones are left out.
inline nlohmann::json curve_of(std::vector<double> values) {
    std::erase_if(values, [](double v) { return std::isnan(v); });
    std::sort(values.begin(), values.end());
    nlohmann::json list = nlohmann::json::array();
    for (const double v : values) list.push_back(number(v));
    return list;
}

inline nlohmann::json metric_json(const FusionTable& table, std::size_t convention, const MetricResult& r) {
    nlohmann::json methods = nlohmann::json::object();
    for (std::size_t m = 0; m < table.methods.size(); ++m) {
        const metrics::Summary& s = r.summary[m];
        nlohmann::json& method =
            methods[table.methods[m].name] = {{"mean", number(s.mean)},
                                              {"std", number(s.deviation)},
                                              {"images", s.count},
                                              {"undefined", s.undefined},
                                              {"curve", curve_of(table.values(convention, m, r.metric))}};
        if (!table.methods[m].baseline) method["rank"] = number(r.rank[m]);
        if (!r.best || m == *r.best) continue;
        const metrics::Difference& d = r.behind_best[m];
        method["minus_best"] = {{"mean", number(d.mean)},
                                {"low", number(d.low)},
                                {"high", number(d.high)},
                                {"images", d.count},
                                {"told_apart", d.told_apart()}};
    }
    nlohmann::json result = {{"higher_is_better", metrics::higher_is_better(r.metric)},
                             {"best", r.best ? nlohmann::json(table.methods[*r.best].name) : nlohmann::json()},
                             {"methods", methods}};
    if (r.tested.size() < 2) return result;
    nlohmann::json mean_ranks = nlohmann::json::object(), apart = nlohmann::json::array();
    for (std::size_t i = 0; i < r.tested.size(); ++i) {
        mean_ranks[table.methods[r.tested[i]].name] = number(r.friedman.mean_rank[i]);
        for (std::size_t j = 0; j < i; ++j)
            if (std::abs(r.friedman.mean_rank[i] - r.friedman.mean_rank[j]) >= r.critical_difference)
                apart.push_back({table.methods[r.tested[j]].name, table.methods[r.tested[i]].name});
    }
    result["friedman"] = {{"images", r.friedman.images},
                          {"mean_ranks", mean_ranks},
                          {"chi_square", number(r.friedman.chi_square)},
                          {"chi_square_p", number(r.friedman.chi_square_p)},
                          {"f", number(r.friedman.f)},
                          {"f_p", number(r.friedman.f_p)}};
    result["nemenyi"] = {
        {"alpha", 0.05}, {"critical_difference", number(r.critical_difference)}, {"told_apart", apart}};
    return result;
}

inline nlohmann::json fusion_json(const FusionTable& table, const std::vector<ConventionResult>& results,
                                  const metrics::PairedBootstrap::Options& bootstrap, const nlohmann::json& protocol) {
    nlohmann::json methods = nlohmann::json::array(), conventions = nlohmann::json::object();
    for (const FusionMethod& method : table.methods) {
        methods.push_back({{"name", method.name}, {"baseline", method.baseline}});
        if (!method.baseline) methods.back()["from"] = method.from;
    }
    for (std::size_t c = 0; c < results.size(); ++c) {
        nlohmann::json& convention = conventions[metrics::to_string(results[c].convention)];
        for (const MetricResult& r : results[c].metrics)
            convention[metrics::to_string(r.metric)] = metric_json(table, c, r);
    }
    return {{"methods", methods},
            {"images", table.images},
            {"bootstrap", {{"resamples", bootstrap.resamples}, {"level", bootstrap.level}, {"seed", bootstrap.seed}}},
            {"conventions", conventions},
            {"protocol", protocol}};
}

}  // namespace evaluate
