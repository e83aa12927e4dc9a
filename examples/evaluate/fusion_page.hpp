// The results of `evaluate fusion` as a page: tables that sort, cumulative curves, and the pictures themselves.
#pragma once

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "evaluate/fusion_inputs.hpp"
#include "evaluate/fusion_table.hpp"
#include "evaluate/fusion_text.hpp"
#include "report/html.hpp"
#include "report/page.hpp"
#include "report/pictures.hpp"
#include "report/plot.hpp"

namespace evaluate {

namespace detail {

inline std::string titled(FusionMetric metric) {
    return std::string(metrics::to_string(metric)) + (metrics::higher_is_better(metric) ? " \u2191" : " \u2193");
}

// As wide as it is read: a row for each method.
inline std::string means_html(const FusionTable& table, const ConventionResult& result) {
    report::Table out{std::string(metrics::to_string(result.convention)) + ": means of " +
                          std::to_string(table.images.size()) +
                          " images. \u2191: higher is better. Bold: the best method, underlined: the second",
                      {"method"},
                      {}};
    for (const MetricResult& r : result.metrics) out.titles.push_back(titled(r.metric));
    for (std::size_t m = 0; m < table.methods.size(); ++m) {
        std::vector<report::Cell> row = {{table.methods[m].name + (table.methods[m].baseline ? " (baseline)" : "")}};
        for (const MetricResult& r : result.metrics)
            row.push_back(report::Cell::number(r.summary[m].mean, r.is_best(m)     ? "best"
                                                                  : r.is_second(m) ? "second"
                                                                                   : ""));
        out.rows.push_back(std::move(row));
    }
    return out.html();
}

// Everything that is known of a metric and a method.
inline std::string intervals_html(const FusionTable& table, const ConventionResult& result) {
    report::Table out{std::string(metrics::to_string(result.convention)) +
                          ": deviations, ranks, and the difference to the best method on the same images",
                      {"method", "metric", "mean", "deviation", "images", "rank", "minus the best", "95% from",
                       "95% to", "told apart"},
                      {}};
    for (const MetricResult& r : result.metrics)
        for (std::size_t m = 0; m < table.methods.size(); ++m) {
            const metrics::Summary& s = r.summary[m];
            std::vector<report::Cell> row = {{table.methods[m].name},
                                             {titled(r.metric)},
                                             report::Cell::number(s.mean),
                                             report::Cell::number(s.deviation),
                                             report::Cell::number(static_cast<double>(s.count)),
                                             report::Cell::number(r.rank[m])};
            if (r.best && m != *r.best && r.behind_best[m].count > 0) {
                const metrics::Difference& d = r.behind_best[m];
                for (const double value : {d.mean, d.low, d.high}) row.push_back(report::Cell::number(value));
                row.push_back({d.told_apart() ? "yes" : "no"});
            }
            row.resize(out.titles.size());
            out.rows.push_back(std::move(row));
        }
    return out.html();
}

// Friedman's test and mean ranks; "" of one method.
inline std::string tests_html(const FusionTable& table, const ConventionResult& result) {
    report::Table out{
        std::string(metrics::to_string(result.convention)) +
            ": Friedman's test, mean ranks of the methods, and how far apart they must be (Nemenyi, 0.05)",
        {"metric", "p", "must be apart"},
        {}};
    for (std::size_t m = 0; m < table.compared(); ++m) out.titles.push_back(table.methods[m].name);
    for (const MetricResult& r : result.metrics) {
        if (r.tested.size() < 2) continue;
        std::vector<report::Cell> row = {
            {titled(r.metric)}, report::Cell::number(r.friedman.f_p), report::Cell::number(r.critical_difference)};
        row.resize(out.titles.size());
        for (std::size_t i = 0; i < r.tested.size(); ++i)
            row[3 + r.tested[i]] = report::Cell::number(r.friedman.mean_rank[i]);
        out.rows.push_back(std::move(row));
    }
    return out.html();
}

// As papers draw them: a share x of the images has at most the value y. A curve that only rises needs few points.
inline std::string cumulative_html(const FusionTable& table, std::size_t convention, const ConventionResult& result) {
    constexpr std::size_t most_points = 100;
    std::string out;
    for (const MetricResult& r : result.metrics) {
        report::CurvePlot plot{std::string(metrics::to_string(result.convention)) + ": " + titled(r.metric),
                               "percent of the images that have at most this",
                               {}};
        for (std::size_t m = 0; m < table.methods.size(); ++m) {
            report::Curve curve{table.methods[m].name, {}, {}, static_cast<int>(m)};
            std::vector<double> values = table.values(convention, m, r.metric);
            std::erase_if(values, [](double v) { return !std::isfinite(v); });
            std::sort(values.begin(), values.end());
            const std::size_t n = values.size(), points = std::min(n, most_points);
            for (std::size_t p = 0; p < points; ++p) {
                const std::size_t i = points == 1 ? 0 : p * (n - 1) / (points - 1);
                curve.x.push_back(100 * static_cast<double>(i + 1) / static_cast<double>(n));
                curve.y.push_back(values[i]);
            }
            plot.curves.push_back(std::move(curve));
        }
        out += report::figure(plot);
    }
    return "<div class=\"plots\">" + out.append("</div>\n");
}

inline std::string paragraphs_html(const std::vector<std::string>& lines) {
    std::string out;
    for (const std::string& line : lines) out.append("<p>").append(report::escaped(line)).append("</p>\n");
    return out;
}

}  // namespace detail

// Takes the pictures while they are measured, so that what a net makes is made once.
class FusionPage {
public:
    explicit FusionPage(const FusionTable& table)
        : table_(table), pictures_(layers_of(table), {}, static_cast<std::int64_t>(table.images.size())) {}

