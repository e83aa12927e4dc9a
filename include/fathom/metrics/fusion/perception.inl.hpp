// Definitions of perception.hpp.
#pragma once

#include <algorithm>
#include <cmath>
#include <numbers>

#include "fathom/kernels/dft.hpp"
#include "fathom/metrics/fusion/perception.hpp"
#include "fathom/metrics/fusion/windows.hpp"

namespace fathom::inline v0::metrics::fusion {

// f(hypot(k, l)) at the frequencies k, l >= 0 of a spectrum, as kernels::filter_spectrum takes it.
template <class F>
std::vector<double> radial_filter(std::int64_t rows, std::int64_t columns, F f) {
    std::vector<double> filter;
    filter.reserve(static_cast<std::size_t>((rows / 2 + 1) * (columns / 2 + 1)));
    for (std::int64_t k = 0; k <= rows / 2; ++k)
        for (std::int64_t l = 0; l <= columns / 2; ++l)
            filter.push_back(f(std::sqrt(static_cast<double>(k * k + l * l))));
    return filter;
}

// Replaces an image by its masked contrast.
inline void mask_contrast(Plane& image, ChenBlum convention) {
    const double tiny = convention == ChenBlum::zoo ? 1e-10 : 0;
    const auto blur = [&](double sigma) {
        return gaussian_window(31, sigma, 1 / std::sqrt(2 * std::numbers::pi) / sigma);
    };
    const Window narrow = blur(2), wide = blur(4);
    Plane fine(image.rows, image.columns);
    const auto fill = [&](std::int64_t y, double* const* to) { std::copy_n(image.row(y), image.columns, to[0]); };
    slide(narrow, image.rows, image.columns, Padding::zeros, 1, 1, fill,
          [&](std::int64_t y, const double* const* sums, std::int64_t columns) {
              std::copy_n(sums[0], columns, fine.row(y));
          });
    slide(wide, image.rows, image.columns, Padding::zeros, 1, 1, fill,
          [&](std::int64_t y, const double* const* sums, std::int64_t columns) {
              for (std::int64_t x = 0; x < columns; ++x) {
                  const double c = std::abs(fine.row(y)[x] / (sums[0][x] + tiny) - 1);
                  fine.row(y)[x] = c * c * c / (c * c + 1e-4);
              }
          });
    image = std::move(fine);
}

FATHOM_INLINE std::vector<Plane> masked_contrasts(const std::vector<const Grey*>& images, ChenBlum convention) {
    const std::int64_t rows = images[0]->rows, columns = images[0]->columns;
    const double unit = convention == ChenBlum::zoo ? 30 : 15;
    const auto filter = radial_filter(rows, columns, [unit](double frequency) {
        const double rho = frequency / unit, a = rho / 15.3870, b = rho / 1.3456;
        return std::exp(-a * a) - 0.7622 * std::exp(-b * b);
    });
    std::vector<Plane> planes;
    for (const Grey* image : images)
        planes.push_back(stretched(*image, convention == ChenBlum::zoo ? Stretch::to_unit : Stretch::to_bytes));
    // Two at a time; one that is left over goes with zeros.
    for (std::size_t i = 0; i < planes.size(); i += 2) {
        Plane spare(0, 0);
        if (i + 1 == planes.size()) {
            spare = Plane(rows, columns);
            std::fill_n(spare.values.get(), spare.size(), 0.0);
        }
        Plane& second = i + 1 < planes.size() ? planes[i + 1] : spare;
        kernels::filter_spectrum(planes[i].values.get(), second.values.get(), rows, columns, filter.data());
    }
    for (Plane& plane : planes) mask_contrast(plane, convention);
    return planes;
}

FATHOM_INLINE double contrast_kept(const Plane& a, const Plane& b, const Plane& f, ChenBlum convention) {
    const double tiny = convention == ChenBlum::zoo ? 1e-10 : 0;
    const double *p = a.values.get(), *q = b.values.get(), *r = f.values.get();
    return sum_over(f.size(),
                    [&](std::int64_t i) {
                        const double kept_a = p[i] < r[i] ? p[i] / r[i] : r[i] / p[i],
                                     kept_b = q[i] < r[i] ? q[i] / r[i] : r[i] / q[i];
                        const double wa = p[i] * p[i], wb = q[i] * q[i];
                        return (wa * kept_a + wb * kept_b) / (wa + wb + tiny);
                    }) /
           static_cast<double>(f.size());
}

inline constexpr std::int64_t block_side = 16;

FATHOM_INLINE Salience salience(const Grey& image) {
    Salience result{stretched(image, Stretch::to_bytes), {}};
    const std::int64_t rows = image.rows, columns = image.columns, along = (columns + block_side - 1) / block_side;
    result.weights.assign(static_cast<std::size_t>((rows + block_side - 1) / block_side * along), 0.0);
    const std::vector<double> zeros(static_cast<std::size_t>(columns));
    for (std::int64_t y = 0; y < rows; ++y) {
        const double *above = y > 0 ? result.image.row(y - 1) : zeros.data(), *row = result.image.row(y),
                     *below = y + 1 < rows ? result.image.row(y + 1) : zeros.data();
        double* weights = result.weights.data() + y / block_side * along;
        for (std::int64_t x = 0; x < columns; ++x) {
            const auto at = [columns](const double* line, std::int64_t i) {
                return i < 0 || i >= columns ? 0.0 : line[i];
            };
            const double gx = at(above, x + 1) - at(above, x - 1) + 2 * (at(row, x + 1) - at(row, x - 1)) +
                              at(below, x + 1) - at(below, x - 1);
            const double gy =
                at(below, x - 1) - at(above, x - 1) + 2 * (below[x] - above[x]) + at(below, x + 1) - at(above, x + 1);
            const double square = gx * gx + gy * gy;
            weights[x / block_side] += square * square * std::sqrt(square);
        }
    }
    return result;
}

FATHOM_INLINE std::vector<double> difference_filter(std::int64_t rows, std::int64_t columns) {
    return radial_filter(rows, columns, [](double frequency) {
        const double x = 0.144 * frequency / 4;
        return 2.6 * (0.0192 + x) * std::exp(-std::pow(x, 1.1));
    });
}

FATHOM_INLINE double weighted_difference(const Salience& a, const Salience& b, const Salience& f,
                                         const std::vector<double>& filter) {
    const std::int64_t rows = f.image.rows, columns = f.image.columns;
    Plane da(rows, columns), db(rows, columns);
    for (std::int64_t i = 0; i < f.image.size(); ++i) {
        const auto at = static_cast<std::size_t>(i);
        da.values[at] = a.image.values[at] - f.image.values[at];
        db.values[at] = b.image.values[at] - f.image.values[at];
    }
    kernels::filter_spectrum(da.values.get(), db.values.get(), rows, columns, filter.data());
    const std::int64_t along = (columns + block_side - 1) / block_side;
    double sum = 0, weights = 0;
    for (std::size_t block = 0; block < a.weights.size(); ++block) {
        const std::int64_t top = static_cast<std::int64_t>(block) / along * block_side,
                           left = static_cast<std::int64_t>(block) % along * block_side;
        double square_a = 0, square_b = 0;
        for (std::int64_t y = top; y < std::min(top + block_side, rows); ++y)
            for (std::int64_t x = left; x < std::min(left + block_side, columns); ++x) {
                square_a += da.row(y)[x] * da.row(y)[x];
                square_b += db.row(y)[x] * db.row(y)[x];
            }
        constexpr double pixels = block_side * block_side;
        sum += a.weights[block] * square_a / pixels + b.weights[block] * square_b / pixels;
        weights += a.weights[block] + b.weights[block];
    }
    return sum / weights;
}

}  // namespace fathom::inline v0::metrics::fusion
