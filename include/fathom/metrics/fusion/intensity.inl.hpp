// Definitions of intensity.hpp.
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "fathom/metrics/fusion/intensity.hpp"

namespace fathom::inline v0::metrics::fusion {

inline double mean_of(const Grey& image) {
    std::int64_t sum = 0;
    for (const std::uint8_t x : image.values) sum += x;
    return static_cast<double>(sum) / static_cast<double>(image.size());
}

FATHOM_INLINE double standard_deviation(const Grey& image) {
    const double mean = mean_of(image);
    const double squares = sum_over(image.size(), [&](std::int64_t i) {
        const double x = image.values[static_cast<std::size_t>(i)] - mean;
        return x * x;
    });
    return std::sqrt(squares / static_cast<double>(image.size()));
}

FATHOM_INLINE double standard_deviation_in_bytes(const Grey& image) {
    const double mean = mean_of(image);
    std::int64_t squares = 0;
    for (const std::uint8_t x : image.values) {
        const auto above = static_cast<std::int64_t>(std::floor(std::max(x - mean, 0.0) + 0.5));
        squares += std::min<std::int64_t>(above * above, 255);
    }
    return std::sqrt(static_cast<double>(squares) / static_cast<double>(image.size()));
}

// Sums of squared differences along rows and along columns.
struct SquaredDifferences {
    std::int64_t along_rows = 0, along_columns = 0;
};
inline SquaredDifferences squared_differences(const Grey& image) {
    SquaredDifferences sums;
    for (std::int64_t y = 0; y < image.rows; ++y) {
        const std::uint8_t *row = image.row(y), *above = image.row(y > 0 ? y - 1 : 0);
        for (std::int64_t x = 0; x < image.columns; ++x) {
            const std::int64_t dx = row[x] - row[x > 0 ? x - 1 : 0], dy = row[x] - above[x];
            sums.along_rows += dx * dx, sums.along_columns += dy * dy;
        }
    }
    return sums;
}

FATHOM_INLINE double spatial_frequency(const Grey& image) {
    const SquaredDifferences sums = squared_differences(image);
    const auto rows = static_cast<double>(image.rows), columns = static_cast<double>(image.columns);
    return std::sqrt(static_cast<double>(sums.along_rows) / (rows * (columns - 1)) +
                     static_cast<double>(sums.along_columns) / ((rows - 1) * columns));
}

FATHOM_INLINE double spatial_frequency_side_by_side(std::span<const Grey> channels) {
    std::int64_t sum = 0, pixels = 0;
    for (std::size_t k = 0; k < channels.size(); ++k) {
        const SquaredDifferences sums = squared_differences(channels[k]);
        sum += sums.along_rows + sums.along_columns;
        pixels += channels[k].size();
        for (std::int64_t y = 0; k > 0 && y < channels[k].rows; ++y) {
            const std::int64_t seam = channels[k].row(y)[0] - channels[k - 1].row(y)[channels[k - 1].columns - 1];
            sum += seam * seam;
        }
    }
    return std::sqrt(static_cast<double>(sum) / static_cast<double>(pixels));
}

FATHOM_INLINE Plane gradients(const Grey& image) {
    const std::int64_t rows = image.rows, columns = image.columns;
    Plane result(rows, columns);
    const bool none = rows < 2 || columns < 2;
    if (none) std::fill_n(result.values.get(), result.size(), undefined);
    for (std::int64_t y = 0; y < rows && !none; ++y) {
        const std::int64_t top = std::max<std::int64_t>(y - 1, 0), bottom = std::min(y + 1, rows - 1);
        const std::uint8_t *row = image.row(y), *above = image.row(top), *below = image.row(bottom);
        // Twice the derivatives, which are whole numbers.
        const int along_y = bottom - top == 1 ? 2 : 1;
        const auto magnitude = [&](std::int64_t x, std::int64_t left, std::int64_t right, int along_x) {
            const int gx = (row[right] - row[left]) * along_x, gy = (below[x] - above[x]) * along_y;
            return std::sqrt(static_cast<double>(gx * gx + gy * gy) / 8);
        };
        double* to = result.row(y);
        to[0] = magnitude(0, 0, 1, 2);
        for (std::int64_t x = 1; x < columns - 1; ++x) to[x] = magnitude(x, x - 1, x + 1, 1);
        to[columns - 1] = magnitude(columns - 1, columns - 2, columns - 1, 2);
    }
    return result;
}

FATHOM_INLINE double edge_intensity(const Grey& image, Border border) {
    const std::int64_t rows = image.rows, columns = image.columns;
    std::vector<int> lines[3];  // rows y - 1 to y + 1, one pixel longer on both sides
    for (auto& line : lines) line.resize(static_cast<std::size_t>(columns + 2));
    double total = 0;
    for (std::int64_t y = 0; y < rows; ++y) {
        for (std::int64_t k = 0; k < 3; ++k) {
            std::vector<int>& line = lines[k];
            const std::int64_t at = y + k - 1;
            const bool outside = border == Border::zeros && (at < 0 || at >= rows);
            const std::uint8_t* row = image.row(std::clamp<std::int64_t>(at, 0, rows - 1));
            for (std::int64_t x = 0; x < columns; ++x) line[static_cast<std::size_t>(x + 1)] = outside ? 0 : row[x];
            line.front() = border == Border::zeros ? 0 : row[0];
            line.back() = border == Border::zeros ? 0 : row[columns - 1];
        }
        const int *a = lines[0].data(), *b = lines[1].data(), *c = lines[2].data();
        total += sum_over(columns, [&](std::int64_t x) {
            const int gx = a[x + 2] - a[x] + 2 * (b[x + 2] - b[x]) + c[x + 2] - c[x],
                      gy = c[x] - a[x] + 2 * (c[x + 1] - a[x + 1]) + c[x + 2] - a[x + 2];
            return std::sqrt(static_cast<double>(gx * gx + gy * gy));
        });
    }
    return total / static_cast<double>(image.size());
}

// Pearson's correlation of x(i) and y(i), integers: taken from a whole number near their means, so that sums are exact
// and a constant gives 0/0.
template <class X, class Y>
double correlation_of(std::int64_t count, X x, Y y) {
    const auto n = static_cast<double>(count);
    std::int64_t sum_x = 0, sum_y = 0;
    for (std::int64_t i = 0; i < count; ++i) sum_x += x(i), sum_y += y(i);
    const auto near_x = static_cast<int>(std::lround(static_cast<double>(sum_x) / n)),
               near_y = static_cast<int>(std::lround(static_cast<double>(sum_y) / n));
    std::int64_t xx = 0, yy = 0, xy = 0;
    for (std::int64_t i = 0; i < count; ++i) {
        const int a = x(i) - near_x, b = y(i) - near_y;
        xx += a * a, yy += b * b, xy += a * b;
    }
    const auto rest_x = static_cast<double>(sum_x - count * near_x),
               rest_y = static_cast<double>(sum_y - count * near_y);
    const double covariance = static_cast<double>(xy) - rest_x * rest_y / n;
    return covariance /
           std::sqrt((static_cast<double>(xx) - rest_x * rest_x / n) * (static_cast<double>(yy) - rest_y * rest_y / n));
}

FATHOM_INLINE double correlation(const Grey& a, const Grey& b) {
    const std::uint8_t *p = a.values.data(), *q = b.values.data();
    return correlation_of(
        a.size(), [p](std::int64_t i) { return int{p[i]}; }, [q](std::int64_t i) { return int{q[i]}; });
}

FATHOM_INLINE double correlation_of_difference(const Grey& f, const Grey& b, const Grey& a) {
    const std::uint8_t *p = f.values.data(), *q = b.values.data(), *r = a.values.data();
    return correlation_of(
        f.size(), [p, q](std::int64_t i) { return p[i] - q[i]; }, [r](std::int64_t i) { return int{r[i]}; });
}

FATHOM_INLINE double mean_square_difference(const Grey& a, const Grey& b) {
    const std::uint8_t *p = a.values.data(), *q = b.values.data();
    std::int64_t sum = 0;
    for (std::int64_t i = 0; i < a.size(); ++i) {
        const int d = p[i] - q[i];
        sum += d * d;
    }
    return static_cast<double>(sum) / static_cast<double>(a.size());
}

}  // namespace fathom::inline v0::metrics::fusion
