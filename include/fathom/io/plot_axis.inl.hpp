// Definitions of plot_axis.hpp.
#include <algorithm>
#include <cmath>

#include "fathom/core/float_bits.hpp"
#include "fathom/core/order.hpp"

namespace fathom::inline v0::plot {

FATHOM_INLINE double Axis::share(double value) const {
    return log ? (std::log10(value) - std::log10(low)) / (std::log10(high) - std::log10(low))
               : (value - low) / (high - low);
}

// A step of 1, 2 or 5 times a power of ten that gives about `count` ticks.
FATHOM_INLINE double nice_step(double range, double count) {
    const double rough = range / count, power = std::pow(10, std::floor(std::log10(rough)));
    for (const double factor : {1.0, 2.0, 5.0})
        if (factor * power >= rough) return factor * power;
    return 10 * power;
}

FATHOM_INLINE std::vector<double> Axis::ticks(double count, double least) const {
    std::vector<double> all;
    if (log) {
        const bool few = std::log10(high / low) < 2;
        for (double power = std::pow(10, std::floor(std::log10(low))); power <= high; power *= 10)
            for (const double factor : {1.0, 2.0, 5.0})
                if ((factor == 1 || few) && factor * power >= low && factor * power <= high)
                    all.push_back(factor * power);
        return all;
    }
    const double step = std::max(least, nice_step(high - low, count));
    // By number: where the values are large and their range is small, adding the step may change nothing.
    const double first = std::ceil(low / step);
    for (int i = 0; i <= 4 * count && (first + i) * step <= high + step / 1e6; ++i) {
        const double tick = (first + i) * step;
        all.push_back(std::abs(tick) < step / 1e6 ? 0 : tick);
    }
    return all;
}

FATHOM_INLINE Axis value_axis(const std::vector<double>& given) {
    detail::List<double> values;
    for (const double value : given)
        if (is_finite(value)) values.push_back(value);
    const std::size_t last = values.size() - 1, rare = values.size() / 50;
    const auto order =
        detail::sorted_order(last + 1, [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
    Axis axis{values[order[0]], values[order[last]]};
    const double usual_low = values[order[rare]], usual_high = values[order[last - rare]];
    if (axis.low > 0 && usual_high > 12 * usual_low) {
        axis.log = true;
        axis.low /= 1.1, axis.high *= 1.1;
        return axis;
    }
    if (axis.low >= 0 && axis.low < 0.4 * axis.high) axis.low = 0;
    const double room = axis.high > axis.low ? 0.04 * (axis.high - axis.low) : std::max(1e-12, std::abs(axis.high));
    axis.high += room;
    if (axis.low != 0) axis.low -= room;
    return axis;
}

FATHOM_INLINE Axis step_axis(double low, double high) {
    Axis axis{low, high};
    if (axis.low == axis.high) axis.low -= 0.5, axis.high += 0.5;
    return axis;
}

FATHOM_INLINE std::vector<std::size_t> visible_points(const std::vector<double>& x, const std::vector<double>& y,
                                                      double from, double to, std::size_t columns) {
    std::vector<std::size_t> visible;
    const auto column_of = [&](double at) {
        const double share = to > from ? (at - from) / (to - from) : 0;
        return std::min(columns - 1, static_cast<std::size_t>(std::max(0.0, share) * static_cast<double>(columns)));
    };
    for (std::size_t i = 0; i < x.size();) {
        const std::size_t column = column_of(x[i]);
        std::size_t end = i, low = i, high = i;
        for (; end < x.size() && column_of(x[end]) == column; ++end) {
            if (y[end] < y[low]) low = end;
            if (y[end] > y[high]) high = end;
        }
        for (const std::size_t k : {i, std::min(low, high), std::max(low, high), end - 1})
            if (is_finite(y[k]) && (visible.empty() || visible.back() != k)) visible.push_back(k);
        i = end;
    }
    return visible;
}

}  // namespace fathom::inline v0::plot
