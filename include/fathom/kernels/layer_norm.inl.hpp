// Definitions of layer_norm.hpp. Rows that do not lie side by side go through a buffer. Sums over rows are those of
// batch_norm.inl.hpp: tiles of 64 rows in T, small enough for its precision, and from there in double.
#pragma once

#include <algorithm>
#include <vector>

#include "fathom/core/allocator.hpp"
#include "fathom/core/parallel_for.hpp"
#include "fathom/kernels/layer_norm.hpp"
#include "fathom/kernels/simd.hpp"
#include "fathom/kernels/tuning.hpp"

namespace fathom::inline v0::kernels::detail {

// What the gradients of a row are made from.
template <class T>
struct NormRow {
    const T *x, *dy, *w;  // [features]; w may be null
    T mean, inverse_std;
};

}  // namespace fathom::inline v0::kernels::detail

#define FATHOM_KERNEL "fathom/kernels/layer_norm.kernel.hpp"
#include "fathom/kernels/foreach_isa.hpp"

namespace fathom::inline v0::kernels {
namespace detail {

// Rows of one operand, each as contiguous memory: in place, or through a buffer of its own.
template <class T>
class RowBuffer {
public:
    RowBuffer(const Loop& features, int operand)
        : features_(features),
          operand_(operand),
          width_(features.numel()),
          in_place_(features.rank == 1 && (features.stride[operand][0] == 1 || features.size[0] == 1)),
          buffer_(in_place_ ? 0 : width_ * static_cast<std::int64_t>(sizeof(T)), "layer_norm") {}

    // The elements of the row that begins at `row`.
    const T* read(const T* row) const {
        if (in_place_) return row;
        gather(features_, operand_, LoopPosition(features_, 0), row, buffer_.as<T>(), sizeof(T), width_);
        return buffer_.as<T>();
    }
    // Where to write them; put() then brings them to where they belong.
    T* place(T* row) const { return in_place_ ? row : buffer_.as<T>(); }
    void put(T* row) const {
        if (!in_place_)
            scatter(features_, operand_, LoopPosition(features_, 0), row, buffer_.as<T>(), sizeof(T), width_);
    }

private:
    const Loop& features_;
    int operand_;
    std::int64_t width_;
    bool in_place_;
    Scratch buffer_;
};

}  // namespace detail

template <class T>
void layer_norm(const Loop& rows, const Loop& features, const T* x, T* y, const T* w, const T* b, T* mean,
                T* inverse_std, double eps) {
    const std::int64_t width = features.numel();
    if (width == 0) return;
    const std::int64_t grain = std::max<std::int64_t>(1, tuning::norm_grain / width);
    parallel_for(0, rows.numel(), grain, [&](std::int64_t first, std::int64_t last) {
        const detail::RowBuffer<T> from(features, 0), to(features, 1);
        LoopPosition at(rows, first);
        for (; first < last; ++first, at.advance(rows, 1)) {
            FATHOM_DISPATCH(layer_norm_kernel::forward<T>(from.read(x + at.offset[0]), to.place(y + at.offset[1]), w, b,
                                                          width, static_cast<T>(eps), mean + first,
                                                          inverse_std + first));
            to.put(y + at.offset[1]);
        }
    });
}

template <class T>
void layer_norm_backward(const Loop& rows, const Loop& features, const T* x, const T* dy, T* dx, const T* w,
                         const T* mean, const T* inverse_std, bool add_dx, const LayerNormWeights<T>& weights) {
    const std::int64_t width = features.numel(), count = rows.numel();
    const bool sums = weights.dw || weights.db;
    // Enough elements in a chunk, and where there are sums not too many chunks, since each keeps its own.
    const std::int64_t enough = std::max<std::int64_t>(1, tuning::norm_grain / std::max<std::int64_t>(1, width)),
                       grain = std::max(enough, sums ? (count - 1) / tuning::norm_chunks + 1 : 1),
                       chunks = (count + grain - 1) / grain, padded = (width + 15) / 16 * 16;
    std::vector<double> parts(static_cast<std::size_t>(sums ? chunks * 2 * width : 0));  // [chunks, 2, width]: dw, db
    parallel_for(0, count, grain, [&](std::int64_t first, std::int64_t last) {
        const detail::RowBuffer<T> x_rows(features, 0), dy_rows(features, 1), dx_rows(features, 2);
        const Scratch tile(sums ? 2 * padded * static_cast<std::int64_t>(sizeof(T)) : 0, "layer_norm");
        T* const tile_sums = tile.as<T>();  // [2, padded]
        double* const own = sums ? parts.data() + first / grain * 2 * width : nullptr;
        LoopPosition at(rows, first);
        for (std::int64_t i = first; i < last; ++i, at.advance(rows, 1)) {
            const detail::NormRow<T> row{x_rows.read(x + at.offset[0]), dy_rows.read(dy + at.offset[1]), w, mean[i],
                                         inverse_std[i]};
            if (dx) {
                T* const to = dx_rows.place(dx + at.offset[2]);
                if (add_dx) dx_rows.read(dx + at.offset[2]);
                FATHOM_DISPATCH(layer_norm_kernel::input_gradient<T>(row, width, to, add_dx));
                dx_rows.put(dx + at.offset[2]);
            }
            if (!sums) continue;
            const std::int64_t in_tile = (i - first) % tuning::norm_rows;
            if (in_tile == 0) std::fill_n(tile_sums, 2 * padded, T{});
            FATHOM_DISPATCH(layer_norm_kernel::add_weight_gradients<T>(row, width, tile_sums, tile_sums + padded));
            if (in_tile == tuning::norm_rows - 1 || i == last - 1)
                for (std::int64_t k = 0; k < width; ++k) {
                    own[k] += static_cast<double>(tile_sums[k]);
                    own[width + k] += static_cast<double>(tile_sums[padded + k]);
                }
        }
    });
    if (!sums) return;
    LoopPosition at(weights.features, 0);
    for (std::int64_t k = 0; k < width; ++k, at.advance(weights.features, 1)) {
        double sum[2] = {};
        for (std::int64_t c = 0; c < chunks; ++c)
            for (int s = 0; s < 2; ++s) sum[s] += parts[static_cast<std::size_t>((c * 2 + s) * width + k)];
        const auto write = [](T& to, double value, bool add) {
            to = add ? to + static_cast<T>(value) : static_cast<T>(value);
        };
        if (weights.dw) write(weights.dw[at.offset[0]], sum[0], weights.add_dw);
        if (weights.db) write(weights.db[at.offset[1]], sum[1], weights.add_db);
    }
}

}  // namespace fathom::inline v0::kernels
