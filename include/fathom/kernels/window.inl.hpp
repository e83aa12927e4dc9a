// Definitions of window.hpp. Every row of outputs (backward: of inputs) is written by one thread.
#pragma once

#include <cstring>
#include <vector>

#include "fathom/core/parallel_for.hpp"
#include "fathom/kernels/simd.hpp"
#include "fathom/kernels/window.hpp"

namespace fathom::inline v0::kernels::detail {

// One image, channels innermost.
template <class T>
struct Plane {
    T* data;
    std::int64_t row, pixel;

    T* at(std::int64_t h, std::int64_t w) const { return data + h * row + w * pixel; }
};

// One row of it.
template <class T>
struct Pixels {
    T* data;
    std::int64_t pixel;
};

}  // namespace fathom::inline v0::kernels::detail

#define FATHOM_KERNEL "fathom/kernels/window.kernel.hpp"
#include "fathom/kernels/foreach_isa.hpp"

namespace fathom::inline v0::kernels {
namespace detail {

template <class T>
Plane<T> plane_of(const Images<T>& x, std::int64_t n) {
    return {x.at(n, 0, 0), x.row, x.pixel};
}

// Calls f(image, row) for all of them. work: elements read for a row.
template <class F>
void for_image_rows(std::int64_t images, std::int64_t rows, std::int64_t work, F f) {
    const std::int64_t grain = std::max<std::int64_t>(1, 32768 / std::max<std::int64_t>(1, work));
    parallel_for(0, images * rows, grain, [&](std::int64_t first, std::int64_t last) {
        for (; first < last; ++first) f(first / rows, first % rows);
    });
}

}  // namespace detail

template <class T>
void max_pool(const WindowShape& s, Images<const T> x, Images<T> y, Images<T> index) {
    std::vector<Range> columns;
    for (std::int64_t i = 0; i < s.columns.outputs; ++i) columns.push_back(s.columns.inputs_of(i));
    const std::int64_t work = s.columns.outputs * s.rows.kernel * s.columns.kernel * s.channels;
    detail::for_image_rows(s.images, s.rows.outputs, work, [&](std::int64_t n, std::int64_t h) {
        FATHOM_DISPATCH(window_kernel::max_row<T>(
            detail::plane_of(x, n), s.columns.inputs, s.rows.inputs_of(h), columns.data(), s.columns.outputs,
            s.channels, {y.at(n, h, 0), y.pixel}, {index.data ? index.at(n, h, 0) : nullptr, index.pixel}));
    });
}

template <class T>
void max_pool_backward(const WindowShape& s, Images<const T> index, Images<const T> dy, Images<T> dx, bool accumulate) {
    std::vector<Range> columns;
    for (std::int64_t i = 0; i < s.columns.inputs; ++i) columns.push_back(s.columns.outputs_of(i));
    detail::for_image_rows(
        s.images, s.rows.inputs, 4 * s.columns.inputs * s.channels, [&](std::int64_t n, std::int64_t h) {
            FATHOM_DISPATCH(window_kernel::gradient_row<T>(
                detail::plane_of(index, n), detail::plane_of(dy, n), h * s.columns.inputs, s.rows.outputs_of(h),
                columns.data(), s.columns.inputs, s.channels, {dx.at(n, h, 0), dx.pixel}, accumulate));
        });
}

template <class T>
void take(const WindowShape& s, Images<const T> x, Images<const T> index, Images<T> y) {
    const std::int64_t width = s.columns.inputs;
    detail::for_image_rows(s.images, s.rows.outputs, s.columns.outputs * s.channels,
                           [&](std::int64_t n, std::int64_t h) {
                               for (std::int64_t w = 0; w < s.columns.outputs; ++w)
                                   for (std::int64_t c = 0; c < s.channels; ++c) {
                                       WindowIndex<T> place;
                                       std::memcpy(&place, index.at(n, h, w) + c, sizeof place);
                                       y.at(n, h, w)[c] = x.at(n, place / width, place % width)[c];
                                   }
                           });
}

}  // namespace fathom::inline v0::kernels
