// The table of `evaluate fusion` as CSV: a row for each convention, method and image, then their means and standard
// deviations as the images "mean" and "std".
#pragma once

#include <charconv>
#include <string>
#include <vector>

#include "evaluate/fusion_table.hpp"
#include "support/csv.hpp"

namespace evaluate {

// The shortest decimal that gives the same double; "nan", "inf".
inline std::string shortest(double value) {
    if (std::isnan(value)) return "nan";  // of either sign
    char text[32];
    return {text, std::to_chars(text, text + sizeof text, value).ptr};
}

inline std::string fusion_csv(const FusionTable& table) {
    std::vector<std::string> head = {"method", "image", "convention"};
    for (int i = 0; i < metrics::fusion_metric_count; ++i)
        head.push_back(metrics::to_string(static_cast<FusionMetric>(i)));
    std::string text = program::csv_row(head);
    const auto add_row = [&](std::size_t method, const std::string& image, std::size_t convention, auto value_of) {
        std::vector<std::string> row = {table.methods[method].name, image,
                                        metrics::to_string(table.conventions[convention])};
        for (int i = 0; i < metrics::fusion_metric_count; ++i) {
            const auto metric = static_cast<FusionMetric>(i);
            const bool has = metrics::has_metric(table.conventions[convention], metric);
            row.push_back(has ? shortest(value_of(metric)) : "");
        }
        text += program::csv_row(row);
    };
    for (std::size_t m = 0; m < table.methods.size(); ++m)
        for (std::size_t i = 0; i < table.images.size(); ++i)
            for (std::size_t c = 0; c < table.conventions.size(); ++c)
                add_row(m, table.images[i], c, [&](FusionMetric metric) { return table.at(c, m, i)[metric]; });
    for (std::size_t m = 0; m < table.methods.size(); ++m)
        for (std::size_t c = 0; c < table.conventions.size(); ++c) {
            const auto summary = [&](FusionMetric metric) { return metrics::summarize(table.values(c, m, metric)); };
            add_row(m, "mean", c, [&](FusionMetric metric) { return summary(metric).mean; });
            add_row(m, "std", c, [&](FusionMetric metric) { return summary(metric).deviation; });
        }
    return text;
}

}  // namespace evaluate
