// Weighted means under a separable window that slides over an image, of several quantities at once and a row at a time,
// so that nothing but a few rows is kept. Used by structure.hpp, information_fidelity.hpp, contrast.hpp.
#pragma once

#include <cstdint>
#include <vector>

#include "fathom/core/config.hpp"
#include "fathom/kernels/correlate.hpp"

namespace fathom::inline v0::metrics::fusion {

// Of an odd number of taps.
struct Window {
    std::vector<double> along_rows, along_columns;
    int taps() const { return static_cast<int>(along_rows.size()); }
};

// exp(-x^2 / (2 sigma^2)) at the integers around 0, times `scale`; 0: so that the taps add up to 1.
Window gaussian_window(int taps, double sigma, double scale = 0);

enum class Padding { none, zeros };  // what stands outside of the image: nothing is computed there, or zeros are

// The last rows of one quantity, filtered along the row.
class WindowRows {
public:
    WindowRows(const Window& window, std::int64_t columns, Padding padding);
    // Where the row to be pushed is written.
    double* next() { return row_.data() + pad_; }
    void push();
    void push_zeros();
    // The window's sums over the last rows.
    const double* sums();

private:
    const Window& window_;
    std::int64_t pad_, count_, pushed_ = 0;
    std::vector<double> row_, ring_, out_;
    std::vector<const double*> order_;
};

// Calls fill(y, rows) to have row y of all quantities written, and use(y, sums, columns) for each row of the result:
// of none at all where the window does not fit. every: rows of the result that are left out, all but each every-th.
template <class Fill, class Use>
void slide(const Window& window, std::int64_t rows, std::int64_t columns, Padding padding, int quantities, int every,
           Fill&& fill, Use&& use) {
    const std::int64_t taps = window.taps(), pad = padding == Padding::zeros ? taps / 2 : 0;
    const std::int64_t out_columns = columns + 2 * pad - taps + 1;
    if (rows + 2 * pad < taps || out_columns < 1) return;
    std::vector<WindowRows> windows;
    for (int q = 0; q < quantities; ++q) windows.emplace_back(window, columns, padding);
    std::vector<double*> in(static_cast<std::size_t>(quantities));
    std::vector<const double*> sums(static_cast<std::size_t>(quantities));
    for (std::int64_t y = -pad; y < rows + pad; ++y) {
        if (y < 0 || y >= rows) {
            for (WindowRows& one : windows) one.push_zeros();
        } else {
            for (std::size_t q = 0; q < windows.size(); ++q) in[q] = windows[q].next();
            fill(y, in.data());
            for (WindowRows& one : windows) one.push();
        }
        const std::int64_t out = y + pad - taps + 1;
        if (out < 0 || out % every != 0) continue;
        for (std::size_t q = 0; q < windows.size(); ++q) sums[q] = windows[q].sums();
        use(out, sums.data(), out_columns);
    }
}

}  // namespace fathom::inline v0::metrics::fusion

#ifndef FATHOM_COMPILED
#include "fathom/metrics/fusion/windows.inl.hpp"
#endif
