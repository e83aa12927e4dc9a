// Definitions of index.hpp. Plain loops, the same for every ISA: they are bound by memory.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstring>

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

// Calls f(x, index, y, n, steps of the three along the lines) for each index of a line in turn, over blocks of `n`
// lines side by side.
template <class X, class Y, class F>
void for_lines(const Loop& lines,
               X* x,                       // operand 0
               const std::int64_t* index,  // operand 1
               const Y* y,                 // operand 2
               const IndexLine& line, std::int64_t bytes, F f) {
    // Lines beside each other in memory share cache lines; others must all stay in the L1 cache while they are walked.
    const std::int64_t block = lines.stride[0][0] == 1 ? tuning::index_near_lines : tuning::index_far_lines,
                       grain = std::max(block, tuning::copy_grain / std::max<std::int64_t>(line.n, 1));
    parallel_for(0, lines.numel(), grain, [&](std::int64_t first, std::int64_t last) {
        for_runs(lines, first, last, [&](const std::int64_t* offset, std::int64_t n) {
            const std::int64_t sx = lines.stride[0][0], si = lines.stride[1][0], sy = lines.stride[2][0];
            for (std::int64_t k = 0; k < n; k += block)
                for (std::int64_t i = 0; i < line.n; ++i)
                    f(x + (offset[0] + k * sx) * bytes, index + offset[1] + k * si + i * line.index_step,
                      y + (offset[2] + k * sy + i * line.y_step) * bytes, std::min(block, n - k));
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
    const std::int64_t sx = lines.stride[0][0] * bytes, si = lines.stride[1][0], sy = lines.stride[2][0] * bytes;
    detail::with_bytes(bytes, [&](auto size) {
        detail::for_lines(lines, static_cast<char*>(x), index, static_cast<const char*>(y), line, bytes,
                          [&](char* to, const std::int64_t* at, const char* from, std::int64_t n) {
                              for (std::int64_t i = 0; i < n; ++i)
                                  std::memcpy(to + i * sx + at[i * si] * line.x_step * bytes, from + i * sy, size);
                          });
    });
}

template <class T>
void scatter_add(const Loop& lines,
                 T* x,                       // operand 0
                 const std::int64_t* index,  // operand 1
                 const T* y,                 // operand 2
                 const IndexLine& line) {
    const std::int64_t sx = lines.stride[0][0], si = lines.stride[1][0], sy = lines.stride[2][0];
    detail::for_lines(lines, x, index, y, line, 1, [&](T* to, const std::int64_t* at, const T* from, std::int64_t n) {
        if (si == 0 && sx == 1 && sy == 1) {
            T* const row = to + *at * line.x_step;
            for (std::int64_t i = 0; i < n; ++i) row[i] = detail::sum_of(row[i], from[i]);
            return;
        }
        for (std::int64_t i = 0; i < n; ++i) {
            T& place = to[i * sx + at[i * si] * line.x_step];
            place = detail::sum_of(place, from[i * sy]);
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
            for (std::int64_t i = 0; i < run; ++i) {
                if (!mask[offset[0] + i * step]) continue;
                std::int64_t place = first + i;
                for (int d = rank - 1; d > 0; --d) row[d] = place % shape[d], place /= shape[d];
                if (rank > 0) row[0] = place;
                row += rank;
            }
            first += run;
        });
    });
}

}  // namespace fathom::inline v0::kernels
