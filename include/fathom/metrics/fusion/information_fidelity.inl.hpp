// Definitions of information_fidelity.hpp.
#pragma once

#include <algorithm>
#include <cmath>

#include "fathom/metrics/fusion/information_fidelity.hpp"
#include "fathom/metrics/fusion/windows.hpp"

namespace fathom::inline v0::metrics::fusion {

inline Window fidelity_window(int taps, Fidelity convention) {
    const double sigma = taps / 5.0;
    if (convention != Fidelity::zoo) return gaussian_window(taps, sigma);
    std::vector<double> w;
    double sum = 0;
    for (int k = 0; k < taps; ++k) {
        const double x = -(taps + 1) / 2.0 + static_cast<double>(k) * taps / (taps - 1);
        w.push_back(std::exp(-x * x / (2 * sigma * sigma)));
        sum += w.back();
    }
    for (double& x : w) x /= sum;
    return {w, w};
}

// Every second pixel of a blurred image.
inline Plane thinned(const Plane& image, const Window& window, Padding padding) {
    const std::int64_t less = padding == Padding::none ? window.taps() - 1 : 0;
    Plane result(std::max<std::int64_t>(0, image.rows - less + 1) / 2,
                 std::max<std::int64_t>(0, image.columns - less + 1) / 2);
    slide(
        window, image.rows, image.columns, padding, 1, 2,
        [&](std::int64_t y, double* const* to) { std::copy_n(image.row(y), image.columns, to[0]); },
        [&](std::int64_t y, const double* const* blurred, std::int64_t) {
            for (std::int64_t x = 0; x < result.columns; ++x) result.row(y / 2)[x] = blurred[0][2 * x];
        });
    return result;
}

// The sum of log(x), by products: each x lies between 1 and 1e100.
class LogSum {
public:
    void add(double x) {
        product_ *= x;
        if (product_ > 1e100) flush();
    }
    double value() {
        flush();
        return sum_;
    }

private:
    void flush() { sum_ += std::log(product_), product_ = 1; }
    double product_ = 1, sum_ = 0;
};

FATHOM_INLINE double information_fidelity(const Triple& images, Fidelity convention) {
    constexpr double noise = 2, tiny = 1e-10;
    const Padding padding = convention == Fidelity::zoo ? Padding::zeros : Padding::none;
    Plane a(images.visible), b(images.infrared), f(images.fused);
    LogSum kept[2], all[2];
    for (int scale = 0; scale < 4; ++scale) {
        const Window window = fidelity_window((16 >> scale) + 1, convention);
        if (scale > 0)
            a = thinned(a, window, padding), b = thinned(b, window, padding), f = thinned(f, window, padding);
        if (padding == Padding::none && std::min(f.rows, f.columns) < window.taps()) return undefined;
        const double most = convention == Fidelity::author && scale == 0 ? 255 : 1e300;
        slide(
            window, f.rows, f.columns, padding, 8, 1,
            [&](std::int64_t y, double* const* to) {
                const double *p = a.row(y), *q = b.row(y), *r = f.row(y);
                for (std::int64_t x = 0; x < f.columns; ++x) {
                    to[0][x] = p[x], to[1][x] = q[x], to[2][x] = r[x];
                    to[3][x] = std::min(p[x] * p[x], most), to[4][x] = std::min(q[x] * q[x], most);
                    to[5][x] = std::min(r[x] * r[x], most);
                    to[6][x] = std::min(p[x] * r[x], most), to[7][x] = std::min(q[x] * r[x], most);
                }
            },
            [&](std::int64_t, const double* const* m, std::int64_t columns) {
                for (int s = 0; s < 2; ++s)
                    for (std::int64_t x = 0; x < columns; ++x) {
                        double v1 = std::max(0.0, m[3 + s][x] - m[s][x] * m[s][x]);
                        const double v2 = std::max(0.0, m[5][x] - m[2][x] * m[2][x]);
                        double gain = (m[6 + s][x] - m[s][x] * m[2][x]) / (v1 + tiny);
                        double rest = v2 - gain * (m[6 + s][x] - m[s][x] * m[2][x]);
                        if (v1 < tiny) gain = 0, rest = v2, v1 = 0;
                        if (v2 < tiny) gain = 0, rest = 0;
                        if (gain < 0) rest = v2, gain = 0;
                        if (rest <= tiny) rest = tiny;
                        kept[s].add(1 + gain * gain * v1 / (rest + noise));
                        all[s].add(1 + v1 / noise);
                    }
            });
    }
    return kept[0].value() / all[0].value() + kept[1].value() / all[1].value();
}

}  // namespace fathom::inline v0::metrics::fusion
