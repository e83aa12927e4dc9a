// Definitions of edges.hpp.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <vector>

#include "fathom/metrics/fusion/edges.hpp"

namespace fathom::inline v0::metrics::fusion {

// Three rows of an image with one pixel more on both sides, moved down the image. T: what the levels become.
template <class T>
class SobelRows {
public:
    enum class Outside { zeros, mirrored };
    SobelRows(const Grey& image, Outside outside, const T* levels) : image_(image), outside_(outside), levels_(levels) {
        for (auto& row : rows_) row.resize(static_cast<std::size_t>(image.columns + 2));
    }
    // To those around row y.
    void move_to(std::int64_t y) {
        for (std::int64_t k = -1; k <= 1; ++k) fill(y + k, rows_[k + 1].data());
    }
    const T* operator[](int k) const { return rows_[k].data(); }  // [columns + 2], k from 0 (above) to 2

private:
    static std::int64_t mirror(std::int64_t at, std::int64_t count) {
        return at < 0 ? -at : at >= count ? 2 * count - 2 - at : at;
    }
    void fill(std::int64_t y, T* to) {
        const std::int64_t columns = image_.columns;
        const bool zeros = outside_ == Outside::zeros;
        if (zeros && (y < 0 || y >= image_.rows)) return std::fill(to, to + columns + 2, T{});
        const std::uint8_t* row = image_.row(mirror(y, image_.rows));
        for (std::int64_t x = 0; x < columns; ++x) to[x + 1] = levels_[row[x]];
        to[0] = zeros ? T{} : levels_[row[mirror(-1, columns)]];
        to[columns + 1] = zeros ? T{} : levels_[row[mirror(columns, columns)]];
    }

