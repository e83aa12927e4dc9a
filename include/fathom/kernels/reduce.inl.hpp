// Definitions of reduce.hpp. Two ways through memory: where the innermost dimension is reduced, rows to one number
// each; otherwise rows are added up column by column. What is strided goes through a buffer.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <type_traits>

#include "fathom/core/allocator.hpp"
#include "fathom/core/float_bits.hpp"
#include "fathom/core/parallel_for.hpp"
#include "fathom/kernels/class_tile.hpp"
#include "fathom/kernels/reduce.hpp"
#include "fathom/kernels/simd.hpp"
#include "fathom/kernels/tuning.hpp"

namespace fathom::inline v0::kernels::detail {

// What partial results are held in.
template <class T, Reduce op>
using RunningTotal =
    std::conditional_t<!accumulates(op), T, std::conditional_t<std::is_floating_point_v<T>, double, std::int64_t>>;

template <class T, Reduce op>
constexpr RunningTotal<T, op> reduction_start() {
    using Limits = std::numeric_limits<T>;
    if constexpr (accumulates(op))
        return op == Reduce::product ? 1 : 0;
    else if constexpr (op == Reduce::max)
        return Limits::has_infinity ? -Limits::infinity() : Limits::lowest();
    else
        return Limits::has_infinity ? Limits::infinity() : Limits::max();
}

// Does x take the place of `best`? Equal values do not: the first stays. A NaN does unless one is there.
template <Reduce op, class T>
bool replaces(T x, T best) {
    if (is_nan(best)) return false;
    return is_nan(x) || (op == Reduce::max ? x > best : x < best);
}

// Two partial results to one.
template <Reduce op, class P>
P combine(P a, P b) {
    using Wraps = std::conditional_t<std::is_integral_v<P>, std::uint64_t, P>;
    if constexpr (!accumulates(op))
        return replaces<op>(b, a) ? b : a;
    else if constexpr (op == Reduce::product)
        return static_cast<P>(static_cast<Wraps>(a) * static_cast<Wraps>(b));
    else
        return static_cast<P>(static_cast<Wraps>(a) + static_cast<Wraps>(b));
}
// A partial result and an element.
template <Reduce op, class P>
P include(P total, P element) {
    return combine<op, P>(total, op == Reduce::norm ? element * element : element);
}

}  // namespace fathom::inline v0::kernels::detail

#define FATHOM_KERNEL "fathom/kernels/reduce.kernel.hpp"
#include "fathom/kernels/foreach_isa.hpp"

namespace fathom::inline v0::kernels {

FATHOM_INLINE ReduceLoops make_reduce_loops(int rank,
                                            const std::int64_t* in_shape,       // [rank]
                                            const std::int64_t* in_strides,     // [rank]
                                            const std::int64_t* out_shape,      // [rank]
                                            const std::int64_t* out_strides,    // [rank]
                                            const std::int64_t* index_strides,  // [rank] or null
                                            LoopOrder order) {
    std::int64_t kept[max_rank] = {}, reduced[max_rank] = {};
    for (int d = 0; d < rank; ++d) {
        const bool is_reduced = out_shape[d] == 1 && in_shape[d] != 1;
        kept[d] = is_reduced ? 1 : in_shape[d];
        reduced[d] = is_reduced ? in_shape[d] : 1;
    }
    const std::int64_t* strides[] = {in_strides, out_strides, index_strides ? index_strides : out_strides};
    return {make_loop(3, rank, kept, strides), make_loop(1, rank, reduced, strides, order)};
}

namespace detail {

// n contiguous elements to one number.
template <class T, Reduce op>
RunningTotal<T, op> reduce_row(const T* x,  // [n]
                               std::int64_t n) {
    if constexpr (std::is_floating_point_v<T>) {
        return FATHOM_DISPATCH(reduce_kernel::row<T, op>(x, n));
    } else {
        auto total = reduction_start<T, op>();
        for (std::int64_t i = 0; i < n; ++i) total = include<op, RunningTotal<T, op>>(total, x[i]);
        return total;
    }
}

// totals[j] combined with x[r * row_stride + j] for every r.
template <class T, Reduce op>
void reduce_columns(const T* x,  // [rows, columns]
                    std::int64_t row_stride, std::int64_t rows, std::int64_t columns,
                    RunningTotal<T, op>* totals) {  // [columns]
    if constexpr (std::is_floating_point_v<T>) {
        FATHOM_DISPATCH(reduce_kernel::columns<T, op>(x, row_stride, rows, columns, totals));
    } else {
        for (std::int64_t r = 0; r < rows; ++r)
            for (std::int64_t j = 0; j < columns; ++j)
                totals[j] = include<op, RunningTotal<T, op>>(totals[j], x[r * row_stride + j]);
    }
}

// The reduced elements [begin, end) of the output whose elements start at `in`.
template <class T, Reduce op>
RunningTotal<T, op> reduce_range(const Loop& reduced,
                                 const T* in,  // [reduced]
                                 std::int64_t begin, std::int64_t end) {
    alignas(64) T buffer[tuning::block_elements];
    const bool direct = reduced.stride[0][0] == 1 && (reduced.size[0] >= 64 || reduced.rank == 1);
    LoopPosition position(reduced, begin);
    auto total = reduction_start<T, op>();
    while (begin < end) {
        std::int64_t n = std::min(end - begin, position.run(reduced));
        if (direct) {
            total = combine<op>(total, reduce_row<T, op>(in + position.offset[0], n));
            position.advance(reduced, n);
        } else {
            n = std::min(end - begin, tuning::block_elements);
            gather(reduced, 0, position, in, buffer, sizeof(T), n);
            total = combine<op>(total, reduce_row<T, op>(buffer, n));
            position = LoopPosition(reduced, begin + n);
        }
        begin += n;
    }
    return total;
}

// One tile of outputs, which lie next to each other in the innermost kept dimension, over the reduced elements [begin,
// end).
template <class T, Reduce op>
void reduce_tile(const ReduceLoops& r, const LoopPosition& tile, std::int64_t columns,
                 const T* in,                                                          // [kept, reduced]
                 std::int64_t begin, std::int64_t end, RunningTotal<T, op>* totals) {  // [columns]
    std::fill(totals, totals + columns, reduction_start<T, op>());
    alignas(64) T buffer[tuning::block_elements];
    const bool direct = r.kept.stride[0][0] == 1 || columns == 1;
    LoopPosition position(r.reduced, begin);
    while (begin < end) {
        const std::int64_t rows = direct ? std::min(end - begin, position.run(r.reduced)) : 1;
        const T* row = in + position.offset[0];
        if (direct) {
            reduce_columns<T, op>(row + tile.offset[0], r.reduced.stride[0][0], rows, columns, totals);
        } else {
            gather(r.kept, 0, tile, row, buffer, sizeof(T), columns);
            reduce_columns<T, op>(buffer, 0, 1, columns, totals);
        }
        position.advance(r.reduced, rows);
        begin += rows;
    }
}

template <class T, Reduce op>
struct ReduceStore {
    const Loop& kept;
    Reduced<T, op>* out;
    double scale;
    bool accumulate;

