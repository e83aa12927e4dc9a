// Definitions of features.hpp.
#pragma once

#include <algorithm>
#include <cmath>

#include "fathom/metrics/fusion/features.hpp"

namespace fathom::inline v0::metrics::fusion {

// The distribution over a window's nine pixels, and what is used of it more than once.
struct WindowFeatures {
    double p[10];            // and a 0 behind them, for a walk that steps past the last
    double logs[9];          // of p, 0 where p is
    double entropy;          // in nats, as all here: the unit cancels
    double mean, deviation;  // of the pixels' numbers
    double spread;           // the root of the sum of (p - 1/9)^2
};

inline WindowFeatures window_features(const Plane& gradients, std::int64_t y, std::int64_t x) {
    WindowFeatures w;
    double sum = 0, least = gradients.row(y)[x];
    for (int i = 0; i < 9; ++i) {
        w.p[i] = gradients.row(y + i % 3)[x + i / 3];
        least = std::min(least, w.p[i]);
    }
    for (int i = 0; i < 9; ++i) w.p[i] -= least, sum += w.p[i];
    w.entropy = w.mean = w.p[9] = 0;
    double squares = 0, spread = 0;
    for (int i = 0; i < 9; ++i) {
        const double p = sum > 0 ? w.p[i] / sum : 1.0 / 9;
        w.p[i] = p;
        w.logs[i] = p > 0 ? std::log(p) : 0;
        w.entropy -= p * w.logs[i];
        w.mean += i * p;
        squares += i * i * p;
        spread += (p - 1.0 / 9) * (p - 1.0 / 9);
    }
    w.deviation = std::sqrt(std::max(0.0, squares - w.mean * w.mean));
    w.spread = sum > 0 ? std::sqrt(spread) : 0;
    return w;
}

inline double window_information(const WindowFeatures& a, const WindowFeatures& f) {
    double products = 0;
    bool same = true;
    for (int i = 0; i < 9; ++i) {
        products += (a.p[i] - 1.0 / 9) * (f.p[i] - 1.0 / 9);
        same = same && a.p[i] == f.p[i];
    }
    if (same) return 1;
    // A distribution that is even, or on one pixel, tells nothing of another.
    if (a.spread == 0 || f.spread == 0 || a.deviation == 0 || f.deviation == 0 || products == 0) return 0;
    const double correlation = products / (a.spread * f.spread);
    // The extreme joint distribution has at most 17 cells: a walk from one corner to the other, each cell with the
    // smaller of what is left of its pixel in both. Without branches, which nothing could predict.
    struct Cell {
        int i, j;
        double mass;
    } cells[17];
    const bool opposite = correlation < 0;
    const int first = opposite ? 8 : 0, direction = opposite ? -1 : 1;
    double left_a = a.p[0], left_f = f.p[first], moment = 0;
    for (int k = 0, i = 0, j = 0; k < 17; ++k) {
        const bool next_a = j == 8 || (i < 8 && left_a <= left_f);
        const double mass = std::min(left_a, left_f);
        cells[k] = {i, first + direction * j, mass};
        moment += mass * (i * cells[k].j);
        i += next_a, j += !next_a;
        left_a = next_a ? a.p[i] : left_a - mass;
        left_f = next_a ? left_f - mass : f.p[first + direction * j];
    }
    const double extreme = (moment - a.mean * f.mean) / (a.deviation * f.deviation);
    const double phi = std::clamp(correlation / extreme, 0.0, 1.0), rest = 1 - phi;
    // Of the product alone, all cells together; then those that the extreme one has besides.
    const double log_rest = rest > 0 ? std::log(rest) : 0;
    double joint = rest * (a.entropy + f.entropy - log_rest);
    for (const auto& [i, j, mass] : cells) {
        const double product = rest * (a.p[i] * f.p[j]), sum = phi * mass + product;
        joint += product * (log_rest + a.logs[i] + f.logs[j]) - sum * std::log(sum > 0 ? sum : 1.0);
    }
    return 2 * (a.entropy + f.entropy - joint) / (a.entropy + f.entropy);
}

FATHOM_INLINE double feature_information(const Plane& visible, const Plane& infrared, const Plane& fused) {
    const std::int64_t rows = fused.rows - 2, columns = fused.columns - 2;
    if (rows < 1 || columns < 1) return undefined;
    double total = 0;
    for (std::int64_t y = 0; y < rows; ++y)
        total += sum_over(columns, [&](std::int64_t x) {
            const WindowFeatures a = window_features(visible, y, x), b = window_features(infrared, y, x),
                                 f = window_features(fused, y, x);
            return window_information(a, f) + window_information(b, f);
        });
    return total / (2 * static_cast<double>(rows) * static_cast<double>(columns));
}

}  // namespace fathom::inline v0::metrics::fusion
