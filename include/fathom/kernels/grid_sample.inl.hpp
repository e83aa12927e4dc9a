// Definitions of grid_sample.hpp. Places and weights are made a row of outputs at a time, then vectors of channels run
// over them. A row of y or of dgrid is written by one thread; so is a band of rows of dx, which goes through the
// outputs that reach it in their order: no atomics, and the same sums for any number of threads.
#pragma once

#include <algorithm>
#include <limits>
#include <vector>

#include "fathom/core/allocator.hpp"
#include "fathom/core/parallel_for.hpp"
#include "fathom/kernels/grid_axis.hpp"
#include "fathom/kernels/grid_sample.hpp"
#include "fathom/kernels/simd.hpp"
#include "fathom/kernels/tuning.hpp"

namespace fathom::inline v0::kernels::detail {

// The pixels of an image that one output is made of.
template <class T>
struct PixelTaps {
    std::int64_t pixel;  // the output's column
    int count;
    std::int64_t offset[16];  // elements from the image's first
    T weight[16];
};

}  // namespace fathom::inline v0::kernels::detail

#define FATHOM_KERNEL "fathom/kernels/grid_sample.kernel.hpp"
#include "fathom/kernels/foreach_isa.hpp"

namespace fathom::inline v0::kernels {
namespace detail {

template <class T>
struct GridPixel {
    GridAxis<T> rows, columns;

    GridPixel(const GridSampleShape& s, const Images<const T>& grid, std::int64_t n, std::int64_t h, std::int64_t w)
        : rows(grid.at(n, h, w)[grid.channel], {s.image.height, s.mode, s.padding, s.align_corners}),
          columns(*grid.at(n, h, w), {s.image.width, s.mode, s.padding, s.align_corners}) {}

