// Definitions of scan.hpp. Plain loops, the same for every ISA: positions that lie side by side advance together, and
// where there are few of them the dimension is cut into chunks, whose totals are known before the second pass.
#pragma once

#include <algorithm>

#include "fathom/core/allocator.hpp"
#include "fathom/core/parallel_for.hpp"
#include "fathom/kernels/scan.hpp"
#include "fathom/kernels/tuning.hpp"

namespace fathom::inline v0::kernels {
namespace detail {

template <class T>
using ScanTotal = std::conditional_t<std::is_integral_v<T>, std::int64_t, double>;

template <Scan op, class P>
P joined(P a, P b) {
    using Wraps = std::conditional_t<std::is_integral_v<P>, std::uint64_t, P>;
    return static_cast<P>(op == Scan::sum ? static_cast<Wraps>(a) + static_cast<Wraps>(b)
                                          : static_cast<Wraps>(a) * static_cast<Wraps>(b));
}

// Elements [begin, end) in the scan's order of `count` positions; their totals go on, out may be null.
template <class T, Scan op, class Out>
void scan_lines(const ScanShape& s, LoopPosition position, std::int64_t count, std::int64_t begin, std::int64_t end,
                const T* in, Out* out,
                ScanTotal<T>* totals) {  // [count]
    std::int64_t from[tuning::scan_positions], to[tuning::scan_positions];
    for (std::int64_t j = 0; j < count; ++j, position.advance(s.positions, 1))
        from[j] = position.offset[0], to[j] = position.offset[1];
    for (std::int64_t i = begin; i < end; ++i) {
        const std::int64_t at = s.reverse ? s.n - 1 - i : i;
        const T* const row = in + at * s.in_stride;
        Out* const result = out ? out + at * s.out_stride : nullptr;
        for (std::int64_t j = 0; j < count; ++j) {
            const ScanTotal<T> before = totals[j], total = joined<op>(before, static_cast<ScanTotal<T>>(row[from[j]]));
            if (result) result[to[j]] = static_cast<Out>(s.exclusive ? before : total);
            totals[j] = total;
        }
    }
}

}  // namespace detail

template <class T, Scan op>
void scan(const ScanShape& s,
          Scanned<T>* out,  // [positions, n]
          const T* in) {    // [positions, n]
    using Total = detail::ScanTotal<T>;
    const std::int64_t lines = s.positions.numel();
    if (lines == 0 || s.n == 0) return;
    // Neighbours in memory together, unless the elements of a line are nearer.
    const std::int64_t tile = s.in_stride > s.positions.stride[0][0] ? tuning::scan_positions : 1;
    const std::int64_t tiles = (lines + tile - 1) / tile;
    const bool cut = tiles < tuning::scan_few_tiles && s.n * std::min(lines, tile) > 2 * tuning::scan_chunk;
    const std::int64_t chunk = cut ? std::max<std::int64_t>(1, tuning::scan_chunk / std::min(lines, tile)) : s.n;
    const std::int64_t chunks = (s.n + chunk - 1) / chunk;
    constexpr Total start = op == Scan::sum ? 0 : 1;
    const Scratch scratch(chunks > 1 ? chunks * lines * static_cast<std::int64_t>(sizeof(Total)) : 0, "scan");
    Total* const starts = scratch.as<Total>();  // [chunks, lines]
    const auto pass = [&](bool write) {
        const std::int64_t grain = std::max<std::int64_t>(1, tuning::scan_chunk / (std::min(chunk, s.n) * tile));
        parallel_for(0, tiles * chunks, grain, [&](std::int64_t first, std::int64_t last) {
            Total totals[tuning::scan_positions];  // [tile]
            for (std::int64_t task = first; task < last; ++task) {
                const std::int64_t line = task / chunks * tile, c = task % chunks, count = std::min(tile, lines - line);
                Total* const kept = chunks > 1 ? starts + c * lines + line : nullptr;
                if (write && kept)
                    std::copy(kept, kept + count, totals);
                else
                    std::fill(totals, totals + count, start);
                detail::scan_lines<T, op>(s, LoopPosition(s.positions, line), count, c * chunk,
                                          std::min(s.n, (c + 1) * chunk), in, write ? out : nullptr, totals);
                if (!write) std::copy(totals, totals + count, kept);
            }
        });
    };
    if (chunks > 1) {
        pass(false);
        for (std::int64_t line = 0; line < lines; ++line) {
            Total total = start;
            for (std::int64_t c = 0; c < chunks; ++c) {
                Total& own = starts[c * lines + line];
                const Total next = detail::joined<op>(total, own);
                own = total, total = next;
            }
        }
    }
    pass(true);
}

}  // namespace fathom::inline v0::kernels
