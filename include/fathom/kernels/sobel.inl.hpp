// Definitions of sobel.hpp. Both directions walk down a tile, row by row. Next: stencil_rows.hpp (where the rows of the
// stencil come from), sobel.kernel.hpp.
#pragma once

#include <vector>

#include "fathom/core/parallel_for.hpp"
#include "fathom/kernels/simd.hpp"
#include "fathom/kernels/sobel.hpp"
#include "fathom/kernels/stencil_rows.hpp"

namespace fathom::inline v0::kernels::detail {

// The filters of both directions as [9][channels + row_slack], tap by tap, channels repeated so that a vector may start
// at any; null: exact Sobel.
template <class T>
struct SobelWeights {
    const T* x;  // [9, pitch] or null
    const T* y;  // [9, pitch] or null
    std::int64_t pitch;
};

}  // namespace fathom::inline v0::kernels::detail

#define FATHOM_KERNEL "fathom/kernels/sobel.kernel.hpp"
#include "fathom/kernels/foreach_isa.hpp"

namespace fathom::inline v0::kernels {
namespace detail {

template <class T>
bool exact_sobel(const T* wx,  // [channels, 3, 3]
                 const T* wy,  // [channels, 3, 3]
                 std::int64_t channels) {
    constexpr T exact_x[] = {1, 0, -1, 2, 0, -2, 1, 0, -1}, exact_y[] = {1, 2, 1, 0, 0, 0, -1, -2, -1};
    for (std::int64_t c = 0; c < channels; ++c)
        for (int k = 0; k < 9; ++k)
            if (wx[c * 9 + k] != exact_x[k] || wy[c * 9 + k] != exact_y[k]) return false;
    return true;
}

// Both filters for SobelWeights. reversed: taps in opposite order, which is the filter of the gradient.
template <class T>
struct SobelTaps {
    std::vector<T> taps;  // [2][9, pitch]
    SobelWeights<T> weights{nullptr, nullptr, 0};

