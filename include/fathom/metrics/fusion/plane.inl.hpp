// Definitions of plane.hpp.
#pragma once

#include <algorithm>
#include <cmath>

#include "fathom/metrics/fusion/plane.hpp"

namespace fathom::inline v0::metrics::fusion {

FATHOM_INLINE bool Grey::constant() const {
    return std::all_of(values.begin(), values.end(), [&](std::uint8_t x) { return x == values[0]; });
}

FATHOM_INLINE Plane::Plane(std::int64_t height, std::int64_t width)
    : rows(height),
      columns(width),
      values(std::make_unique_for_overwrite<double[]>(static_cast<std::size_t>(height * width))) {}

FATHOM_INLINE Plane::Plane(const Grey& image) : Plane(image.rows, image.columns) {
    std::copy(image.values.begin(), image.values.end(), values.get());
}

FATHOM_INLINE Grey channel_of(const Pixels& image, std::int64_t channel) {
    Grey result{image.rows, image.columns,
                std::vector<std::uint8_t>(static_cast<std::size_t>(image.rows * image.columns))};
    const std::uint8_t* from = image.data + channel;
    for (std::uint8_t& x : result.values) x = *from, from += image.channels;
    return result;
}

// combine(red, green, blue) of every pixel.
template <class Combine>
Grey combined(const Pixels& image, Combine combine) {
    if (image.channels == 1) return channel_of(image, 0);
    Grey result{image.rows, image.columns,
                std::vector<std::uint8_t>(static_cast<std::size_t>(image.rows * image.columns))};
    const std::uint8_t* from = image.data;
    for (std::uint8_t& x : result.values) x = static_cast<std::uint8_t>(combine(from[0], from[1], from[2])), from += 3;
    return result;
}

// In integers, so that a half is one.
FATHOM_INLINE Grey grey_of(const Pixels& image) {
    return combined(image,
                    [](int r, int g, int b) { return (298936 * r + 587043 * g + 114021 * b + 500000) / 1000000; });
}

FATHOM_INLINE Grey grey_by_shifts(const Pixels& image) {
    return combined(image, [](int r, int g, int b) { return (19595 * r + 38470 * g + 7471 * b + 32768) >> 16; });
}

FATHOM_INLINE Plane stretched(const Grey& image, Stretch how) {
    const auto [least, most] = std::minmax_element(image.values.begin(), image.values.end());
    const double low = *least, range = *most - *least;
    double table[256];
    for (int i = 0; i < 256; ++i) {
        const double x = (i - low) / range;
        table[i] = how == Stretch::to_unit ? x : std::floor(x * 255 + 0.5);
    }
    if (*most == 0 && how == Stretch::to_bytes) table[0] = 0;
    Plane result(image.rows, image.columns);
    for (std::int64_t i = 0; i < image.size(); ++i)
        result.values[static_cast<std::size_t>(i)] = table[image.values[static_cast<std::size_t>(i)]];
    return result;
}

}  // namespace fathom::inline v0::metrics::fusion