    // The pixels of rows [top, bottom) with the products of these weights.
    template <class Stored>
    void taps(const Images<Stored>& image, const T row_weights[4], const T column_weights[4], std::int64_t top,
              std::int64_t bottom, PixelTaps<T>& to) const {
        to.count = 0;
        for (int i = 0; i < rows.count; ++i)
            for (int j = 0; j < columns.count; ++j) {
                if (rows.at[i] < top || rows.at[i] >= bottom || columns.at[j] < 0) continue;
                to.offset[to.count] = rows.at[i] * image.row + columns.at[j] * image.pixel;
                to.weight[to.count++] = row_weights[i] * column_weights[j];
            }
    }
};

inline std::int64_t grid_grain(const GridSampleShape& s) {
    const std::int64_t work = s.out_width * (s.image.channels + tuning::grid_place);
    return std::max<std::int64_t>(1, tuning::grid_grain / std::max<std::int64_t>(1, work));
}

}  // namespace detail

template <class T>
void grid_sample(const GridSampleShape& s, Images<const T> x, Images<const T> grid, Images<T> y, bool accumulate) {
    parallel_for(0, s.image.images * s.out_height, detail::grid_grain(s), [&](std::int64_t first, std::int64_t last) {
        const Scratch scratch(s.out_width * static_cast<std::int64_t>(sizeof(detail::PixelTaps<T>)), "grid_sample");
        auto* const taps = scratch.as<detail::PixelTaps<T>>();  // [out_width]
        for (; first < last; ++first) {
            const std::int64_t n = first / s.out_height, h = first % s.out_height;
            for (std::int64_t w = 0; w < s.out_width; ++w) {
                const detail::GridPixel<T> pixel(s, grid, n, h, w);
                T rows[4], columns[4];
                taps[w].pixel = w, taps[w].count = 0;
                if (pixel.rows.weights(s.derivative[0], rows) && pixel.columns.weights(s.derivative[1], columns))
                    pixel.taps(x, rows, columns, 0, s.image.height, taps[w]);
            }
            FATHOM_DISPATCH(grid_sample_kernel::sample_row<T>(x.at(n, 0, 0), taps, s.out_width, s.image.channels,
                                                              y.at(n, h, 0), y.pixel, accumulate));
        }
    });
}

template <class T>
void grid_sample_input_gradient(const GridSampleShape& s, Images<const T> grid, Images<const T> dy, Images<T> dx,
                                bool accumulate) {
    const std::int64_t height = s.image.height, outputs = s.out_height * s.out_width;
    // The rows of dx that each output reaches: [images, outputs, first and last], last before first for none.
    const Scratch reach(s.image.images * outputs * 2 * static_cast<std::int64_t>(sizeof(std::int64_t)), "grid_sample");
    auto* const reached = reach.as<std::int64_t>();
    parallel_for(0, s.image.images * s.out_height, detail::grid_grain(s), [&](std::int64_t first, std::int64_t last) {
        for (; first < last; ++first)
            for (std::int64_t w = 0; w < s.out_width; ++w) {
                const GridAxis<T> rows(grid.at(first / s.out_height, first % s.out_height, w)[grid.channel],
                                       {height, s.mode, s.padding, s.align_corners});
                std::int64_t* const range = reached + (first * s.out_width + w) * 2;
                range[0] = height, range[1] = -1;
                for (int k = 0; k < rows.count; ++k)
                    if (rows.at[k] >= 0)
                        range[0] = std::min(range[0], rows.at[k]), range[1] = std::max(range[1], rows.at[k]);
            }
    });
    const std::int64_t band = std::max(tuning::grid_band, (height - 1) / tuning::grid_bands + 1),
                       bands = (height + band - 1) / band;
    const std::int64_t work = (outputs / bands + 1) * (s.image.channels + tuning::grid_place);
    parallel_for(
        0, s.image.images * bands, std::max<std::int64_t>(1, tuning::grid_grain / work),
        [&](std::int64_t first, std::int64_t last) {
            const Scratch scratch(s.out_width * static_cast<std::int64_t>(sizeof(detail::PixelTaps<T>)), "grid_sample");
            auto* const taps = scratch.as<detail::PixelTaps<T>>();  // [out_width]
            for (; first < last; ++first) {
                const std::int64_t n = first / bands, top = first % bands * band, bottom = std::min(height, top + band);
                for (std::int64_t h = top; h < bottom && !accumulate; ++h)
                    for (std::int64_t w = 0; w < s.image.width; ++w)
                        std::fill_n(dx.at(n, h, w), s.image.channels, T{0});
                for (std::int64_t h = 0; h < s.out_height; ++h) {
                    const std::int64_t* range = reached + (n * s.out_height + h) * s.out_width * 2;
                    std::int64_t count = 0;
                    for (std::int64_t w = 0; w < s.out_width; ++w, range += 2) {
                        if (range[0] >= bottom || range[1] < top) continue;
                        const detail::GridPixel<T> pixel(s, grid, n, h, w);
                        T rows[4], columns[4];
                        if (!pixel.rows.weights(s.derivative[0], rows) ||
                            !pixel.columns.weights(s.derivative[1], columns))
                            continue;
                        taps[count].pixel = w;
                        pixel.taps(dx, rows, columns, top, bottom, taps[count]);
                        ++count;
                    }
                    FATHOM_DISPATCH(grid_sample_kernel::scatter_row<T>(dx.at(n, 0, 0), taps, count, s.image.channels,
                                                                       dy.at(n, h, 0), dy.pixel));
                }
            }
        });
}

template <class T>
void grid_sample_grid_gradient(const GridSampleShape& s, Images<const T> x, Images<const T> grid, Images<const T> dy,
                               Images<T> dgrid, bool accumulate) {
    parallel_for(0, s.image.images * s.out_height, detail::grid_grain(s), [&](std::int64_t first, std::int64_t last) {
        const Scratch scratch(s.out_width * static_cast<std::int64_t>(sizeof(detail::PixelTaps<T>)), "grid_sample");
        auto* const taps = scratch.as<detail::PixelTaps<T>>();  // [out_width]
        constexpr T ones[4] = {1, 1, 1, 1};
        for (; first < last; ++first) {
            const std::int64_t n = first / s.out_height, h = first % s.out_height;
            for (std::int64_t w = 0; w < s.out_width; ++w) {
                taps[w].pixel = w;
                detail::GridPixel<T>(s, grid, n, h, w).taps(x, ones, ones, 0, s.image.height, taps[w]);
            }
            // Each pixel's product with dy takes the place of its weight.
            FATHOM_DISPATCH(grid_sample_kernel::product_row<T>(x.at(n, 0, 0), taps, s.out_width, s.image.channels,
                                                               dy.at(n, h, 0), dy.pixel));
            for (std::int64_t w = 0; w < s.out_width; ++w) {
                const detail::GridPixel<T> pixel(s, grid, n, h, w);
                T gradient[2] = {};  // horizontal, vertical
                for (int axis = 0; axis < 2; ++axis) {
                    T rows[4], columns[4];
                    if (!pixel.rows.weights(s.derivative[0] + axis, rows) ||
                        !pixel.columns.weights(s.derivative[1] + 1 - axis, columns))
                        continue;
                    detail::PixelTaps<T> weights;
                    pixel.taps(x, rows, columns, 0, s.image.height, weights);
                    for (int k = 0; k < weights.count; ++k) gradient[axis] += weights.weight[k] * taps[w].weight[k];
                }
                T* const to = dgrid.at(n, h, w);
                for (int axis = 0; axis < 2; ++axis) {
                    T& target = to[axis * dgrid.channel];
                    target = accumulate ? target + gradient[axis] : gradient[axis];
                }
            }
        }
    });
}

}  // namespace fathom::inline v0::kernels
