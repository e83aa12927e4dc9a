// Definitions of softmax.hpp.
#pragma once

#include <algorithm>

#include "fathom/core/allocator.hpp"
#include "fathom/core/parallel_for.hpp"
#include "fathom/kernels/class_tile.hpp"
#include "fathom/kernels/math.hpp"
#include "fathom/kernels/softmax.hpp"

#define FATHOM_KERNEL "fathom/kernels/softmax.kernel.hpp"
#include "fathom/kernels/foreach_isa.hpp"

namespace fathom::inline v0::kernels {

template <class T>
void softmax(const Loop& positions, std::int64_t classes,
             const T* x,  // [positions, classes]
             std::int64_t x_stride,
             T* y,  // [positions, classes]
             std::int64_t y_stride, bool log) {
    if (classes == 0) return;
    const std::int64_t buffer_elements = classes * detail::tile_positions;
    parallel_for(0, positions.numel(), detail::tile_grain(classes), [&](std::int64_t first, std::int64_t last) {
        const Scratch scratch(2 * buffer_elements * static_cast<std::int64_t>(sizeof(T)), "softmax");
        T *x_buffer = scratch.as<T>(), *y_buffer = x_buffer + buffer_elements;  // [classes, 64] each
        LoopPosition at(positions, first);
        for (; first < last; first += detail::tile_positions) {
            const detail::ClassTile tile(positions, at, std::min(last - first, detail::tile_positions));
            const auto from = detail::tile_to_read(tile, 0, x, x_stride, classes, x_buffer);
            const auto to = detail::tile_to_write(tile, 1, y, y_stride, y_buffer);
            FATHOM_DISPATCH(softmax_kernel::forward<T>(from.data, from.stride, to.data, to.stride, classes, log));
            detail::finish_writing(tile, 1, y, y_stride, classes, y_buffer, false);
        }
    });
}

template <class T>
void softmax_backward(const Loop& positions, std::int64_t classes,
                      const T* y,  // [positions, classes]
                      std::int64_t y_stride,
                      const T* dy,  // [positions, classes]
                      std::int64_t dy_stride,
                      T* dx,  // [positions, classes]
                      std::int64_t dx_stride, bool log, bool accumulate) {
    if (classes == 0) return;
    const std::int64_t buffer_elements = classes * detail::tile_positions;
    parallel_for(0, positions.numel(), detail::tile_grain(classes), [&](std::int64_t first, std::int64_t last) {
        const Scratch scratch(3 * buffer_elements * static_cast<std::int64_t>(sizeof(T)), "softmax");
        T* const y_buffer = scratch.as<T>();               // [classes, 64]
        T* const dy_buffer = y_buffer + buffer_elements;   // [classes, 64]
        T* const dx_buffer = dy_buffer + buffer_elements;  // [classes, 64]
        LoopPosition at(positions, first);
        for (; first < last; first += detail::tile_positions) {
            const detail::ClassTile tile(positions, at, std::min(last - first, detail::tile_positions));
            const auto y_rows = detail::tile_to_read(tile, 0, y, y_stride, classes, y_buffer);
            const auto dy_rows = detail::tile_to_read(tile, 1, dy, dy_stride, classes, dy_buffer);
            const auto dx_rows = detail::tile_to_write(tile, 2, dx, dx_stride, dx_buffer);
            FATHOM_DISPATCH(softmax_kernel::backward<T>(y_rows.data, y_rows.stride, dy_rows.data, dy_rows.stride,
                                                        dx_rows.data, dx_rows.stride, classes, log,
                                                        accumulate && tile.contiguous[2]));
            detail::finish_writing(tile, 2, dx, dx_stride, classes, dx_buffer, accumulate);
        }
    });
}

}  // namespace fathom::inline v0::kernels
