// Definitions of ohem.hpp. Plain loops, the same for every ISA.
#pragma once

#include <algorithm>
#include <atomic>
#include <limits>

#include "fathom/core/allocator.hpp"
#include "fathom/core/parallel_for.hpp"
#include "fathom/kernels/ohem.hpp"
#include "fathom/kernels/order_key.hpp"
#include "fathom/kernels/tuning.hpp"

namespace fathom::inline v0::kernels {
namespace detail {

// Calls f(i, whether loss i counts) for a range of positions.
template <class T, class F>
void for_ohem_range(const T* loss,  // [n]
                    const OhemSelection& selection, std::int64_t first, std::int64_t last, F f) {
    const auto cut = static_cast<OrderKey<T>>(selection.cut);
    for (std::int64_t i = first; i < last; ++i) {
        const OrderKey<T> key = order_key(loss[i]);
        f(i, key > cut || (key == cut && i <= selection.last));
    }
}

// The key of the rank-th largest loss (rank from 1 to n), digit by digit from the top: each round counts how often each
// value of the next digit occurs among the keys that begin with the digits found so far. `rank` becomes the rank among
// the losses that have this key.
template <class T>
OrderKey<T> ohem_key_of_rank(const T* loss,  // [n]
                             std::int64_t n, std::int64_t& rank) {
    using Key = OrderKey<T>;
    constexpr int digits = 1 << tuning::ohem_digit_bits;
    Key found = 0, known = 0;  // the digits so far, and a mask of their bits
    for (int shift = std::numeric_limits<Key>::digits; shift > 0;) {
        const int bits = std::min(tuning::ohem_digit_bits, shift);
        const Key mask = (Key{1} << bits) - 1;
        shift -= bits;
        std::atomic<std::int64_t> counts[digits]{};
        parallel_for(0, n, tuning::ohem_grain, [&](std::int64_t first, std::int64_t last) {
            // A chunk, or all if there is but one, has at most ohem_grain losses.
            std::int32_t local[digits] = {};
            for (std::int64_t i = first; i < last; ++i)
                if (const Key key = order_key(loss[i]); (key & known) == found) ++local[(key >> shift) & mask];
            for (int d = 0; d < digits; ++d)
                if (local[d]) counts[d].fetch_add(local[d], std::memory_order_relaxed);
        });
        auto digit = static_cast<std::size_t>(mask);
        for (; rank > counts[digit]; --digit) rank -= counts[digit];
        found |= static_cast<Key>(digit) << shift;
        known |= mask << shift;
    }
    return found;
}

}  // namespace detail

template <class T>
OhemSelection ohem_select(const T* loss,  // [n]
                          std::int64_t n, T threshold, std::int64_t n_min) {
    const OrderKey<T> above_this = order_key(threshold);
    std::atomic<std::int64_t> above{0};
    parallel_for(0, n, tuning::ohem_grain, [&](std::int64_t first, std::int64_t last) {
        std::int64_t count = 0;
        for (std::int64_t i = first; i < last; ++i) count += order_key(loss[i]) > above_this;
        above.fetch_add(count, std::memory_order_relaxed);
    });
    n_min = std::min(n_min, n);
    if (above > n_min || n_min == 0) return {above_this, -1, above};
    std::int64_t equal = n_min;
    const OrderKey<T> cut = detail::ohem_key_of_rank(loss, n, equal);
    std::int64_t last = 0;
    while (order_key(loss[last]) != cut || --equal > 0) ++last;
    return {cut, last, n_min};
}

template <class T>
T ohem_mean(const T* loss,  // [n]
            std::int64_t n, const OhemSelection& selection) {
    if (selection.count == 0) return T{0};
    const std::int64_t chunks = (n + tuning::ohem_grain - 1) / tuning::ohem_grain;
    const Scratch scratch(chunks * static_cast<std::int64_t>(sizeof(double)), "ohem");
    auto* sums = scratch.template as<double>();  // [chunks]
    parallel_for(0, n, tuning::ohem_grain, [&](std::int64_t first, std::int64_t last) {
        double sum = 0;
        detail::for_ohem_range(loss, selection, first, last, [&](std::int64_t i, bool counts) {
            if (counts) sum += static_cast<double>(loss[i]);
        });
        sums[first / tuning::ohem_grain] = sum;
    });
    double sum = 0;
    for (std::int64_t c = 0; c < chunks; ++c) sum += sums[c];
    return static_cast<T>(sum / static_cast<double>(selection.count));
}

template <class T>
void ohem_backward(const T* loss,  // [n]
                   std::int64_t n, const OhemSelection& selection, T dmean,
                   T* dloss) {  // [n]
    const T share = selection.count == 0 ? T{0} : dmean / static_cast<T>(selection.count);
    parallel_for(0, n, tuning::ohem_grain, [&](std::int64_t first, std::int64_t last) {
        detail::for_ohem_range(loss, selection, first, last,
                               [&](std::int64_t i, bool counts) { dloss[i] = counts ? share : T{0}; });
    });
}

}  // namespace fathom::inline v0::kernels
