// Definitions of sort.hpp: digits from the lowest up (counting sort, which keeps the order of equals) for long lines,
// comparisons for short ones. Plain loops, the same for every ISA.
#pragma once

#include <algorithm>
#include <limits>
#include <utility>

#include "fathom/core/allocator.hpp"
#include "fathom/core/parallel_for.hpp"
#include "fathom/kernels/order_key.hpp"
#include "fathom/kernels/sort.hpp"
#include "fathom/kernels/tuning.hpp"

namespace fathom::inline v0::kernels {
namespace detail {

// A number's key and its position. No two are equal, so any way of sorting gives one order.
struct NarrowEntry {
    static constexpr int key_bits = 32;
    std::uint64_t both;

    NarrowEntry() = default;
    NarrowEntry(std::uint64_t key, std::int64_t position) : both(key << 32 | static_cast<std::uint32_t>(position)) {}
    std::uint64_t key() const { return both >> 32; }
    std::int64_t position() const { return static_cast<std::uint32_t>(both); }
    friend bool operator<(NarrowEntry a, NarrowEntry b) { return a.both < b.both; }
};
struct WideEntry {
    static constexpr int key_bits = 64;
    std::uint64_t key_;
    std::int64_t position_;

    WideEntry() = default;
    WideEntry(std::uint64_t key, std::int64_t position) : key_(key), position_(position) {}
    std::uint64_t key() const { return key_; }
    std::int64_t position() const { return position_; }
    friend bool operator<(const WideEntry& a, const WideEntry& b) {
        return a.key_ != b.key_ ? a.key_ < b.key_ : a.position_ < b.position_;
    }
};

// Calls f(chunk, first, last) for the chunks of a line.
template <class F>
void for_sort_chunks(std::int64_t n, F f) {
    constexpr std::int64_t size = tuning::sort_chunk;
    parallel_for(0, (n + size - 1) / size, 1, [&](std::int64_t chunk, std::int64_t last) {
        for (; chunk < last; ++chunk) f(chunk, chunk * size, std::min(n, (chunk + 1) * size));
    });
}

// Sorts a, whose entries stand in the order of their positions; the result lies in a or in b.
template <class Entry>
Entry* sort_by_digits(Entry* a,  // [n]
                      Entry* b,  // [n]
                      std::int64_t n) {
    constexpr int digit_bits = 8, digits = 1 << digit_bits;
    const std::int64_t chunks = (n + tuning::sort_chunk - 1) / tuning::sort_chunk;
    const Scratch memory(chunks * digits * std::int64_t{sizeof(std::int64_t)}, "sort");
    auto* const counts = memory.as<std::int64_t>();  // [chunks, digits]
    for (int shift = 0; shift < Entry::key_bits; shift += digit_bits) {
        const auto digit = [&](const Entry& e) { return (e.key() >> shift) & (digits - 1); };
        for_sort_chunks(n, [&](std::int64_t chunk, std::int64_t first, std::int64_t last) {
            std::int64_t* const count = counts + chunk * digits;
            std::fill(count, count + digits, 0);
            for (std::int64_t i = first; i < last; ++i) ++count[digit(a[i])];
        });
        // Where a chunk's entries with a digit go: behind all smaller digits and that digit's of earlier chunks.
        std::int64_t before = 0;
        bool all_alike = false;
        for (int d = 0; d < digits; ++d) {
            const std::int64_t start = before;
            for (std::int64_t c = 0; c < chunks; ++c) {
                std::int64_t& count = counts[c * digits + d];
                before += std::exchange(count, before);
            }
            all_alike = all_alike || before - start == n;
        }
        if (all_alike) continue;
        for_sort_chunks(n, [&](std::int64_t chunk, std::int64_t first, std::int64_t last) {
            std::int64_t* const place = counts + chunk * digits;
            for (std::int64_t i = first; i < last; ++i) b[place[digit(a[i])]++] = a[i];
        });
        std::swap(a, b);
    }
    return a;
}

// All n entries in order; they lie in a or in b.
template <class Entry>
Entry* sort_entries(Entry* a,  // [n]
                    Entry* b,  // [n]
                    std::int64_t n) {
    if (n >= tuning::sort_digits) return sort_by_digits(a, b, n);
    std::sort(a, a + n);
    return a;
}

// The first `count` of n entries in order, as they come: of those below the last of the best so far as many again are
// gathered before the best of them are chosen.
template <class Entry, class F>
void first_entries(Entry* best,  // [2, count]
                   std::int64_t count, std::int64_t n, F entry) {
    std::int64_t kept = 0;
    Entry limit(~std::uint64_t{0}, std::numeric_limits<std::int64_t>::max());
    for (std::int64_t i = 0; i < n; ++i) {
        const Entry e = entry(i);
        if (!(e < limit)) continue;
        best[kept++] = e;
        if (kept < 2 * count) continue;
        std::nth_element(best, best + count - 1, best + kept);
        kept = count, limit = best[count - 1];
    }
    std::sort(best, best + kept);
}

template <class Entry, class T>
void sort_lines(const Loop& lines,
                const T* x,           // operand 0
                std::int64_t* index,  // operand 1
                const SortLine& line) {
    const std::uint64_t flip = line.descending ? ~OrderKey<T>{0} : 0;
    const std::int64_t n = line.n, count = line.count;
    const bool selects = count <= n / tuning::sort_selected;
    parallel_for(0, lines.numel(), tuning::sort_grain / n + 1, [&](std::int64_t first, std::int64_t last) {
        const Scratch memory(2 * (selects ? count : n) * static_cast<std::int64_t>(sizeof(Entry)), "sort");
        auto* const entries = memory.as<Entry>();  // [2, n]
        LoopPosition at(lines, first);
        for (; first < last; ++first, at.advance(lines, 1)) {
            const T* const from = x + at.offset[0];
            const auto entry = [&](std::int64_t i) { return Entry(order_key(from[i * line.step]) ^ flip, i); };
            Entry* found = entries;
            if (selects) {
                first_entries(entries, count, n, entry);
            } else {
                for_sort_chunks(n, [&](std::int64_t, std::int64_t i, std::int64_t end) {
                    for (; i < end; ++i) entries[i] = entry(i);
                });
                found = sort_entries(entries, entries + n, n);
            }
            if (!line.sorted)
                std::sort(found, found + count,
                          [](const Entry& a, const Entry& b) { return a.position() < b.position(); });
            std::int64_t* const to = index + at.offset[1];
            for (std::int64_t i = 0; i < count; ++i) to[i * line.index_step] = found[i].position();
        }
    });
}

}  // namespace detail

template <class T>
void sort_indices(const Loop& lines,
                  const T* x,           // operand 0
                  std::int64_t* index,  // operand 1
                  const SortLine& line) {
    if (line.count == 0) return;
    if (sizeof(OrderKey<T>) == 4 && line.n <= std::int64_t{0xffffffff})
        detail::sort_lines<detail::NarrowEntry>(lines, x, index, line);
    else
        detail::sort_lines<detail::WideEntry>(lines, x, index, line);
}

}  // namespace fathom::inline v0::kernels
