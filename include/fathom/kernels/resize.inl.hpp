// Definitions of resize.hpp. Every row of y is written by one thread: first the rows of x that it needs are summed into
// a buffer, a tile of columns at a time, then the buffer's pixels into y.
#pragma once

#include <algorithm>

#include "fathom/core/allocator.hpp"
#include "fathom/core/parallel_for.hpp"
#include "fathom/kernels/resize.hpp"
#include "fathom/kernels/simd.hpp"
#include "fathom/kernels/tuning.hpp"

#define FATHOM_KERNEL "fathom/kernels/resize.kernel.hpp"
#include "fathom/kernels/foreach_isa.hpp"

namespace fathom::inline v0::kernels {
namespace detail {

// Outputs that are made together, and the inputs that they use.
struct ColumnTile {
    IndexRange outputs, inputs;
};

// Tiles of as many inputs as stay in the first cache.
inline List<ColumnTile> column_tiles(const Resampling& columns, std::int64_t channels) {
    const std::int64_t outputs = columns.outputs();
    const std::int64_t width =
        std::max(tuning::resize_least_columns,
                 outputs * tuning::resize_inputs / std::max<std::int64_t>(1, columns.inputs * channels));
    List<ColumnTile> tiles;
    for (std::int64_t begin = 0; begin < outputs; begin += width) {
        ColumnTile tile{{begin, std::min(begin + width, outputs)}, {columns.inputs, 0}};
        for (std::int64_t i = tile.outputs.begin; i < tile.outputs.end; ++i) {
            if (columns.count(i) == 0) continue;
            const std::int64_t first = columns.first[static_cast<std::size_t>(i)];
            tile.inputs.begin = std::min(tile.inputs.begin, first);
            tile.inputs.end = std::max(tile.inputs.end, first + columns.count(i));
        }
        if (tile.inputs.end == 0) tile.inputs.begin = 0;
        tiles.push_back(tile);
    }
    return tiles;
}

template <class T>
List<T> weights_as(const Resampling& map) {
    List<T> weights;
    for (double w : map.weights) weights.push_back(static_cast<T>(w));
    return weights;
}

}  // namespace detail

template <class T>
void resize(std::int64_t images, std::int64_t channels, const Resampling& rows, const Resampling& columns,
            Images<const T> x, Images<T> y, bool accumulate) {
    constexpr std::int64_t slack = 16;  // elements behind a buffer that vectors may read and write
    const List<T> row_weights = detail::weights_as<T>(rows), column_weights = detail::weights_as<T>(columns);
    const List<detail::ColumnTile> tiles = detail::column_tiles(columns, channels);
    std::int64_t most_inputs = 0, most_outputs = 0;
    for (const detail::ColumnTile& tile : tiles) {
        most_inputs = std::max(most_inputs, tile.inputs.end - tile.inputs.begin);
        most_outputs = std::max(most_outputs, tile.outputs.end - tile.outputs.begin);
    }
    const bool in_place = detail::whole_vectors<T>(channels);
    // Outputs of a row before this one are written in place too: a pixel's last vector reaches into the next pixels,
    // which are written after it, but not into the next row, which may be another thread's.
    const std::int64_t overlapping =
        in_place || accumulate || y.pixel != channels || y.channel != 1
            ? 0
            : std::max<std::int64_t>(0, columns.outputs() - (slack + channels - 1) / channels);
    const std::int64_t sums_length = most_inputs * channels + slack;
    const std::int64_t length = sums_length + (in_place ? 0 : most_outputs * channels + slack);
    const ImageShape shape{images, channels, rows.outputs(), columns.outputs()};
    const std::int64_t rows_per_output =
        static_cast<std::int64_t>(rows.weights.size()) / std::max<std::int64_t>(1, shape.height);
    const std::int64_t work = (columns.inputs * rows_per_output + shape.width) * channels;
    const std::int64_t grain = std::max<std::int64_t>(1, tuning::resize_grain / std::max<std::int64_t>(1, work));
    parallel_for(0, images * shape.height, grain, [&](std::int64_t begin, std::int64_t end) {
        const Scratch scratch(length * static_cast<std::int64_t>(sizeof(T)), "resize");
        T* const sums = scratch.as<T>();       // [inputs, channels]
        T* const packed = sums + sums_length;  // [outputs, channels]
        std::fill(sums, sums + length, T{0});
        for (; begin < end; ++begin) {
            const std::int64_t n = begin / shape.height, h = begin % shape.height;
            const std::int64_t first_row = rows.first[static_cast<std::size_t>(h)];
            const T* const w = row_weights.data() + rows.begin[static_cast<std::size_t>(h)];
            for (const detail::ColumnTile& tile : tiles) {
                const std::int64_t left = tile.inputs.begin, right = tile.inputs.end;
                const auto [i, last] = tile.outputs;
                FATHOM_DISPATCH(resize_kernel::row_sums<T>(x.at(n, first_row, left), x.row, x.pixel, w, rows.count(h),
                                                           right - left, channels, sums));
                const auto column_sums = [&](std::int64_t from, std::int64_t to, T* out, std::int64_t pixel) {
                    FATHOM_DISPATCH(resize_kernel::column_sums<T>(
                        sums, left, columns.first.data() + from, columns.begin.data() + from, column_weights.data(),
                        to - from, channels, out, pixel, in_place && accumulate));
                };
                const std::int64_t direct = in_place ? last : std::clamp(overlapping, i, last);
                column_sums(i, direct, y.at(n, h, i), y.pixel);
                column_sums(direct, last, packed, channels);
                if (direct < last) detail::write_row<T>(shape, y, n, h, direct, last, packed, accumulate);
            }
        }
    });
}

}  // namespace fathom::inline v0::kernels
