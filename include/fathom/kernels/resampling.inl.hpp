// Definitions of resampling.hpp. Places are fractions of integers: no rounding decides which inputs are used, unless a
// scale is given.
#pragma once

#include <algorithm>
#include <cmath>

#include "fathom/kernels/cubic.hpp"
#include "fathom/kernels/resampling.hpp"

namespace fathom::inline v0::kernels {
namespace detail {

inline void add_output(Resampling& map, std::int64_t first, std::int64_t count, double weight) {
    map.first.push_back(first);
    for (std::int64_t i = 0; i < count; ++i) map.weights.push_back(weight);
    map.begin.push_back(static_cast<std::int64_t>(map.weights.size()));
}

}  // namespace detail

FATHOM_INLINE Resampling averages(const WindowDimension& windows, bool padding, double divisor) {
    Resampling map(windows.inputs);
    for (std::int64_t i = 0; i < windows.outputs; ++i) {
        const IndexRange range = windows.inputs_of(i);
        const std::int64_t begin = i * windows.stride - windows.padding,
                           padded = std::min(windows.kernel, windows.inputs + windows.padding - begin),
                           counted = padding ? padded : range.end - range.begin;
        detail::add_output(map, range.begin, range.end - range.begin,
                           1 / (divisor != 0 ? divisor : static_cast<double>(counted)));
    }
    return map;
}

FATHOM_INLINE Resampling adaptive_averages(std::int64_t inputs, std::int64_t outputs) {
    Resampling map(inputs);
    for (std::int64_t i = 0; i < outputs; ++i) {
        const std::int64_t begin = i * inputs / outputs, end = ((i + 1) * inputs + outputs - 1) / outputs;
        detail::add_output(map, begin, end - begin, 1 / static_cast<double>(end - begin));
    }
    return map;
}

namespace detail {

// A place between inputs: behind input `first` by a fraction of a pixel.
struct SamplePlace {
    std::int64_t first;
    double behind;
};

// numerator / denominator, exactly.
inline SamplePlace exact_place(std::int64_t numerator, std::int64_t denominator) {
    const std::int64_t rest = (numerator % denominator + denominator) % denominator;
    return {(numerator - rest) / denominator, static_cast<double>(rest) / static_cast<double>(denominator)};
}

inline SamplePlace rounded_place(double place) {
    const double first = std::floor(place);
    return {static_cast<std::int64_t>(first), place - first};
}

// Of output i: i (inputs - 1) / (outputs - 1), or (i + 1/2) inputs / outputs - 1/2.
inline SamplePlace place_of(std::int64_t i, std::int64_t inputs, std::int64_t outputs, bool align_corners,
                            double scale) {
    if (align_corners) return exact_place(i * (inputs - 1), std::max<std::int64_t>(outputs - 1, 1));
    if (scale != 0) return rounded_place((static_cast<double>(i) + 0.5) / scale - 0.5);
    return exact_place((2 * i + 1) * inputs - outputs, 2 * outputs);
}

// The input that holds place / scale. A place that a float takes for a pixel's border is that border, as in PyTorch.
inline std::int64_t scaled_input(double place, double scale, std::int64_t inputs) {
    return std::min(static_cast<std::int64_t>(std::floor(static_cast<float>(place / scale))), inputs - 1);
}

}  // namespace detail

FATHOM_INLINE Resampling nearest(std::int64_t inputs, std::int64_t outputs, double scale) {
    Resampling map(inputs);
    for (std::int64_t i = 0; i < outputs; ++i)
        detail::add_output(
            map, scale != 0 ? detail::scaled_input(static_cast<double>(i), scale, inputs) : i * inputs / outputs, 1, 1);
    return map;
}

FATHOM_INLINE Resampling nearest_exact(std::int64_t inputs, std::int64_t outputs, double scale) {
    Resampling map(inputs);
    for (std::int64_t i = 0; i < outputs; ++i)
        detail::add_output(map,
                           scale != 0 ? detail::scaled_input(static_cast<double>(i) + 0.5, scale, inputs)
                                      : (2 * i + 1) * inputs / (2 * outputs),
                           1, 1);
    return map;
}

FATHOM_INLINE Resampling bilinear(std::int64_t inputs, std::int64_t outputs, bool align_corners, double scale) {
    Resampling map(inputs);
    for (std::int64_t i = 0; i < outputs; ++i) {
        auto [first, behind] = detail::place_of(i, inputs, outputs, align_corners, scale);
        if (first < 0) first = 0, behind = 0;
        // At a pixel's centre, and behind the last one's, the next pixel does not count, even if it is a NaN.
        const bool alone = behind == 0 || first + 1 >= inputs;
        detail::add_output(map, std::min(first, inputs - 1), alone ? 1 : 2, alone ? 1 : 1 - behind);
        if (!alone) map.weights.back() = behind;
    }
    return map;
}

FATHOM_INLINE Resampling bicubic(std::int64_t inputs, std::int64_t outputs, bool align_corners, double scale) {
    Resampling map(inputs);
    for (std::int64_t i = 0; i < outputs; ++i) {
        const auto [first, behind] = detail::place_of(i, inputs, outputs, align_corners, scale);
        const auto inside = [inputs](std::int64_t input) { return std::clamp<std::int64_t>(input, 0, inputs - 1); };
        double weights[4];
        cubic_weights(behind, 0, weights);
        const std::int64_t begin = inside(first - 1);
        detail::add_output(map, begin, inside(first + 2) - begin + 1, 0);
        double* const own = map.weights.data() + map.begin[static_cast<std::size_t>(i)];
        for (int k = 0; k < 4; ++k) own[inside(first - 1 + k) - begin] += weights[k];
    }
    return map;
}

FATHOM_INLINE Resampling transposed(const Resampling& map) {
    Resampling result(map.outputs());
    List<IndexRange> used;  // the outputs that an input reaches
    used.resize(static_cast<std::size_t>(map.inputs));
    for (std::int64_t i = 0; i < map.outputs(); ++i)
        for (std::int64_t k = 0; k < map.count(i); ++k) {
            IndexRange& range = used[static_cast<std::size_t>(map.first[static_cast<std::size_t>(i)] + k)];
            if (range.end == 0) range.begin = i;
            range.end = i + 1;
        }
    for (const IndexRange& range : used) detail::add_output(result, range.begin, range.end - range.begin, 0);
    for (std::int64_t i = 0; i < map.outputs(); ++i)
        for (std::int64_t k = 0; k < map.count(i); ++k) {
            const auto input = static_cast<std::size_t>(map.first[static_cast<std::size_t>(i)] + k);
            result.weights[static_cast<std::size_t>(result.begin[input] + i - result.first[input])] =
                map.weights[static_cast<std::size_t>(map.begin[static_cast<std::size_t>(i)] + k)];
        }
    return result;
}

}  // namespace fathom::inline v0::kernels
