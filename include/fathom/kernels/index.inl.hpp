// Definitions of index.hpp. Plain loops, the same for every ISA: they are bound by memory.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstring>
#include <utility>

#include "fathom/core/allocator.hpp"
#include "fathom/core/parallel_for.hpp"
#include "fathom/kernels/copy.inl.hpp"
#include "fathom/kernels/index.hpp"
#include "fathom/kernels/tuning.hpp"

namespace fathom::inline v0::kernels {

FATHOM_INLINE std::int64_t first_outside(const Loop& loop,
                                         const std::int64_t* index,  // operand 0
                                         std::int64_t low, std::int64_t limit) {
    const std::int64_t n = loop.numel();
    std::atomic<std::int64_t> first{n};
    parallel_for(0, n, tuning::copy_grain, [&](std::int64_t begin, std::int64_t end) {
        LoopPosition at(loop, begin);
        const std::int64_t step = loop.stride[0][0];
        while (begin < end) {
            const std::int64_t run = std::min(end - begin, at.run(loop));
            const std::int64_t* const from = index + at.offset[0];
            bool inside = true;
            for (std::int64_t i = 0; i < run; ++i) inside &= (from[i * step] >= low) & (from[i * step] < limit);
            if (!inside) {
                std::int64_t i = 0;
                while (from[i * step] >= low && from[i * step] < limit) ++i;
                std::int64_t seen = first.load(std::memory_order_relaxed);
                while (begin + i < seen && !first.compare_exchange_weak(seen, begin + i)) continue;
                return;
            }
            begin += run;
            at.advance(loop, run);
        }
    });
    const std::int64_t found = first.load();
    return found == n ? -1 : found;
}

namespace detail {

// Calls f(offsets, n) for the runs of a range of a loop.
template <class F>
void for_runs(const Loop& loop, std::int64_t first, std::int64_t last, F f) {
    LoopPosition at(loop, first);
    while (first < last) {
        const std::int64_t n = std::min(last - first, at.run(loop));
        f(static_cast<const std::int64_t*>(at.offset), n);
        first += n;
        at.advance(loop, n);
    }
}

// Elements move as bytes: their type does not matter.
template <std::size_t Bytes>
void gather_elements(const Loop& loop,
                     char* y,                    // operand 0
                     const std::int64_t* index,  // operand 1
                     const char* x,              // operand 2
                     std::int64_t step) {
    constexpr std::int64_t bytes = Bytes;
    const std::int64_t sy = loop.stride[0][0] * bytes, si = loop.stride[1][0], sx = loop.stride[2][0] * bytes;
    parallel_for(0, loop.numel(), tuning::copy_grain, [&](std::int64_t first, std::int64_t last) {
        for_runs(loop, first, last, [&](const std::int64_t* offset, std::int64_t n) {
            char* const to = y + offset[0] * bytes;
            const std::int64_t* const at = index + offset[1];
            const char* from = x + offset[2] * bytes;
            if (si != 0) {
                for (std::int64_t i = 0; i < n; ++i)
                    std::memcpy(to + i * sy, from + i * sx + at[i * si] * step * bytes, Bytes);
                return;
            }
            from += *at * step * bytes;
            if (sx == bytes && sy == bytes)
                std::memcpy(to, from, static_cast<std::size_t>(n) * Bytes);
            else
                for (std::int64_t i = 0; i < n; ++i) std::memcpy(to + i * sy, from + i * sx, Bytes);
        });
    });
}

// How far apart the elements of x, index and y are that a loop of for_lines goes through; x's without the index.
struct LineSteps {
    std::int64_t x, index, y;
};

// Calls f(x, index, y, n, steps) so that each line's indices come in their order: neighbouring lines of x side by side,
// index by index, for whole cache lines; others line by line.
template <class X, class Y, class F>
void for_lines(const Loop& lines,
               X* x,                       // operand 0
               const std::int64_t* index,  // operand 1
               const Y* y,                 // operand 2
               const IndexLine& line, std::int64_t bytes, F f) {
    const LineSteps across{lines.stride[0][0], lines.stride[1][0], lines.stride[2][0]},
        along{0, line.index_step, line.y_step};
    const bool side_by_side = lines.size[0] > 1 && across.x == 1;
    const std::int64_t block = side_by_side ? tuning::index_lines : 1,
                       grain = std::max(block, tuning::copy_grain / std::max<std::int64_t>(line.n, 1));
    parallel_for(0, lines.numel(), grain, [&](std::int64_t first, std::int64_t last) {
        for_runs(lines, first, last, [&](const std::int64_t* offset, std::int64_t n) {
            for (std::int64_t k = 0; k < n; k += block) {
                X* const to = x + (offset[0] + k * across.x) * bytes;
                const std::int64_t* const at = index + offset[1] + k * across.index;
                const Y* const from = y + (offset[2] + k * across.y) * bytes;
                if (!side_by_side)
                    f(to, at, from, line.n, along);
                else
                    for (std::int64_t i = 0; i < line.n; ++i)
                        f(to, at + i * along.index, from + i * along.y * bytes, std::min(block, n - k), across);
            }
        });
    });
}

}  // namespace detail

FATHOM_INLINE void gather(const Loop& loop,
                          void* y,                    // operand 0
                          const std::int64_t* index,  // operand 1
                          const void* x,              // operand 2
                          int bytes, std::int64_t step) {
    detail::with_bytes(bytes, [&](auto size) {
        detail::gather_elements<size>(loop, static_cast<char*>(y), index, static_cast<const char*>(x), step);
    });
}

FATHOM_INLINE void scatter(const Loop& lines,
                           void* x,                    // operand 0
                           const std::int64_t* index,  // operand 1
                           const void* y,              // operand 2
                           int bytes, const IndexLine& line) {
    detail::with_bytes(bytes, [&](auto size) {
        detail::for_lines(
            lines, static_cast<char*>(x), index, static_cast<const char*>(y), line, bytes,
            [&](char* to, const std::int64_t* at, const char* from, std::int64_t n, const detail::LineSteps& step) {
                for (std::int64_t i = 0; i < n; ++i)
                    std::memcpy(to + (i * step.x + at[i * step.index] * line.x_step) * bytes, from + i * step.y * bytes,
                                size);
            });
    });
}

template <class T>
void scatter_add(const Loop& lines,
                 T* x,                       // operand 0
                 const std::int64_t* index,  // operand 1
                 const T* y,                 // operand 2
                 const IndexLine& line) {
    detail::for_lines(lines, x, index, y, line, 1,
                      [&](T* to, const std::int64_t* at, const T* from, std::int64_t n, const detail::LineSteps& step) {
                          if (step.index == 0 && step.x == 1 && step.y == 1) {
                              T* const row = to + *at * line.x_step;
                              for (std::int64_t i = 0; i < n; ++i) row[i] = detail::sum_of(row[i], from[i]);
                              return;
                          }
                          for (std::int64_t i = 0; i < n; ++i) {
                              T& place = to[i * step.x + at[i * step.index] * line.x_step];
                              place = detail::sum_of(place, from[i * step.y]);
                          }
                      });
}

FATHOM_INLINE void add_places(const Loop& loop,
                              std::int64_t* out,          // operand 0
                              const std::int64_t* index,  // operand 1
                              std::int64_t size, std::int64_t stride, bool accumulate) {
    const std::int64_t so = loop.stride[0][0], si = loop.stride[1][0];
    parallel_for(0, loop.numel(), tuning::copy_grain, [&](std::int64_t first, std::int64_t last) {
        detail::for_runs(loop, first, last, [&](const std::int64_t* offset, std::int64_t n) {
            std::int64_t* const to = out + offset[0];
            const std::int64_t* const from = index + offset[1];
            for (std::int64_t i = 0; i < n; ++i) {
                const std::int64_t k = from[i * si], place = (k < 0 ? k + size : k) * stride;
                to[i * so] = accumulate ? to[i * so] + place : place;
            }
        });
    });
}

FATHOM_INLINE void true_places(const Loop& loop,
                               const bool* mask,   // operand 0
                               std::int64_t* out,  // [true elements, rank]
                               int rank,
                               const std::int64_t* shape) {  // [rank]
    const std::int64_t n = loop.numel(), step = loop.stride[0][0], grain = tuning::copy_grain,
                       chunks = (n + grain - 1) / grain;
    const Scratch memory(chunks * std::int64_t{sizeof(std::int64_t)}, "nonzero");
    auto* const starts = memory.as<std::int64_t>();  // [chunks]: how many are true before
    parallel_for(0, n, grain, [&](std::int64_t first, std::int64_t last) {
        std::int64_t& count = starts[first / grain] = 0;
        detail::for_runs(loop, first, last, [&](const std::int64_t* offset, std::int64_t run) {
            for (std::int64_t i = 0; i < run; ++i) count += mask[offset[0] + i * step];
        });
    });
    std::int64_t before = 0;
    for (std::int64_t c = 0; c < chunks; ++c) before += std::exchange(starts[c], before);
    parallel_for(0, n, grain, [&](std::int64_t first, std::int64_t last) {
        std::int64_t* row = out + starts[first / grain] * rank;
        detail::for_runs(loop, first, last, [&](const std::int64_t* offset, std::int64_t run) {
            for (std::int64_t begin = 0; begin < run; begin += tuning::block_elements) {
                // Without a branch for each element, which nobody could foresee.
                std::int64_t places[tuning::block_elements], count = 0;
                const std::int64_t end = std::min(run, begin + tuning::block_elements);
                for (std::int64_t i = begin; i < end; ++i)
                    places[count] = first + i, count += mask[offset[0] + i * step];
                for (std::int64_t k = 0; k < count; ++k, row += rank) {
                    std::int64_t place = places[k];
                    for (int d = rank - 1; d > 0; --d) row[d] = place % shape[d], place /= shape[d];
                    if (rank > 0) row[0] = place;
                }
            }
            first += run;
        });
    });
}

}  // namespace fathom::inline v0::kernels
