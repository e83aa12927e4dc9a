// What the measures of fused images work on: images of one channel in 8 bits, and planes of double. Next: windows.hpp
// (local weighted means), then the families.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "fathom/core/config.hpp"

namespace fathom::inline v0::metrics::fusion {

// One channel of an image, 0 to 255.
struct Grey {
    std::int64_t rows = 0, columns = 0;
    std::vector<std::uint8_t> values;  // [rows, columns]

    std::int64_t size() const { return rows * columns; }
    const std::uint8_t* row(std::int64_t y) const { return values.data() + y * columns; }
    bool constant() const;
};

// Not initialised.
struct Plane {
    std::int64_t rows = 0, columns = 0;
    std::unique_ptr<double[]> values;  // [rows, columns]

    Plane() = default;
    Plane(std::int64_t height, std::int64_t width);
    explicit Plane(const Grey& image);
    std::int64_t size() const { return rows * columns; }
    double* row(std::int64_t y) { return values.get() + y * columns; }
    const double* row(std::int64_t y) const { return values.get() + y * columns; }
};

// What a fused image is compared with, and itself.
struct Triple {
    const Grey &visible, &infrared, &fused;
};

// Pixels [H, W, C] in memory.
struct Pixels {
    const std::uint8_t* data;
    std::int64_t rows, columns, channels;  // 1 or 3
};

Grey channel_of(const Pixels& image, std::int64_t channel);
// round(.298936 R + .587043 G + .114021 B), as MATLAB's rgb2gray. An image of one channel stays.
Grey grey_of(const Pixels& image);
// (19595 R + 38470 G + 7471 B + 2^15) >> 16, as Pillow's.
Grey grey_by_shifts(const Pixels& image);

// (x - min) / (max - min) 255, rounded half up if asked, else in [0, 1]. NaN for a constant image, but zeros for a
// rounded image of zeros.
enum class Stretch { to_unit, to_bytes };
Plane stretched(const Grey& image, Stretch how);

// The sum of f(i) for 0 <= i < count in an order that keeps rounding small: by thousands.
template <class F>
double sum_over(std::int64_t count, F&& f) {
    double total = 0;
    for (std::int64_t first = 0; first < count; first += 1024) {
        const std::int64_t last = first + 1024 < count ? first + 1024 : count;
        double part = 0;
        for (std::int64_t i = first; i < last; ++i) part += f(i);
        total += part;
    }
    return total;
}

inline constexpr double undefined = __builtin_nan("");

}  // namespace fathom::inline v0::metrics::fusion

#ifndef FATHOM_COMPILED
#include "fathom/metrics/fusion/plane.inl.hpp"
#endif