    // Images first to last; `made` are the net's pictures of them where there is a net.
    void add(const FusionInputs& inputs, std::size_t first, std::size_t last, const std::vector<Picture>& made) {
        std::vector<report::Pictures::Encoded> encoded(last - first);
        fathom::parallel_for(0, static_cast<std::int64_t>(last - first), 1, [&](std::int64_t begin, std::int64_t end) {
            for (auto k = static_cast<std::size_t>(begin); k < static_cast<std::size_t>(end); ++k) {
                const std::size_t i = first + k;
                report::Sample sample = {{0, fathom::io::read_image(inputs.pairs[i].visible)},
                                         {1, fathom::io::read_image(inputs.pairs[i].infrared)}};
                for (std::size_t m = 0; m < table_.compared(); ++m) {
                    const std::vector<std::string>& paths = inputs.methods[m].paths;
                    sample[static_cast<int>(2 + m)] = paths.empty() ? made[k] : fathom::io::read_image(paths[i]);
                }
                const bool on_sheet = report::Pictures::on_sheet(static_cast<std::int64_t>(i),
                                                                 static_cast<std::int64_t>(table_.images.size()));
                encoded[k] = pictures_.encode(table_.images[i], sample, on_sheet);
            }
        });
        for (report::Pictures::Encoded& one : encoded) pictures_.add(std::move(one));
    }

    // `notes` stand above all, `people` is what is said of them, or "".
    std::string html(const std::vector<ConventionResult>& results, const std::vector<std::string>& notes,
                     const std::string& people, const nlohmann::json& protocol) const {
        std::string title = "Fusion: ";
        for (std::size_t m = 0; m < table_.compared(); ++m) title += (m ? ", " : "") + table_.methods[m].name;
        report::Page page(title);
        for (const std::string& note : notes) page.note(note);
        std::string means, details, curves;
        for (std::size_t c = 0; c < results.size(); ++c) {
            const ConventionResult& result = results[c];
            means += detail::means_html(table_, result) + detail::paragraphs_html(fusion_sentences(table_, result));
            means += detail::paragraphs_html(undefined_lines(table_, result));
            details += detail::intervals_html(table_, result) + detail::tests_html(table_, result);
            curves += detail::cumulative_html(table_, c, result);
        }
        if (!people.empty()) means += detail::paragraphs_html({people});
        page.add("Means", means);
        std::string images = pictures_.viewer_html() + pictures_.sheet_html();
        if (const std::string note = pictures_.note(); !note.empty())
            images.insert(0, "<p class=\"note\">" + report::escaped(note) + "</p>");
        page.add("Images", images);
        page.add("Cumulative curves", curves);
        page.add("Deviations, ranks, intervals", details);
        page.add("Protocol", report::record_html(protocol));
        page.add_data(pictures_.data_html());
        return page.html();
    }

private:
    static std::vector<report::Layer> layers_of(const FusionTable& table) {
        std::vector<report::Layer> layers = {{"visible", "picture"}, {"infrared", "picture"}};
        const std::size_t compared = table.compared();
        for (std::size_t m = 0; m < compared; ++m) layers.push_back({table.methods[m].name, "picture"});
        for (std::size_t m = 0; m < compared; ++m)
            layers.push_back({"less or more than the brighter source" +
                                  (compared == 1 ? std::string() : " (" + table.methods[m].name + ")"),
                              "difference",
                              {static_cast<int>(2 + m), 0, 1}});
        return layers;
    }

    const FusionTable& table_;
    report::Pictures pictures_;
};

}  // namespace evaluate
