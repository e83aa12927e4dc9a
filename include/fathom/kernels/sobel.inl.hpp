// Definitions of sobel.hpp. Both directions walk down a tile with the last three rows in packed buffers.
#pragma once

#include <vector>

#include "fathom/core/allocator.hpp"
#include "fathom/core/parallel_for.hpp"
#include "fathom/kernels/simd.hpp"
#include "fathom/kernels/sobel.hpp"
#include "fathom/kernels/tuning.hpp"

namespace fathom::inline v0::kernels::detail {

// Elements behind a packed row that vectors may read and write.
inline constexpr std::int64_t row_slack = 16;

// Three packed rows as the stencil sees them: element i is the pixel to the left of output i, i + channels the one
// above, at or below it.
template <class T>
struct StencilRows {
    const T *up, *middle, *down;  // [pixels, channels]
    std::int64_t channels;
};

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

// Buffers of a task.
template <class T>
class RowBuffers {
public:
    RowBuffers(const char* operation, std::int64_t rows, std::int64_t length)
        : length_(length + row_slack), scratch_(rows * length_ * static_cast<std::int64_t>(sizeof(T)), operation) {
        std::fill(scratch_.template as<T>(), scratch_.template as<T>() + rows * length_, T{0});
    }
    T* operator[](std::int64_t i) const { return scratch_.template as<T>() + i * length_; }

private:
    std::int64_t length_;
    Scratch scratch_;
};

// Adds one row of a tile to the sums of dwx and dwy, a being ax for the first nine and ay for the others:
//   sums[k, c] += a[p, c] x[p + offset k, c]
template <class T>
void add_weight_gradient(const StencilRows<T>& x,
                         const T* ax,  // [pixels, channels]
                         const T* ay,  // [pixels, channels]
                         std::int64_t pixels,
                         double* sums) {  // [18, channels]
    FATHOM_DISPATCH(sobel_kernel::weight_gradient<T>(x, ax, pixels, sums));
    FATHOM_DISPATCH(sobel_kernel::weight_gradient<T>(x, ay, pixels, sums + 9 * x.channels));
}

}  // namespace detail

template <class T>
void sobel(const ImageShape& s, Images<const T> x,
           const T* wx,  // [channels, 3, 3]
           const T* wy,  // [channels, 3, 3]
           Images<T> y, bool accumulate) {
    const detail::ImageTiles tiles(s);
    const detail::SobelTaps<T> taps(wx, wy, s.channels, false);
    parallel_for(0, tiles.count(), 1, [&](std::int64_t first, std::int64_t last) {
        const detail::RowBuffers<T> rows("sobel", 4, (tiles.width + 2) * s.channels);  // [4][pixels, channels]
        for (std::int64_t i = first; i < last; ++i) {
            const auto t = tiles[i];
            const auto read = [&](std::int64_t h) {
                detail::read_row<T>(s, x, t.image, h, t.left - 1, t.right + 1, rows[(h + 3) % 3]);
            };
            read(t.top - 1);
            read(t.top);
            for (std::int64_t h = t.top; h < t.bottom; ++h) {
                read(h + 1);
                const detail::StencilRows<T> stencil{rows[(h + 2) % 3], rows[h % 3], rows[(h + 1) % 3], s.channels};
                FATHOM_DISPATCH(
                    sobel_kernel::magnitude<T>(stencil, taps.weights, (t.right - t.left) * s.channels, rows[3]));
                detail::write_row<T>(s, y, t.image, h, t.left, t.right, rows[3], accumulate);
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
    const bool with_weights = dwx || dwy;
    // Sums of the weights' gradients: a bounded number of partial ones, whatever the image's size.
    const std::int64_t grain =
                           std::max<std::int64_t>(1, (tiles.count() + tuning::sobel_parts - 1) / tuning::sobel_parts),
                       parts = (tiles.count() + grain - 1) / grain;
    const std::int64_t elements = with_weights ? parts * 18 * s.channels : 0;
    std::vector<double> sums(static_cast<std::size_t>(elements), 0.0);  // [parts][18, channels]
    parallel_for(0, tiles.count(), grain, [&](std::int64_t first, std::int64_t last) {
        // x: 0 to 2, ax: 3 to 5, ay: 6 to 8, dy and dx: 9.
        const detail::RowBuffers<T> rows("sobel", 10, (tiles.width + 4) * s.channels);  // [10][pixels, channels]
        double* const own_sums = sums.data() + (with_weights ? first / grain * 18 * s.channels : 0);
        for (std::int64_t i = first; i < last; ++i) {
            const auto t = tiles[i];
            const std::int64_t pixels = t.right - t.left;
            const auto read = [&](std::int64_t h) {
                detail::read_row<T>(s, x, t.image, h, t.left - 2, t.right + 2, rows[(h + 3) % 3]);
            };
            read(t.top - 2);
            read(t.top - 1);
            // a = dy * sign(convolution) for rows top - 1 to bottom, then dx for the row before.
            for (std::int64_t h = t.top - 1; h <= t.bottom; ++h) {
                read(h + 1);
                detail::read_row<T>(s, dy, t.image, h, t.left - 1, t.right + 1,
                                    rows[9]);  // zeros outside the image, and so is a
                const detail::StencilRows<T> stencil{rows[(h + 2) % 3], rows[(h + 3) % 3], rows[(h + 1) % 3],
                                                     s.channels};
                T *ax = rows[3 + (h + 3) % 3], *ay = rows[6 + (h + 3) % 3];
                FATHOM_DISPATCH(sobel_kernel::signed_gradients<T>(stencil, taps.weights, rows[9],
                                                                  (pixels + 2) * s.channels, ax, ay));
                if (with_weights && h >= t.top && h < t.bottom) {
                    const std::int64_t c = s.channels;  // past the column that only dx needs
                    detail::add_weight_gradient<T>({stencil.up + c, stencil.middle + c, stencil.down + c, c}, ax + c,
                                                   ay + c, pixels, own_sums);
                }
                if (!dx.data || h <= t.top) continue;
                const std::int64_t up = 3 + (h + 1) % 3, middle = 3 + (h + 2) % 3, down = 3 + h % 3;
                FATHOM_DISPATCH(
                    sobel_kernel::input_gradient<T>({rows[up], rows[middle], rows[down], s.channels},
                                                    {rows[up + 3], rows[middle + 3], rows[down + 3], s.channels},
                                                    reversed.weights, pixels * s.channels, rows[9]));
                detail::write_row<T>(s, dx, t.image, h - 1, t.left, t.right, rows[9], add.dx);
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
