// Definitions of cross_entropy.hpp.
#pragma once

#include <algorithm>
#include <atomic>

#include "fathom/core/allocator.hpp"
#include "fathom/core/parallel_for.hpp"
#include "fathom/kernels/class_tile.hpp"
#include "fathom/kernels/cross_entropy.hpp"
#include "fathom/kernels/math.hpp"

namespace fathom::inline v0::kernels::detail {

// What the kernels need beside the rows of a tile.
template <class T>
struct CrossEntropyTile {
    std::int64_t classes;
    const T* weight;                      // [classes], or null: all ones
    T weight_sum;                         // of all classes; 0 without smoothing, when it has no part
    T target_share, rest_share;           // 1 - s, s / C
    std::int64_t target[tile_positions];  // [64], -1: ignored
    T label[tile_positions];              // [64], the same as T, to compare in vectors
    T target_weight[tile_positions];      // [64]
};

}  // namespace fathom::inline v0::kernels::detail

#define FATHOM_KERNEL "fathom/kernels/cross_entropy.kernel.hpp"
#include "fathom/kernels/foreach_isa.hpp"

namespace fathom::inline v0::kernels {
namespace detail {

// f(tile, its rows of logits, CrossEntropyTile, its scratch [classes, 64]) of either pass.
template <class T>
struct ClassTileFunction {
    void (*call)(const void* context, const ClassTile& tile, TileRows<const T> rows, const CrossEntropyTile<T>& t,
                 T* scratch);
    const void* context;
};
template <class T, class F>
ClassTileFunction<T> class_tile_function(const F& f) {
    return {[](const void* context, const ClassTile& tile, TileRows<const T> rows, const CrossEntropyTile<T>& t,
               T* scratch) { (*static_cast<const F*>(context))(tile, rows, t, scratch); },
            &f};
}

// Calls f for each tile; false where a target is no class.
template <class T>
bool for_class_tiles(const CrossEntropyShape& s,
                     const T* logits,             // [positions, classes]
                     const std::int64_t* target,  // [positions]
                     const T* weight,             // [classes] or null
                     ClassTileFunction<T> f) {
    if (s.classes == 0 || s.positions.numel() == 0) return true;
    const std::int64_t buffer_elements = s.classes * tile_positions;
    std::atomic<bool> valid{true};
    parallel_for(0, s.positions.numel(), tile_grain(s.classes), [&](std::int64_t first, std::int64_t last) {
        const Scratch scratch((2 * buffer_elements + s.classes) * static_cast<std::int64_t>(sizeof(T)),
                              "cross_entropy");
        T* const logits_buffer = scratch.template as<T>();      // [classes, 64]
        T* const out_buffer = logits_buffer + buffer_elements;  // [classes, 64]
        T* const weights = out_buffer + buffer_elements;        // [classes]
        CrossEntropyTile<T> t{};
        t.classes = s.classes;
        t.weight = weight ? weights : nullptr;
        t.target_share = static_cast<T>(1 - s.label_smoothing);
        t.rest_share = static_cast<T>(s.label_smoothing / static_cast<double>(s.classes));
        for (std::int64_t c = 0; weight && c < s.classes; ++c) weights[c] = weight[c * s.weight_stride];
        for (std::int64_t c = 0; t.rest_share != T{0} && c < s.classes; ++c) t.weight_sum += weight ? weights[c] : T{1};
        LoopPosition at(s.positions, first);
        for (; first < last; first += tile_positions) {
            const ClassTile tile(s.positions, at, std::min(last - first, tile_positions));
            for (std::int64_t j = 0; j < tile_positions; ++j) {
                const std::int64_t label = j < tile.count ? target[tile.offset[1][j]] : s.ignore_index;
                const bool counts = label != s.ignore_index && label >= 0 && label < s.classes;
                if (!counts && label != s.ignore_index) valid.store(false, std::memory_order_relaxed);
                t.target[j] = counts ? label : -1;
                t.label[j] = static_cast<T>(t.target[j]);
                t.target_weight[j] = !counts ? T{0} : weight ? weights[label] : T{1};
            }
            f.call(f.context, tile, tile_to_read(tile, 0, logits, s.logits_stride, s.classes, logits_buffer), t,
                   out_buffer);
        }
    });
    return valid.load(std::memory_order_relaxed);
}

}  // namespace detail

template <class T>
bool cross_entropy(const CrossEntropyShape& s,
                   const T* logits,             // [positions, classes]
                   const std::int64_t* target,  // [positions]
                   const T* weight,             // [classes] or null
                   T* loss,                     // [positions]
                   T* target_weight) {          // [positions] or null
    const auto forward = [&](const detail::ClassTile& tile, auto rows, const detail::CrossEntropyTile<T>& t, T*) {
        T values[detail::tile_positions];  // [64]
        FATHOM_DISPATCH(cross_entropy_kernel::forward<T>(rows.data, rows.stride, t, values));
        for (std::int64_t j = 0; j < tile.count; ++j) loss[tile.offset[2][j]] = values[j];
        for (std::int64_t j = 0; target_weight && j < tile.count; ++j)
            target_weight[tile.offset[3][j]] = t.target_weight[j];
    };
    return detail::for_class_tiles(s, logits, target, weight, detail::class_tile_function<T>(forward));
}

template <class T>
void cross_entropy_backward(const CrossEntropyShape& s,
                            const T* logits,             // [positions, classes]
                            const std::int64_t* target,  // [positions]
                            const T* weight,             // [classes] or null
                            const T* dloss,              // [positions]
                            T* dlogits,                  // [positions, classes]
                            bool accumulate) {
    const auto backward = [&](const detail::ClassTile& tile, auto rows, const detail::CrossEntropyTile<T>& t,
                              T* buffer) {
        T factors[detail::tile_positions] = {};  // [64]
        for (std::int64_t j = 0; j < tile.count; ++j) factors[j] = t.target[j] < 0 ? T{0} : dloss[tile.offset[2][j]];
        const auto out = detail::tile_to_write(tile, 3, dlogits, s.dlogits_stride, buffer);
        FATHOM_DISPATCH(cross_entropy_kernel::backward<T>(rows.data, rows.stride, t, factors, out.data, out.stride,
                                                          accumulate && tile.contiguous[3]));
        detail::finish_writing(tile, 3, dlogits, s.dlogits_stride, s.classes, buffer, accumulate);
    };
    detail::for_class_tiles(s, logits, target, weight, detail::class_tile_function<T>(backward));
}

}  // namespace fathom::inline v0::kernels
