// Definitions of window.hpp. Every row of outputs (backward: of inputs) is written by one thread.
#pragma once

#include <cstring>

#include "fathom/core/allocator.hpp"
#include "fathom/core/list.hpp"
#include "fathom/core/parallel_for.hpp"
#include "fathom/kernels/simd.hpp"
#include "fathom/kernels/tuning.hpp"
#include "fathom/kernels/window.hpp"

namespace fathom::inline v0::kernels::detail {

// One image, channels innermost.
template <class T>
struct WindowPlane {
    T* data;
    std::int64_t row, pixel;

    T* at(std::int64_t h, std::int64_t w) const { return data + h * row + w * pixel; }
};

// What a window covers along one dimension: every step-th index of [begin, end).
struct Taps {
    std::int64_t begin, end, step;
};

inline Taps taps_of(const WindowDimension& windows, std::int64_t i) {
    const IndexRange range = windows.inputs_of(i);
    return {range.begin, range.end, windows.adaptive ? 1 : windows.dilation};
}

// One row of a plane.
template <class T>
struct Pixels {
    T* data;
    std::int64_t pixel;
};

}  // namespace fathom::inline v0::kernels::detail

#define FATHOM_KERNEL "fathom/kernels/window.kernel.hpp"
#include "fathom/kernels/foreach_isa.hpp"

namespace fathom::inline v0::kernels {

using v0::detail::List;
namespace detail {

template <class T>
WindowPlane<T> plane_of(const Images<T>& x, std::int64_t n) {
    return {x.at(n, 0, 0), x.row, x.pixel};
}

// Rows of a task: work is the elements that are read for one.
inline std::int64_t row_grain(std::int64_t work) {
    return std::max<std::int64_t>(1, tuning::window_grain / std::max<std::int64_t>(1, work));
}

}  // namespace detail

template <class T>
void max_pool(const WindowShape& s, Images<const T> x, Images<T> y, Images<T> index) {
    List<detail::Taps> columns;
    for (std::int64_t i = 0; i < s.columns.outputs; ++i) columns.push_back(detail::taps_of(s.columns, i));
    const auto taps = [](const WindowDimension& d) { return d.adaptive ? d.inputs / d.outputs + 1 : d.kernel; };
    const std::int64_t work = s.columns.outputs * taps(s.rows) * taps(s.columns) * s.channels;
    parallel_for(0, s.images * s.rows.outputs, detail::row_grain(work), [&](std::int64_t first, std::int64_t last) {
        for (; first < last; ++first) {
            const std::int64_t n = first / s.rows.outputs, h = first % s.rows.outputs;
            FATHOM_DISPATCH(window_kernel::max_row<T>(
                detail::plane_of(x, n), s.columns.inputs, detail::taps_of(s.rows, h), columns.data(), s.columns.outputs,
                s.channels, {y.at(n, h, 0), y.pixel}, {index.data ? index.at(n, h, 0) : nullptr, index.pixel}));
        }
    });
}

template <class T>
void max_pool_backward(const WindowShape& s, Images<const T> index, Images<const T> dy, Images<T> dx, bool accumulate) {
    constexpr std::int64_t slack = 16;  // elements behind the packed row that vectors may write
    const ImageShape shape{s.images, s.channels, s.rows.inputs, s.columns.inputs};
    List<IndexRange> columns;
    for (std::int64_t i = 0; i < shape.width; ++i) columns.push_back(s.columns.outputs_of(i));
    const bool in_place = detail::whole_vectors<T>(s.channels);
    const std::int64_t length = in_place ? 0 : shape.width * s.channels + slack,
                       grain = detail::row_grain(4 * shape.width * s.channels);
    parallel_for(0, s.images * shape.height, grain, [&](std::int64_t first, std::int64_t last) {
        const Scratch scratch(length * static_cast<std::int64_t>(sizeof(T)), "max_pool");
        for (; first < last; ++first) {
            const std::int64_t n = first / shape.height, h = first % shape.height;
            const detail::Pixels<T> row =
                in_place ? detail::Pixels<T>{dx.at(n, h, 0), dx.pixel} : detail::Pixels<T>{scratch.as<T>(), s.channels};
            FATHOM_DISPATCH(window_kernel::gradient_row<T>(detail::plane_of(index, n), detail::plane_of(dy, n),
                                                           h * shape.width, s.rows.outputs_of(h), columns.data(),
                                                           shape.width, s.channels, row, in_place && accumulate));
            if (!in_place) detail::write_row<T>(shape, dx, n, h, 0, shape.width, row.data, accumulate);
        }
    });
}

template <class T>
void take(const WindowShape& s, Images<const T> x, Images<const T> index, Images<T> y) {
    const std::int64_t width = s.columns.inputs, grain = detail::row_grain(s.columns.outputs * s.channels);
    parallel_for(0, s.images * s.rows.outputs, grain, [&](std::int64_t first, std::int64_t last) {
        for (; first < last; ++first) {
            const std::int64_t n = first / s.rows.outputs, h = first % s.rows.outputs;
            for (std::int64_t w = 0; w < s.columns.outputs; ++w)
                for (std::int64_t c = 0; c < s.channels; ++c) {
                    WindowIndex<T> place;
                    std::memcpy(&place, index.at(n, h, w) + c, sizeof place);
                    y.at(n, h, w)[c] = x.at(n, place / width, place % width)[c];
                }
        }
    });
}

}  // namespace fathom::inline v0::kernels
