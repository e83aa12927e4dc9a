// What `evaluate fusion` prints: a table for each convention, and sentences on what it shows.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "evaluate/fusion_table.hpp"
#include "support/progress.hpp"

namespace evaluate {

namespace detail {

inline std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
    return text;
}

// Characters, not bytes, of UTF-8.
inline std::string padded(const std::string& text, std::size_t width) {
    const auto shown =
        static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
    return text + std::string(shown < width ? width - shown : 1, ' ');
}

inline std::string cell(const MetricResult& result, std::size_t method) {
    const metrics::Summary& s = result.summary[method];
    const char* mark = result.is_best(method) ? "*" : result.like_best(method) ? "~" : "";
    if (s.count == 0) return "nan";
    return program::format("%.4g", s.mean) + mark + (s.count > 1 ? program::format(" (%.2g)", s.deviation) : "");
}

}  // namespace detail

// What a convention's table shows, in words.
inline std::vector<std::string> fusion_sentences(const FusionTable& table, const ConventionResult& result) {
    std::vector<std::string> sentences;
    if (table.images.size() < 10)
        sentences.push_back("Intervals and tests of so few images are rough, and rather too narrow than too wide.");
    for (std::size_t m = table.compared(); m < table.methods.size(); ++m) {
        std::vector<std::string> won;
        for (const MetricResult& r : result.metrics)
            if (r.beats_best(m)) won.push_back(metrics::to_string(r.metric));
        if (!won.empty())
            sentences.push_back("The baseline " + table.methods[m].name + " is better than " +
                                (table.compared() > 1 ? "every method" : table.methods[0].name) + " in " +
                                detail::joined(won) + ".");
    }
    std::vector<std::string> alike;
    for (const MetricResult& r : result.metrics)
        if (r.tested.size() > 2 && !(r.friedman.f_p < 0.05)) alike.push_back(metrics::to_string(r.metric));
    if (!alike.empty())
        sentences.push_back("Friedman's test does not tell the methods apart (p >= 0.05) in " + detail::joined(alike) +
                            ".");
    return sentences;
}

// Metrics are rows; methods are columns, at most seven beside each other.
inline std::string fusion_text(const FusionTable& table, const ConventionResult& result) {
    constexpr std::size_t beside = 7, metric_width = 11, width = 21;
    std::string text = std::string(metrics::to_string(result.convention)) + ": mean (standard deviation) of " +
                       std::to_string(table.images.size()) + " images; +: higher is better\n";
    for (std::size_t first = 0; first < table.methods.size(); first += beside) {
        const std::size_t last = std::min(first + beside, table.methods.size());
        std::string line = detail::padded("", metric_width);
        for (std::size_t m = first; m < last; ++m)
            line += detail::padded(
                table.methods[m].baseline ? "(" + table.methods[m].name + ")" : table.methods[m].name, width);
        text += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
        for (const MetricResult& r : result.metrics) {
            line = detail::padded(
                std::string(metrics::to_string(r.metric)) + (metrics::higher_is_better(r.metric) ? " +" : " -"),
                metric_width);
            for (std::size_t m = first; m < last; ++m) line += detail::padded(detail::cell(r, m), width);
            text += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
        }
        text += "\n";
    }
    text += table.compared() > 1 ? "*: the best method. ~: not told apart from it"
                                 : "~: not told apart from " + table.methods[0].name;
    text += ", the 95% interval of the difference holds 0.\n";
    for (const std::string& sentence : fusion_sentences(table, result)) text += sentence + "\n";
    return text;
}

// "SCD: undefined (nan) on 8 of 8 images of visible", a line for each metric and method.
inline std::vector<std::string> undefined_lines(const FusionTable& table, const ConventionResult& result) {
    std::vector<std::string> lines;
    for (const MetricResult& r : result.metrics)
        for (std::size_t m = 0; m < table.methods.size(); ++m)
            if (const auto undefined = r.summary[m].undefined; undefined > 0)
                lines.push_back(std::string(metrics::to_string(result.convention)) + ": " +
                                metrics::to_string(r.metric) + " of " + table.methods[m].name +
                                " is undefined (nan) on " + std::to_string(undefined) + " of " +
                                std::to_string(table.images.size()) + " images");
    return lines;
}

}  // namespace evaluate
