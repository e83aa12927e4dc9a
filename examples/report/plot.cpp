#include "report/plot.hpp"

#include <algorithm>
#include <cmath>

#include "fathom/io/plot_axis.hpp"
#include "report/html.hpp"
#include "support/progress.hpp"

namespace report {

using fathom::plot::Axis;
using program::format;

namespace {

// What the page offers; page.js lists the same.
constexpr double strengths[] = {0, 0.6, 0.9, 0.97};
constexpr double width = 640, height = 300, left = 66, right = 12, top = 12, bottom = 46;
constexpr std::size_t columns = 290;  // two pixels each: nobody sees more

Axis value_axis(const std::vector<Curve>& curves) {
    std::vector<double> values;
    for (const Curve& curve : curves) values.insert(values.end(), curve.y.begin(), curve.y.end());
    return fathom::plot::value_axis(values);
}

Axis step_axis(const std::vector<Curve>& curves) {
    double low = INFINITY, high = -INFINITY;
    for (const Curve& curve : curves)
        if (!curve.x.empty()) low = std::min(low, curve.x.front()), high = std::max(high, curve.x.back());
    return fathom::plot::step_axis(low, high);
}

struct Frame {
    Axis x, y;
    double at_x(double value) const { return left + x.share(value) * (width - left - right); }
    double at_y(double value) const { return height - bottom - y.share(value) * (height - top - bottom); }

