// searchsorted and bucketize: where numbers belong among others that are in order. On the CPU.
#pragma once

#include <algorithm>

#include "fathom/core/parallel_for.hpp"
#include "fathom/ops/copy.hpp"
#include "fathom/ops/index.hpp"

namespace fathom::inline v0 {

namespace detail {
inline void check_search(const AnyTensor& x, const char* name, Where site) {
    require_defined(x, name, site);
    if (!x.device().is_cpu())
        fail(name, site, {"has no kernel for ", x.dtype(), " on ", x.device(), "; take to(Device::cpu())"});
}
// In each of `lines` rows of n numbers in order, the places of `count` values. NaN belongs behind every number.
template <Element T>
void search_lines(const T* sorted, const T* values, std::int64_t* places, std::int64_t lines, std::int64_t n,
                  std::int64_t count, bool one_line, bool right) {
    constexpr std::int64_t grain = 1 << 12;  // a search takes some ten nanoseconds
    const auto before = [](const T& a, const T& b) { return a < b || (b != b && a == a); };
    parallel_for(0, lines * count, grain, [=](std::int64_t i, std::int64_t end) {
        for (; i < end; ++i) {
            const T* first = sorted + (one_line ? 0 : i / count * n);
            const T* found = right ? std::upper_bound(first, first + n, values[i], before)
                                   : std::lower_bound(first, first + n, values[i], before);
            places[i] = found - first;
        }
    });
}
}  // namespace detail

// The places in `sorted` [..., n], in ascending order along its last dimension, before which each of `values` [..., m]
// keeps the order; of [n] those of values of any shape. Of equal ones the first, or behind the last with `right`.
template <Element T>
Tensor<std::int64_t> searchsorted(const Tensor<T>& sorted, const Tensor<T>& values, bool right = false,
                                  Where site = Where::here()) {
    const char* name = "searchsorted";
    detail::check_search(sorted, name, site), detail::check_search(values, name, site);
    const Shape &s = sorted.shape(), &v = values.shape();
    const bool one_line = s.rank() == 1;
    if (s.rank() == 0 || (!one_line && (v.rank() != s.rank() ||
                                        !(Shape::from(s.begin(), s.end() - 1) == Shape::from(v.begin(), v.end() - 1)))))
        fail(name, site, {"sorted numbers have shape ", s, ", values ", v, ", expected [n], or [...,n] and [...,m]"});
    using A = ArithmeticOf<T>;
    const Tensor<A> in = contiguous(to<A>(sorted.detach(), site), MemoryFormat::row_major, site),
                    of = contiguous(to<A>(values.detach(), site), MemoryFormat::row_major, site);
    const auto places = detail::new_row_major<std::int64_t>(v, name, site);
    const std::int64_t count = one_line || v.rank() == 0 ? values.numel() : v[-1];
    if (values.numel() > 0)
        detail::search_lines(in.data(site), of.data(site), static_cast<std::int64_t*>(places.untyped().raw_unchecked()),
                             values.numel() / count, s[-1], count, one_line, right);
    detail::observe(places, name, site, {sorted, values});
    return places;
}
// The same with numbers that `sorter`, as argsort gives it, puts in order.
template <Element T>
Tensor<std::int64_t> searchsorted(const Tensor<T>& numbers, const Tensor<T>& values, bool right,
                                  const Tensor<std::int64_t>& sorter, Where site = Where::here()) {
    return searchsorted(gather(numbers.detach(), -1, sorter, site), values, right, site);
}

// Between which of `boundaries` [n] each element of x lies: 0 before the first, n behind the last.
template <Element T>
Tensor<std::int64_t> bucketize(const Tensor<T>& x, const Tensor<T>& boundaries, bool right = false,
                               Where site = Where::here()) {
    detail::require_defined(boundaries, "bucketize", site);
    if (boundaries.rank() != 1)
        fail("bucketize", site, {"boundaries have shape ", boundaries.shape(), ", expected [n]"});
    return searchsorted(boundaries, x, right, site);
}

}  // namespace fathom::inline v0