    void operator()(const LoopPosition& position, RunningTotal<T, op> total) const {
        Reduced<T, op>& target = out[position.offset[1]];
        auto value = static_cast<Reduced<T, op>>(total);
        if constexpr (op == Reduce::sum && std::is_floating_point_v<T>) value = static_cast<T>(scale * total);
        if constexpr (op == Reduce::norm) value = static_cast<T>(scale * std::sqrt(total));
        target = accumulate ? combine<Reduce::sum, Reduced<T, op>>(target, value) : value;
    }
};

}  // namespace detail

template <class T, Reduce op>
void reduce(const ReduceLoops& r, Reduced<T, op>* out,  // [kept]
            const T* in,                                // [kept, reduced]
            double scale, bool accumulate) {
    using Total = detail::RunningTotal<T, op>;
    const std::int64_t outputs = r.kept.numel(), n = r.reduced.numel();
    if (outputs == 0) return;
    const detail::ReduceStore<T, op> store{r.kept, out, scale, accumulate};
    // Rows, unless they are so short that a vector across outputs does more.
    const std::int64_t kept_stride = r.kept.stride[0][0], reduced_stride = r.reduced.stride[0][0];
    const bool rows = outputs == 1 || (reduced_stride < kept_stride && reduced_stride > 0 &&
                                       (n > tuning::reduce_short_row || outputs < tuning::reduce_few_outputs));
    const std::int64_t tile = rows ? 1 : std::min(r.kept.size[0], tuning::block_elements);  // outputs of a task
    const std::int64_t tiles_per_line = rows ? r.kept.size[0] : (r.kept.size[0] + tile - 1) / tile;
    const std::int64_t tiles = rows ? outputs : outputs / r.kept.size[0] * tiles_per_line;
    const std::int64_t chunk =
        std::max(tuning::reduce_least, tuning::reduce_chunk / tile);  // reduced elements of a task
    const std::int64_t chunks = std::max<std::int64_t>(1, (n + chunk - 1) / chunk);
    const Scratch scratch(chunks > 1 ? chunks * outputs * static_cast<std::int64_t>(sizeof(Total)) : 0, "reduce");
    Total* const partials = scratch.as<Total>();  // [chunks, outputs]
    const std::int64_t grain =
        std::max<std::int64_t>(1, 2 * tuning::reduce_chunk / (std::max<std::int64_t>(1, std::min(n, chunk)) * tile));
    parallel_for(0, tiles * chunks, grain, [&](std::int64_t first, std::int64_t last) {
        Total totals[tuning::block_elements];  // [columns]
        for (std::int64_t task = first; task < last; ++task) {
            const std::int64_t t = task / chunks, c = task % chunks, begin = c * chunk,
                               end = std::min(n, begin + chunk);
            const std::int64_t line = t / tiles_per_line, start = t % tiles_per_line * tile;
            const std::int64_t output = line * r.kept.size[0] + start, columns = std::min(tile, r.kept.size[0] - start);
            LoopPosition position(r.kept, output);
            if (rows)
                totals[0] = detail::reduce_range<T, op>(r.reduced, in + position.offset[0], begin, end);
            else
                detail::reduce_tile<T, op>(r, position, columns, in, begin, end, totals);
            if (chunks > 1) {
                std::copy(totals, totals + columns, partials + c * outputs + output);
                continue;
            }
            for (std::int64_t j = 0; j < columns; ++j, position.advance(r.kept, 1)) store(position, totals[j]);
        }
    });
    if (chunks == 1) return;
    parallel_for(0, outputs, std::max<std::int64_t>(1, tuning::reduce_chunk / chunks),
                 [&](std::int64_t first, std::int64_t last) {
                     for (std::int64_t step = 1; step < chunks; step *= 2)
                         for (std::int64_t c = 0; c + step < chunks; c += 2 * step)
                             for (std::int64_t o = first; o < last; ++o) {
                                 Total& left = partials[c * outputs + o];
                                 left = detail::combine<op>(left, partials[(c + step) * outputs + o]);
                             }
                     LoopPosition position(r.kept, first);
                     for (std::int64_t o = first; o < last; ++o, position.advance(r.kept, 1))
                         store(position, partials[o]);
                 });
}

namespace detail {

// One reduced dimension, as in an arg max over classes: tiles of 64 outputs, vectors across them.
template <class T, Reduce op>
void reduce_indexed_tiles(const ReduceLoops& r,
                          T* out,               // [kept]
                          std::int64_t* index,  // [kept]
                          const T* in) {        // [kept, reduced]
    const std::int64_t n = r.reduced.numel(), stride = r.reduced.stride[0][0];
    parallel_for(0, r.kept.numel(), tile_grain(n), [&](std::int64_t first, std::int64_t last) {
        const Scratch scratch(n * tile_positions * static_cast<std::int64_t>(sizeof(T)), "reduce");
        T best[tile_positions], at[tile_positions];  // [64]
        LoopPosition position(r.kept, first);
        for (; first < last; first += tile_positions) {
            const ClassTile tile(r.kept, position, std::min(last - first, tile_positions));
            const auto rows = tile_to_read(tile, 0, in, stride, n, scratch.as<T>());
            FATHOM_DISPATCH(reduce_kernel::indexed<T, op>(rows.data, rows.stride, n, best, at));
            for (std::int64_t j = 0; j < tile.count; ++j) {
                out[tile.offset[1][j]] = best[j];
                index[tile.offset[2][j]] = static_cast<std::int64_t>(at[j]);
            }
        }
    });
}

}  // namespace detail

template <class T, Reduce op>
void reduce_indexed(const ReduceLoops& r,
                    T* out,               // [kept]
                    std::int64_t* index,  // [kept]
                    const T* in) {        // [kept, reduced]
    static_assert(!accumulates(op));
    const std::int64_t outputs = r.kept.numel(), n = r.reduced.numel();
    if (outputs == 0) return;
    if constexpr (std::is_floating_point_v<T>)
        if (r.reduced.rank == 1 && n <= tuning::reduce_tiled_classes && outputs >= detail::tile_positions)
            return detail::reduce_indexed_tiles<T, op>(r, out, index, in);
    // Outputs that advance together: some where their elements lie side by side, one where those of an output do.
    constexpr std::int64_t most = tuning::reduce_indexed_outputs;
    const std::int64_t width = r.reduced.stride[0][0] == 1 && r.reduced.size[0] >= 16 ? 1 : most;
    const std::int64_t grain = std::max(width, tuning::reduce_indexed_grain / n / most * most);
    parallel_for(0, outputs, grain, [&](std::int64_t first, std::int64_t last) {
        T best[most];                        // [outputs]
        std::int64_t at[most], start[most];  // [outputs]
        LoopPosition kept(r.kept, first);
        for (std::int64_t o = first; o < last; o += width) {
            const std::int64_t count = std::min(width, last - o);
            LoopPosition walk = kept;
            for (std::int64_t j = 0; j < count; ++j, walk.advance(r.kept, 1)) {
                start[j] = walk.offset[0];
                best[j] = in[start[j]];
                at[j] = 0;
            }
            LoopPosition position(r.reduced, 0);
            for (std::int64_t i = 0; i < n;) {
                const std::int64_t run = position.run(r.reduced), stride = r.reduced.stride[0][0];
                const T* row = in + position.offset[0];
                for (std::int64_t k = 0; k < run; ++k, ++i, row += stride)
                    for (std::int64_t j = 0; j < count; ++j)
                        if (detail::replaces<op>(row[start[j]], best[j])) best[j] = row[start[j]], at[j] = i;
                position.advance(r.reduced, run);
            }
            for (std::int64_t j = 0; j < count; ++j, kept.advance(r.kept, 1)) {
                out[kept.offset[1]] = best[j];
                index[kept.offset[2]] = at[j];
            }
        }
    });
}

}  // namespace fathom::inline v0::kernels