    std::string line(const Curve& curve) const {
        std::string out;
        for (std::size_t i = 0; i < curve.x.size(); ++i)
            out += format("%s%.1f %.1f", i == 0 ? "M" : "L", at_x(curve.x[i]), at_y(curve.y[i]));
        return out;
    }
    std::string grid(const std::string& x_label) const {
        std::string out;
        for (const double tick : y.ticks(6, 0)) {
            out += format("<path class=\"grid\" d=\"M%.0f %.1fH%.0f\"/>", left, at_y(tick), width - right);
            out += format("<text class=\"tick end\" x=\"%.0f\" y=\"%.1f\">%s</text>", left - 6, at_y(tick) + 5,
                          number_text(tick).c_str());
        }
        for (const double tick : x.ticks(6, 1))
            out += format("<text class=\"tick mid\" x=\"%.1f\" y=\"%.0f\">%s</text>", at_x(tick), height - bottom + 18,
                          number_text(tick).c_str());
        out += format("<path class=\"axis\" d=\"M%.0f %.0fV%.0fH%.0f\"/>", left, top, height - bottom, width - right);
        out += format("<text class=\"tick mid\" x=\"%.0f\" y=\"%.0f\">", (left + width - right) / 2, height - 6);
        return out.append(escaped(x_label)).append("</text>");
    }
};

// Points of the dots that a curve of few points is drawn with beside its line.
std::string dots(const Frame& frame, const Curve& curve) {
    if (curve.x.size() > 25) return {};
    std::string out;
    for (std::size_t i = 0; i < curve.x.size(); ++i)
        out += format("<circle cx=\"%.1f\" cy=\"%.1f\" r=\"2.5\"/>", frame.at_x(curve.x[i]), frame.at_y(curve.y[i]));
    return out;
}

std::string curve_svg(const Frame& frame, const Curve& curve, std::size_t number, bool smooth) {
    std::string out = format("<g class=\"curve c%d\" data-k=\"%zu\">", curve.color % 8, number);
    const Curve raw = thinned(curve, frame.x.low, frame.x.high, columns);
    if (!smooth) {
        out.append("<path class=\"line\" d=\"").append(frame.line(raw)).append("\"/>").append(dots(frame, raw));
        return out.append("</g>");
    }
    out.append("<path class=\"raw\" d=\"").append(frame.line(raw)).append("\"/>");
    for (const double strength : strengths) {
        Curve mean = curve;
        mean.y = smoothed(curve.y, strength);
        mean = strength == 0 ? raw : thinned(mean, frame.x.low, frame.x.high, columns / 2);
        out += format("<path class=\"line\" data-smooth=\"%g\"%s d=\"", strength,
                      strength == 0.9 ? "" : " style=\"display:none\"");
        out.append(frame.line(mean)).append("\"/>");
    }
    return out.append("</g>");
}

std::string legend(const CurvePlot& plot) {
    if (plot.curves.size() < 2) return {};
    std::string out = "<div class=\"legend\">";
    for (std::size_t k = 0; k < plot.curves.size(); ++k)
        out += format("<label><input type=\"checkbox\" checked data-k=\"%zu\"><i class=\"key c%d\"></i>", k,
                      plot.curves[k].color % 8) +
               escaped(plot.curves[k].name).append("</label>");
    return out.append("</div>");
}

std::string values_table(const CurvePlot& plot) {
    Table table{plot.title + ": values", {"curve", "points", "first", "last", "least", "at", "most", "at"}, {}};
    for (const Curve& curve : plot.curves) {
        if (curve.y.empty()) continue;
        const auto [least, most] = std::minmax_element(curve.y.begin(), curve.y.end());
        const auto at = [&](auto place) { return curve.x[static_cast<std::size_t>(place - curve.y.begin())]; };
        table.rows.push_back({{curve.name},
                              Cell::number(static_cast<double>(curve.y.size())),
                              Cell::number(curve.y.front()),
                              Cell::number(curve.y.back()),
                              Cell::number(*least),
                              Cell::number(at(least)),
                              Cell::number(*most),
                              Cell::number(at(most))});
    }
    return "<details><summary>Values</summary>" + table.html() + "</details>";
}

Curve finite_points(const Curve& curve) {
    Curve out{curve.name, {}, {}, curve.color};
    for (std::size_t i = 0; i < curve.y.size(); ++i)
        if (std::isfinite(curve.y[i]) && std::isfinite(curve.x[i]))
            out.x.push_back(curve.x[i]), out.y.push_back(curve.y[i]);
    return out;
}

}  // namespace

std::vector<double> smoothed(const std::vector<double>& y, double weight) {
    std::vector<double> out;
    out.reserve(y.size());
    double sum = 0, total = 0;
    for (const double value : y) {
        sum = weight * sum + (1 - weight) * value, total = weight * total + (1 - weight);
        out.push_back(sum / total);
    }
    return out;
}

Curve thinned(const Curve& curve, double from, double to, std::size_t column_count) {
    Curve out{curve.name, {}, {}, curve.color};
    for (const std::size_t i : fathom::plot::visible_points(curve.x, curve.y, from, to, column_count))
        out.x.push_back(curve.x[i]), out.y.push_back(curve.y[i]);
    return out;
}

std::string figure(const CurvePlot& given) {
    CurvePlot plot = given;
    plot.curves.clear();
    for (const Curve& curve : given.curves)
        if (Curve points = finite_points(curve); !points.x.empty()) plot.curves.push_back(std::move(points));
    if (plot.curves.empty()) return {};
    const Frame frame{step_axis(plot.curves), value_axis(plot.curves)};
    std::string out = "<figure class=\"plot\"><figcaption>";
    out.append(escaped(plot.title)).append(frame.y.log ? " <small>(logarithmic)</small>" : "");
    out += format("</figcaption><svg viewBox=\"0 0 %.0f %.0f\" role=\"img\" tabindex=\"0\" ", width, height);
    out += format("data-box=\"%.0f %.0f %.0f %.0f\" data-range=\"%.9g %.9g %.9g %.9g\" data-log=\"%d\" aria-label=\"",
                  left, height - bottom, width - right, top, frame.x.low, frame.x.high, frame.y.low, frame.y.high,
                  frame.y.log ? 1 : 0);
    out.append(escaped(plot.title));
    for (const Curve& curve : plot.curves)
        out.append("; ")
            .append(escaped(curve.name))
            .append(": from ")
            .append(number_text(curve.y.front()))
            .append(" to ")
            .append(number_text(curve.y.back()));
    out.append("\">").append(frame.grid(plot.x_label));
    for (const double mark : plot.marks)
        if (mark > frame.x.low && mark < frame.x.high)
            out += format("<path class=\"mark\" d=\"M%.1f %.0fV%.0f\"/>", frame.at_x(mark), top, height - bottom);
    for (std::size_t k = 0; k < plot.curves.size(); ++k) out += curve_svg(frame, plot.curves[k], k, plot.smoothed);
    out.append("</svg>").append(legend(plot)).append(values_table(plot));
    return out.append("</figure>\n");
}

std::string figure(const BarPlot& plot) {
    if (plot.groups.empty()) return {};
    std::size_t longest = 0;
    for (const BarGroup& group : plot.groups) longest = std::max(longest, group.name.size());
    const double names = std::min(240.0, 16 + 8.5 * static_cast<double>(longest)), bar = 15;
    const double group_height = bar * static_cast<double>(plot.series.size()) + 8, full = width - names - 70;
    std::string out = "<figure class=\"plot bars\"><figcaption>";
    out.append(escaped(plot.title)).append("</figcaption>");
    out += format("<svg viewBox=\"0 0 %.0f %.0f\" role=\"img\" aria-label=\"", width,
                  group_height * static_cast<double>(plot.groups.size()) + 6);
    out.append(escaped(plot.title)).append("\">");
    Table table{plot.title + ": values", {"class"}, {}};
    table.titles.insert(table.titles.end(), plot.series.begin(), plot.series.end());
    double y = 4;
    for (const BarGroup& group : plot.groups) {
        std::vector<Cell> row = {{group.name}};
        out += format("<text class=\"tick end\" x=\"%.0f\" y=\"%.1f\">", names - 8, y + group_height / 2);
        out.append(escaped(group.name)).append("</text>");
        for (std::size_t s = 0; s < group.values.size(); ++s) {
            const double value = group.values[s], at = y + bar * static_cast<double>(s);
            row.push_back(Cell::number(value));
            if (!std::isfinite(value)) {
                out += format("<text class=\"tick\" x=\"%.0f\" y=\"%.1f\">absent</text>", names + 4, at + bar - 2);
                continue;
            }
            const double length = full * std::clamp(value / plot.most, 0.0, 1.0);
            out += format("<rect class=\"c%zu\" x=\"%.0f\" y=\"%.1f\" width=\"%.1f\" height=\"%.0f\"/>", s % 8, names,
                          at, length, bar - 2);
            out += format("<text class=\"tick\" x=\"%.1f\" y=\"%.1f\">%s</text>", names + length + 5, at + bar - 2,
                          format("%.3f", value).c_str());
        }
        table.rows.push_back(std::move(row));
        y += group_height;
    }
    out += "</svg>";
    if (plot.series.size() > 1) {
        out += "<div class=\"legend\">";
        for (std::size_t s = 0; s < plot.series.size(); ++s)
            out.append(format("<span><i class=\"key c%zu\"></i>", s % 8))
                .append(escaped(plot.series[s]))
                .append("</span>");
        out += "</div>";
    }
    return out.append("<details><summary>Values</summary>").append(table.html()).append("</details></figure>\n");
}

std::string confusion_html(const std::string& caption, const std::vector<std::string>& classes,
                           const std::vector<std::int64_t>& counts) {
    const std::size_t n = classes.size();
    std::string out = "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"";
    out.append(escaped(caption)).append("\"><table class=\"confusion\"><caption>").append(escaped(caption));
    out += "</caption><thead><tr><th scope=\"col\">labelled \\ predicted</th>";
    for (const std::string& name : classes) out.append("<th scope=\"col\">").append(escaped(name)).append("</th>");
    out += "<th scope=\"col\">pixels</th></tr></thead><tbody>\n";
    for (std::size_t label = 0; label < n; ++label) {
        std::int64_t all = 0;
        for (std::size_t p = 0; p < n; ++p) all += counts[label * n + p];
        out.append("<tr><th scope=\"row\">").append(escaped(classes[label])).append("</th>");
        for (std::size_t p = 0; p < n; ++p) {
            const std::int64_t count = counts[label * n + p];
            const double share = all > 0 ? static_cast<double>(count) / static_cast<double>(all) : 0;
            out += format("<td style=\"--v:%.3f\"%s title=\"%lld pixels\">%s</td>", share,
                          share > 0.55 ? " class=\"strong\"" : "", static_cast<long long>(count),
                          count == 0 ? "" : (share < 0.0005 ? "&lt;0.1" : format("%.1f", 100 * share).c_str()));
        }
        out += format("<td>%lld</td></tr>\n", static_cast<long long>(all));
    }
    return out.append("</tbody></table></div>\n");
}

}  // namespace report
