// Definitions of resampling.hpp. Places are fractions of integers: no rounding decides which inputs are used.
#pragma once

#include <algorithm>

#include "fathom/kernels/resampling.hpp"

namespace fathom::inline v0::kernels {
namespace detail {

inline void add_output(Resampling& map, std::int64_t first, std::int64_t count, double weight) {
    map.first.push_back(first);
    map.weights.insert(map.weights.end(), static_cast<std::size_t>(count), weight);
    map.begin.push_back(static_cast<std::int64_t>(map.weights.size()));
}

}  // namespace detail

FATHOM_INLINE Resampling averages(const WindowDimension& windows) {
    Resampling map{windows.inputs, {}, {0}, {}};
    for (std::int64_t i = 0; i < windows.outputs; ++i) {
        const IndexRange range = windows.inputs_of(i);
        detail::add_output(map, range.begin, range.end - range.begin, 1 / static_cast<double>(windows.kernel));
    }
    return map;
}

FATHOM_INLINE Resampling adaptive_averages(std::int64_t inputs, std::int64_t outputs) {
    Resampling map{inputs, {}, {0}, {}};
    for (std::int64_t i = 0; i < outputs; ++i) {
        const std::int64_t begin = i * inputs / outputs, end = ((i + 1) * inputs + outputs - 1) / outputs;
        detail::add_output(map, begin, end - begin, 1 / static_cast<double>(end - begin));
    }
    return map;
}

FATHOM_INLINE Resampling nearest(std::int64_t inputs, std::int64_t outputs) {
    Resampling map{inputs, {}, {0}, {}};
    for (std::int64_t i = 0; i < outputs; ++i) detail::add_output(map, i * inputs / outputs, 1, 1);
    return map;
}

FATHOM_INLINE Resampling bilinear(std::int64_t inputs, std::int64_t outputs, bool align_corners) {
    Resampling map{inputs, {}, {0}, {}};
    for (std::int64_t i = 0; i < outputs; ++i) {
        // The place is numerator / denominator.
        const std::int64_t denominator = align_corners ? std::max<std::int64_t>(outputs - 1, 1) : 2 * outputs;
        const std::int64_t numerator =
            align_corners ? i * (inputs - 1) : std::max<std::int64_t>((2 * i + 1) * inputs - outputs, 0);
        const std::int64_t first = numerator / denominator;
        const double behind = static_cast<double>(numerator % denominator) / static_cast<double>(denominator);
        // At a pixel's centre, and behind the last one's, the next pixel does not count, even if it is a NaN.
        const bool alone = behind == 0 || first + 1 >= inputs;
        detail::add_output(map, first, alone ? 1 : 2, alone ? 1 : 1 - behind);
        if (!alone) map.weights.back() = behind;
    }
    return map;
}

FATHOM_INLINE Resampling transposed(const Resampling& map) {
    Resampling result{map.outputs(), {}, {0}, {}};
    std::vector<IndexRange> used(static_cast<std::size_t>(map.inputs), {0, 0});  // the outputs that an input reaches
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
