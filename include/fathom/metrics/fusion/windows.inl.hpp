// Definitions of windows.hpp.
#pragma once

#include <cmath>

#include "fathom/metrics/fusion/windows.hpp"

namespace fathom::inline v0::metrics::fusion {

FATHOM_INLINE Window gaussian_window(int taps, double sigma, double scale) {
    std::vector<double> w;
    double sum = 0;
    for (int k = 0; k < taps; ++k) {
        const double x = k - (taps - 1) / 2.0;
        w.push_back(std::exp(-x * x / (2 * sigma * sigma)));
        sum += w.back();
    }
    for (double& x : w) x = scale == 0 ? x / sum : x * scale;
    return {w, w};
}

FATHOM_INLINE WindowRows::WindowRows(const Window& window, std::int64_t columns, Padding padding)
    : window_(window),
      pad_(padding == Padding::zeros ? window.taps() / 2 : 0),
      count_(columns + 2 * pad_ - window.taps() + 1),
      row_(static_cast<std::size_t>(columns + 2 * pad_)),
      ring_(static_cast<std::size_t>(count_ * window.taps())),
      out_(static_cast<std::size_t>(count_)),
      order_(static_cast<std::size_t>(window.taps())) {}

FATHOM_INLINE void WindowRows::push() {
    kernels::correlate_row(row_.data(), window_.along_rows.data(), window_.taps(), count_,
                           ring_.data() + pushed_++ % window_.taps() * count_);
}

FATHOM_INLINE void WindowRows::push_zeros() {
    double* to = ring_.data() + pushed_++ % window_.taps() * count_;
    for (std::int64_t i = 0; i < count_; ++i) to[i] = 0;
}

FATHOM_INLINE const double* WindowRows::sums() {
    const std::int64_t taps = window_.taps();
    for (std::int64_t k = 0; k < taps; ++k)
        order_[static_cast<std::size_t>(k)] = ring_.data() + (pushed_ + k) % taps * count_;
    kernels::correlate_rows(order_.data(), window_.along_columns.data(), window_.taps(), count_, out_.data());
    return out_.data();
}

}  // namespace fathom::inline v0::metrics::fusion
