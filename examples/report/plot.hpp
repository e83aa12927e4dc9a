// Plots as SVG: curves, bars, a confusion matrix. Colors come from the page's style, so that one drawing serves both
// themes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace report {

struct Curve {
    std::string name;
    std::vector<double> x, y;  // equally many; x ascends
    int color = 0;
};

struct CurvePlot {
    std::string title, x_label;
    std::vector<Curve> curves;
    bool smoothed = false;           // noisy: smoothed at several strengths, of which the page shows one
    std::vector<double> marks = {};  // where a vertical line stands: a round's beginning
};

// A figure with the drawing, a legend that hides curves, and a table of first, last, least and most values. Curves of
// any length are thinned to what can be seen: the lowest and the highest value of each column stay. "" where no curve
// has a point.
std::string figure(const CurvePlot& plot);

struct BarGroup {
    std::string name;
    std::vector<double> values;  // one per series; not finite: no bar
};
struct BarPlot {
    std::string title;
    std::vector<std::string> series;
    std::vector<BarGroup> groups;
    double most = 1;  // what a full bar stands for
};
std::string figure(const BarPlot& plot);

// counts[label * n + predicted]: shares of a label's pixels, and their numbers as a tooltip.
std::string confusion_html(const std::string& caption, const std::vector<std::string>& classes,
                           const std::vector<std::int64_t>& counts);

// What a drawing of `columns` columns shows of a curve: for each column the first, lowest, highest and last point.
// Points that are not finite are left out.
Curve thinned(const Curve& curve, double from, double to, std::size_t columns);

// The exponential mean, weighed so that it does not begin at 0, as TensorBoard has it.
std::vector<double> smoothed(const std::vector<double>& y, double weight);

}  // namespace report
