// Definitions of pad.hpp. Plain loops, the same for every ISA.
#pragma once

#include <algorithm>
#include <utility>

#include "fathom/core/list.hpp"
#include "fathom/core/parallel_for.hpp"
#include "fathom/kernels/pad.hpp"
#include "fathom/kernels/tuning.hpp"

namespace fathom::inline v0::kernels {

using v0::detail::List;

namespace detail {

// Where element i of the padded dimension comes from; -1: from nowhere.
inline std::int64_t pad_source(const PadDimension& d, Pad mode, std::int64_t i) {
    i -= d.before;
    if (mode == Pad::replicate) return std::clamp<std::int64_t>(i, 0, d.size - 1);
    if (mode == Pad::reflect && i < 0) return -i;
    if (mode == Pad::reflect && i >= d.size) return 2 * d.size - 2 - i;
    if (mode == Pad::circular && i < 0) return i + d.size;
    if (mode == Pad::circular && i >= d.size) return i - d.size;
    return i < 0 || i >= d.size ? -1 : i;
}

inline List<std::int64_t> pad_sources(const PadDimension& d, Pad mode) {
    List<std::int64_t> from;
    for (std::int64_t i = 0; i < d.padded_size; ++i) from.push_back(pad_source(d, mode, i));
    return from;
}

// For each element of the unpadded dimension the padded ones that come from it, in ascending order: items[begin[i]] to
// items[begin[i + 1]].
struct PadTargets {
    List<std::int64_t> begin, items;

    PadTargets(const PadDimension& d, Pad mode) {
        begin.resize(static_cast<std::size_t>(d.size) + 1);
        const List<std::int64_t> from = pad_sources(d, mode);
        for (const std::int64_t i : from)
            if (i >= 0) ++begin[static_cast<std::size_t>(i) + 1];
        for (std::size_t i = 1; i < begin.size(); ++i) begin[i] += begin[i - 1];
        items.resize(static_cast<std::size_t>(begin.back()));
        List<std::int64_t> next;
        for (const std::int64_t i : begin) next.push_back(i);
        for (std::size_t k = 0; k < from.size(); ++k)
            if (from[k] >= 0)
                items[static_cast<std::size_t>(next[static_cast<std::size_t>(from[k])]++)] =
                    static_cast<std::int64_t>(k);
    }
};

// Calls f(position of the first plane, planes) for rows 0 to rows - 1 of groups of planes: those that lie side by side
// (channels-last) go together.
template <class F>
void for_plane_rows(const Loop& planes, std::int64_t rows, std::int64_t row_elements, F f) {
    const bool together = planes.stride[0][0] == 1 && planes.stride[1][0] == 1;
    const std::int64_t width = together ? planes.size[0] : 1, groups = width == 0 ? 0 : planes.numel() / width;
    const std::int64_t grain =
        std::max<std::int64_t>(1, tuning::pad_grain / std::max<std::int64_t>(1, row_elements * width));
    parallel_for(0, groups * rows, grain, [&](std::int64_t first, std::int64_t last) {
        for (; first < last; ++first) f(LoopPosition(planes, first / rows * width), width, first % rows);
    });
}

}  // namespace detail

template <class T>
void pad(const PadShape& s,
         const T* x,  // [planes, height, width]
         T* y,        // [planes, padded height, padded width]
         T value, bool accumulate) {
    const auto rows = detail::pad_sources(s.height, s.mode), columns = detail::pad_sources(s.width, s.mode);
    detail::for_plane_rows(
        s.planes, s.height.padded_size, s.width.padded_size,
        [&](const LoopPosition& at, std::int64_t planes, std::int64_t row) {
            const std::int64_t from_row = rows[static_cast<std::size_t>(row)];
            T* to = y + at.offset[1] + row * s.height.padded_stride;
            for (std::int64_t column = 0; column < s.width.padded_size; ++column, to += s.width.padded_stride) {
                const std::int64_t from_column = columns[static_cast<std::size_t>(column)];
                const T* from = from_row < 0 || from_column < 0
                                    ? nullptr
                                    : x + at.offset[0] + from_row * s.height.stride + from_column * s.width.stride;
                for (std::int64_t c = 0; c < planes; ++c) {
                    const T v = from ? from[c] : value;
                    to[c] = accumulate ? static_cast<T>(to[c] + v) : v;
                }
            }
        });
}

template <class T>
void pad_backward(const PadShape& s,
                  T* dx,        // [planes, height, width]
                  const T* dy,  // [planes, padded height, padded width]
                  bool accumulate) {
    const detail::PadTargets rows(s.height, s.mode), columns(s.width, s.mode);
    detail::for_plane_rows(
        s.planes, s.height.size, s.width.size, [&](const LoopPosition& at, std::int64_t planes, std::int64_t row) {
            const auto range = [](const detail::PadTargets& t, std::int64_t i) {
                return std::pair(t.begin[static_cast<std::size_t>(i)], t.begin[static_cast<std::size_t>(i) + 1]);
            };
            const auto [first_row, last_row] = range(rows, row);
            T* to = dx + at.offset[0] + row * s.height.stride;
            for (std::int64_t column = 0; column < s.width.size; ++column, to += s.width.stride) {
                const auto [first_column, last_column] = range(columns, column);
                for (std::int64_t c = 0; c < planes; ++c) {
                    T sum{};
                    for (std::int64_t i = first_row; i < last_row; ++i)
                        for (std::int64_t j = first_column; j < last_column; ++j)
                            sum += dy[at.offset[1] + rows.items[static_cast<std::size_t>(i)] * s.height.padded_stride +
                                      columns.items[static_cast<std::size_t>(j)] * s.width.padded_stride + c];
                    to[c] = accumulate ? to[c] + sum : sum;
                }
            }
        });
}

}  // namespace fathom::inline v0::kernels