    SobelTaps(const T* wx, const T* wy, std::int64_t channels, bool reversed) {
        if (exact_sobel(wx, wy, channels)) return;
        const std::int64_t pitch = channels + row_slack;
        taps.resize(static_cast<std::size_t>(18 * pitch));
        for (std::int64_t k = 0; k < 9; ++k)
            for (std::int64_t i = 0; i < pitch; ++i) {
                const std::int64_t from = i % channels * 9 + (reversed ? 8 - k : k);
                taps[static_cast<std::size_t>(k * pitch + i)] = wx[from];
                taps[static_cast<std::size_t>((9 + k) * pitch + i)] = wy[from];
            }
        weights = {taps.data(), taps.data() + 9 * pitch, pitch};
    }
};

// Adds one row of a tile to the sums of dwx and dwy, a being ax for the first nine and ay for the others:
//   sums[k, c] += a[p, c] x[p + offset k, c]
template <class T>
void add_weight_gradient(const StencilRows<T>& x,
                         const T* ax,  // [pixels, channels]
                         const T* ay,  // [pixels, channels]
                         std::int64_t pixels, std::int64_t channels,
                         double* sums) {  // [18, channels]
    FATHOM_DISPATCH(sobel_kernel::weight_gradient<T>(x, ax, pixels, channels, sums));
    FATHOM_DISPATCH(sobel_kernel::weight_gradient<T>(x, ay, pixels, channels, sums + 9 * channels));
}

}  // namespace detail

template <class T>
void sobel(const ImageShape& s, Images<const T> x,
           const T* wx,  // [channels, 3, 3]
           const T* wy,  // [channels, 3, 3]
           Images<T> y, std::int64_t first_row, std::int64_t rows_of_y, bool accumulate) {
    const detail::ImageTiles tiles({s.images, s.channels, rows_of_y, s.width});
    const detail::SobelTaps<T> taps(wx, wy, s.channels, false);
    const bool in_place = detail::rows_in_place(s, x) && detail::rows_in_place(s, y);
    parallel_for(0, tiles.count(), 1, [&](std::int64_t first, std::int64_t last) {
        detail::StencilSource<T> source(s, x, in_place, tiles.width, 1, "sobel");
        const detail::RowBuffers<T> packed("sobel", 1, tiles.width * s.channels);  // [pixels, channels]
        for (std::int64_t i = first; i < last; ++i) {
            const auto t = tiles[i];
            source.begin(t.image, t.left, t.right);
            for (std::int64_t h = t.top; h < t.bottom; ++h) {
                source.for_runs(first_row + h, [&](std::int64_t column, const detail::StencilRows<T>& rows,
                                                   const detail::PixelRuns& runs) {
                    T* const to = in_place ? y.at(t.image, h, column) : packed[0];
                    FATHOM_DISPATCH(
                        sobel_kernel::magnitude<T>(rows, taps.weights, runs, to, y.pixel, in_place && accumulate));
                });
                if (!in_place) detail::write_row<T>(s, y, t.image, h, t.left, t.right, packed[0], accumulate);
            }
        }
    });
}

template <class T>
void sobel_backward(const ImageShape& s, Images<const T> x,
                    const T* wx,  // [channels, 3, 3]
                    const T* wy,  // [channels, 3, 3]
                    Images<const T> dy, Images<T> dx,
                    T* dwx,  // [channels, 3, 3] or null
                    T* dwy,  // [channels, 3, 3] or null
                    SobelAdds add) {
    const detail::ImageTiles tiles(s);
    const detail::SobelTaps<T> taps(wx, wy, s.channels, false), reversed(wx, wy, s.channels, true);
    const bool with_weights = dwx || dwy, in_place = detail::rows_in_place(s, x) && detail::rows_in_place(s, dy);
    // Sums of the weights' gradients: a bounded number of partial ones, whatever the image's size.
    const std::int64_t grain =
                           std::max<std::int64_t>(1, (tiles.count() + tuning::sobel_parts - 1) / tuning::sobel_parts),
                       parts = (tiles.count() + grain - 1) / grain;
    const std::int64_t elements = with_weights ? parts * 18 * s.channels : 0;
    std::vector<double> sums(static_cast<std::size_t>(elements), 0.0);  // [parts][18, channels]
    parallel_for(0, tiles.count(), grain, [&](std::int64_t first, std::int64_t last) {
        detail::StencilSource<T> source(s, x, in_place, tiles.width, 2, "sobel");
        // ax: 0 to 2, ay: 3 to 5, dy and dx: 6.
        const detail::RowBuffers<T> rows("sobel", 7, (tiles.width + 2) * s.channels);  // [7][pixels, channels]
        double* const own_sums = sums.data() + (with_weights ? first / grain * 18 * s.channels : 0);
        for (std::int64_t i = first; i < last; ++i) {
            const auto t = tiles[i];
            const std::int64_t pixels = t.right - t.left, c = s.channels;
            source.begin(t.image, t.left - 1, t.right + 1);
            // a = dy * sign(convolution) for rows top - 1 to bottom, then dx for the row before. Outside the image dy
            // is 0, and so is a.
            for (std::int64_t h = t.top - 1; h <= t.bottom; ++h) {
                T *ax = rows[(h + 3) % 3], *ay = rows[3 + (h + 3) % 3];
                const bool outside = h < 0 || h >= s.height;
                if (!in_place) detail::read_row<T>(s, dy, t.image, h, t.left - 1, t.right + 1, rows[6]);
                for (T* a : {ax, ay}) {
                    if (outside || t.left == 0) std::fill(a, a + (outside ? (pixels + 2) * c : c), T{0});
                    if (t.right == s.width) std::fill(a + (pixels + 1) * c, a + (pixels + 2) * c, T{0});
                }
                source.for_runs(
                    h, [&](std::int64_t column, const detail::StencilRows<T>& stencil, const detail::PixelRuns& runs) {
                        const std::int64_t at = (column - t.left + 1) * c;
                        FATHOM_DISPATCH(sobel_kernel::signed_gradients<T>(
                            stencil, taps.weights, runs, in_place ? dy.at(t.image, h, column) : rows[6], dy.pixel,
                            ax + at, ay + at));
                        // Past the columns and rows that only dx needs.
                        const std::int64_t begin = std::max(column, t.left),
                                           end = std::min(column + runs.count * runs.length / c, t.right);
                        if (!with_weights || h < t.top || h >= t.bottom || begin >= end) return;
                        const std::int64_t from = (begin - t.left + 1) * c, skip = (begin - column) * stencil.pixel;
                        detail::add_weight_gradient<T>(
                            {stencil.up + skip, stencil.middle + skip, stencil.down + skip, stencil.pixel}, ax + from,
                            ay + from, end - begin, c, own_sums);
                    });
                if (!dx.data || h <= t.top) continue;
                const std::int64_t up = (h + 1) % 3, middle = (h + 2) % 3, down = h % 3;
                const bool direct = detail::rows_in_place(s, dx);
                const detail::PixelRuns runs = direct ? detail::PixelRuns{pixels, c} : detail::PixelRuns{1, pixels * c};
                T* const to = direct ? dx.at(t.image, h - 1, t.left) : rows[6];
                FATHOM_DISPATCH(sobel_kernel::input_gradient<T>(
                    {rows[up], rows[middle], rows[down], c}, {rows[up + 3], rows[middle + 3], rows[down + 3], c},
                    reversed.weights, runs, to, dx.pixel, direct && add.dx));
                if (!direct) detail::write_row<T>(s, dx, t.image, h - 1, t.left, t.right, rows[6], add.dx);
            }
        }
    });
    for (std::int64_t k = 0; with_weights && k < 18; ++k)
        for (std::int64_t c = 0; c < s.channels; ++c) {
            double total = 0;
            for (std::int64_t part = 0; part < parts; ++part)
                total += sums[static_cast<std::size_t>((part * 18 + k) * s.channels + c)];
            if (T* target = k < 9 ? dwx : dwy) {
                T& element = target[c * 9 + k % 9];
                element = static_cast<T>((k < 9 ? add.dwx : add.dwy) ? static_cast<double>(element) + total : total);
            }
        }
}

}  // namespace fathom::inline v0::kernels