    const Grey& image_;
    Outside outside_;
    const T* levels_;
    std::vector<T> rows_[3];
};

inline const int* whole_levels() {
    static const auto levels = [] {
        std::array<int, 256> all{};
        for (int i = 0; i < 256; ++i) all[static_cast<std::size_t>(i)] = i;
        return all;
    }();
    return levels.data();
}

FATHOM_INLINE Edges edges_of(const Grey& image, int scale) {
    Edges result{{image.rows, image.columns}, {image.rows, image.columns}};
    SobelRows<int> rows(image, SobelRows<int>::Outside::zeros, whole_levels());
    for (std::int64_t y = 0; y < image.rows; ++y) {
        rows.move_to(y);
        const int *a = rows[0], *b = rows[1], *c = rows[2];
        double *magnitude = result.magnitude.row(y), *angle = result.angle.row(y);
        for (std::int64_t x = 0; x < image.columns; ++x) {
            const int gx = a[x] - a[x + 2] + 2 * (b[x] - b[x + 2]) + c[x] - c[x + 2],
                      gy = c[x] - a[x] + 2 * (c[x + 1] - a[x + 1]) + c[x + 2] - a[x + 2];
            magnitude[x] = scale * std::sqrt(static_cast<double>(gx * gx + gy * gy));
            angle[x] = gx == 0 ? std::numbers::pi / 2 : std::atan(static_cast<double>(gy) / gx);
        }
    }
    return result;
}

// Nothing here may be contracted into one rounding: which magnitudes are the same depends on every one.
#if defined(__clang__)
#pragma float_control(push)
#pragma clang fp contract(off)
#elif defined(__GNUC__)
#pragma GCC push_options
#pragma GCC optimize("fp-contract=off")
#endif

FATHOM_INLINE Edges edges_of_fractions(const Grey& image) {
    double levels[256];
    for (int i = 0; i < 256; ++i) levels[i] = i / 255.0;
    Edges result{{image.rows, image.columns}, {image.rows, image.columns}};
    SobelRows<double> rows(image, SobelRows<double>::Outside::zeros, levels);
    for (std::int64_t y = 0; y < image.rows; ++y) {
        rows.move_to(y);
        const double *a = rows[0], *b = rows[1], *c = rows[2];
        double *magnitude = result.magnitude.row(y), *angle = result.angle.row(y);
        for (std::int64_t x = 0; x < image.columns; ++x) {
            // The kernel's first row meets the image's last, and its first column the last: a convolution.
            const double gx = ((((-c[x + 2] - 2 * b[x + 2]) - a[x + 2]) + c[x]) + 2 * b[x]) + a[x];
            const double gy = ((((c[x + 2] - a[x + 2]) + 2 * c[x + 1]) - 2 * a[x + 1]) + c[x]) - a[x];
            magnitude[x] = std::sqrt(gx * gx + gy * gy);
            angle[x] = gx == 0 ? std::numbers::pi / 2 : std::atan(gy / gx);
        }
    }
    return result;
}

#if defined(__clang__)
#pragma float_control(pop)
#elif defined(__GNUC__)
#pragma GCC pop_options
#endif

FATHOM_INLINE double edges_kept(const Edges& a, const Edges& b, const Edges& f) {
    const auto kept = [](double g_source, double angle_source, double g_fused, double angle_fused) {
        const double ratio = g_source == g_fused  ? g_fused
                             : g_source < g_fused ? g_source / g_fused
                                                  : g_fused / g_source;
        const double direction = 1 - std::abs(angle_source - angle_fused) / (std::numbers::pi / 2);
        return 0.9994 / (1 + std::exp(-15 * (ratio - 0.5))) * (0.9879 / (1 + std::exp(-22 * (direction - 0.8))));
    };
    double sum = 0, weights = 0;
    for (std::int64_t y = 0; y < f.magnitude.rows; ++y) {
        const double *ga = a.magnitude.row(y), *gb = b.magnitude.row(y), *gf = f.magnitude.row(y);
        const double *aa = a.angle.row(y), *ab = b.angle.row(y), *af = f.angle.row(y);
        double row_sum = 0, row_weights = 0;
        for (std::int64_t x = 0; x < f.magnitude.columns; ++x) {
            if (ga[x] > 0) row_sum += ga[x] * kept(ga[x], aa[x], gf[x], af[x]);
            if (gb[x] > 0) row_sum += gb[x] * kept(gb[x], ab[x], gf[x], af[x]);
            row_weights += ga[x] + gb[x];
        }
        sum += row_sum, weights += row_weights;
    }
    return sum / weights;
}

FATHOM_INLINE double edges_added(const Triple& images) {
    const std::int64_t rows = images.fused.rows, columns = images.fused.columns;
    if (rows < 2 || columns < 2) return undefined;  // nothing to mirror
    using Rows = SobelRows<int>;
    Rows sources[3] = {{images.visible, Rows::Outside::mirrored, whole_levels()},
                       {images.infrared, Rows::Outside::mirrored, whole_levels()},
                       {images.fused, Rows::Outside::mirrored, whole_levels()}};
    struct Gradient {
        int gx, gy, square;  // 8 times the derivatives, 64 times the squared magnitude
        double weight() const {
            const double g = std::sqrt(static_cast<double>(square)) / 8;
            return g >= 2 ? g * std::sqrt(g) : 0;
        }
        double angle() const {
            return gy != 0 ? std::atan(static_cast<double>(gx) / gy) : gx != 0 ? std::numbers::pi / 2 : 0;
        }
    };
    const auto gradient = [](const Rows& image, std::int64_t x) {
        const int *a = image[0], *b = image[1], *c = image[2];
        const int gx = a[x + 2] - a[x] + 2 * (b[x + 2] - b[x]) + c[x + 2] - c[x],
                  gy = c[x] - a[x] + 2 * (c[x + 1] - a[x + 1]) + c[x + 2] - a[x + 2];
        return Gradient{gx, gy, gx * gx + gy * gy};
    };
    // 1 - Q, for a fused gradient that is the larger one.
    const auto lost = [](const Gradient& source, const Gradient& fused) {
        const double ratio = std::sqrt(static_cast<double>(source.square) / fused.square);
        const double direction =
            std::abs(std::abs(source.angle() - fused.angle()) - std::numbers::pi / 2) * 2 / std::numbers::pi;
        return 1 - std::sqrt(0.9999 / (1 + std::exp(-19 * (ratio - 0.5))) * 0.9995 /
                             (1 + std::exp(-22 * (direction - 0.5))));
    };
    double sum = 0, weights = 0;
    for (std::int64_t y = 0; y < rows; ++y) {
        for (Rows& image : sources) image.move_to(y);
        double row_sum = 0, row_weights = 0;
        for (std::int64_t x = 0; x < columns; ++x) {
            const Gradient a = gradient(sources[0], x), b = gradient(sources[1], x), f = gradient(sources[2], x);
            const double wa = a.weight(), wb = b.weight();
            row_weights += wa + wb;
            if (f.square <= a.square || f.square <= b.square) continue;
            if (wa > 0) row_sum += wa * lost(a, f);
            if (wb > 0) row_sum += wb * lost(b, f);
        }
        sum += row_sum, weights += row_weights;
    }
    return sum / weights;
}

}  // namespace fathom::inline v0::metrics::fusion
