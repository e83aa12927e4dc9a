// Numbers for benches to work on, and how far results are from what they should be.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

namespace fathom::bench {

// From -1/2 to 1/2, the same on every machine.
inline std::vector<float> numbers(std::int64_t count) {
    std::vector<float> v(static_cast<std::size_t>(count));
    std::uint32_t state = 12345;
    for (float& x : v) {
        state = state * 1664525u + 1013904223u;
        x = static_cast<float>(state >> 8) * 0x1p-24f - 0.5f;
    }
    return v;
}

inline std::vector<float> unset(std::int64_t count) {
    return std::vector<float>(static_cast<std::size_t>(count), std::numeric_limits<float>::quiet_NaN());
}

// |got - want| / |want|, as lengths of vectors: one wrong element of a million is seen, rounding is not blown up by
// elements near zero.
inline double relative_error(const std::vector<float>& got, const std::vector<double>& want) {
    double difference = 0, size = 0;
    for (std::size_t i = 0; i < want.size(); ++i) {
        const double d = static_cast<double>(got[i]) - want[i];
        difference += d * d;
        size += want[i] * want[i];
    }
    return std::sqrt(difference / size);
}

}  // namespace fathom::bench
