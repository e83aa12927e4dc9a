// Order statistics along a dimension: quantile, median, kthvalue, by sort.hpp; and what leaves NaN out: nansum,
// nanmean, nanquantile, nanmedian. count_nonzero.
#pragma once

#include "fathom/ops/functions.hpp"
#include "fathom/ops/mask.hpp"
#include "fathom/ops/masked.hpp"
#include "fathom/ops/sort.hpp"
#include "fathom/tensor/factories.hpp"

namespace fathom::inline v0 {

// What a quantile between two elements is: between them, one of them, or their mean.
enum class QuantileInterpolation { linear, lower, higher, nearest, midpoint };

// How many elements are not 0, NaN among them; an empty list of dimensions means all.
template <Element T>
Tensor<std::int64_t> count_nonzero(const Tensor<T>& x, const Shape& dims = {}, Where site = Where::here()) {
    return sum(detail::mask_of(x, "count_nonzero", site), dims, false, site);
}

// Sums and means of what is not NaN.
template <FractionElement T>
Tensor<T> nansum(const Tensor<T>& x, const Shape& dims = {}, bool keepdim = false, Where site = Where::here()) {
    return sum(where(isnan(x, site), 0, x, site), dims, keepdim, site);
}
template <FractionElement T>
Tensor<T> nanmean(const Tensor<T>& x, const Shape& dims = {}, bool keepdim = false, Where site = Where::here()) {
    const Tensor<bool> number = logical_not(Operand<bool>(isnan(x, site), site));
    const Tensor<T> count = to<T>(sum(number, dims, keepdim, site), site), total = nansum(x, dims, keepdim, site);
    return div(Operand<T>(total, site), Operand<T>(count, site));
}

namespace detail {

// The elements of x in order along its last dimension, and how many of them are numbers: [..., 1].
template <FloatElement T>
struct Ordered {
    Sorted<T> sorted;
    Tensor<std::int64_t> numbers;
    std::int64_t size;

    Ordered(const Tensor<T>& x, const char* name, Where site) : sorted(sorted_by(x, -1, -1, false, true, name, site)) {
        size = x.shape()[-1];
        if (size == 0) fail(name, site, {"of no elements: shape ", x.shape()});
        numbers = sum(logical_not(Operand<bool>(isnan(x.detach(), site), site)), Shape{-1}, true, site);
    }
};

// x with `dim` last; without a dimension, all of x in one.
template <Element T>
Tensor<T> with_last(const Tensor<T>& x, const int* dim, const char* name, Where site) {
    require_defined(x, name, site);
    if (x.rank() == 0 && dim) checked_dim(*dim, 1, name, site);
    if (!dim || x.rank() == 0) return reshape(x, {x.numel()}, site);
    return transpose(x, checked_dim(*dim, x.rank(), name, site), -1, site);
}

// The element before which k others stand, with its place; NaN, if there is one, unless it is left out.
template <FloatElement T>
Extreme<T> kth(const Tensor<T>& x, const int* dim, std::int64_t k, bool median, bool ignore_nan, bool keepdim,
               const char* name, Where site) {
    const Ordered<T> in(with_last(x, dim, name, site), name, site);
    const auto number = [&](std::int64_t value) { return Operand<std::int64_t>(value, site); };
    using Indices = Tensor<std::int64_t>;
    const auto at = [&](const Indices& i) { return Operand<std::int64_t>(i, site); };
    Indices place = zeros_like(in.numbers, site);
    if (!median) {
        place = add(at(place), number(k));
    } else if (ignore_nan) {
        // (numbers - 1) / 2, rounded down, at least 0
        place = div(at(maximum(sub(at(in.numbers), number(1)), std::int64_t{0}, site)), number(2));
    } else {
        const Tensor<bool> all = equal(at(in.numbers), number(in.size));
        place = where(all, (in.size - 1) / 2, where(all, std::int64_t{0}, in.numbers, site), site);
    }
    Extreme<T> y{gather(in.sorted.values, -1, place, site), gather(in.sorted.indices, -1, place, site)};
    if (!dim || x.rank() == 0) return {reshape(y.values, {}, site), reshape(y.indices, {}, site)};
    y = {transpose(y.values, *dim, -1, site), transpose(y.indices, *dim, -1, site)};
    return keepdim ? y : Extreme<T>{squeeze(y.values, *dim, site), squeeze(y.indices, *dim, site)};
}

inline Shape with_last_size(Shape shape, std::int64_t size) {
    shape[-1] = size;
    return shape;
}

// For each q [n] the quantiles along the last dimension: [..., n].
template <FloatElement T>
Tensor<T> quantiles(const Tensor<T>& x, const Tensor<double>& q, QuantileInterpolation interpolation, bool ignore_nan,
                    const char* name, Where site) {
    const Ordered<T> in(x, name, site);
    const auto at = [&](const Tensor<double>& v) { return Operand<double>(v, site); };
    const Tensor<double> count = to<double>(in.numbers, site), last = detail::affine(count, 1, -1, name, site);
    Tensor<double> rank;
    if (ignore_nan) {
        rank = clamp_min(mul(at(q), at(last)), 0, site);
    } else {
        // A NaN, which stands last, is every quantile.
        const auto size = static_cast<double>(in.size);
        rank = expand(affine(q, size - 1, no_constant, name, site), with_last_size(count.shape(), q.numel()), site);
        rank = where(equal(at(count), Operand<double>(size, site)), rank, size - 1, site);
    }
    if (interpolation == QuantileInterpolation::lower) rank = floor(rank, site);
    if (interpolation == QuantileInterpolation::higher) rank = ceil(rank, site);
    if (interpolation == QuantileInterpolation::nearest) rank = round(rank, site);
    const Tensor<double> below = floor(rank, site), above = ceil(rank, site);
    const Tensor<T> low = gather(in.sorted.values, -1, to<std::int64_t>(below, site), site);
    if (interpolation != QuantileInterpolation::linear && interpolation != QuantileInterpolation::midpoint) return low;
    const Tensor<T> high = gather(in.sorted.values, -1, to<std::int64_t>(above, site), site);
    if (interpolation == QuantileInterpolation::midpoint) return lerp(low, high, 0.5, site);
    return lerp(low, high, to<T>(sub(at(rank), at(below)), site), site);
}

template <FloatElement T>
Tensor<T> quantile(const Tensor<T>& x, const Tensor<double>& q, bool one, const int* dim, bool keepdim,
                   QuantileInterpolation interpolation, bool ignore_nan, Where site) {
    const char* name = ignore_nan ? "nanquantile" : "quantile";
    require_defined(q, name, site);
    if (q.rank() > 1) fail(name, site, {"q has shape ", q.shape(), ", expected a number or a list"});
    if (!all(logical_and(less_equal(Operand<double>(0, site), Operand<double>(q, site)),
                         less_equal(Operand<double>(q, site), Operand<double>(1, site))),
             {}, false, site)
             .item(site))
        fail(name, site, {"an element of q is not in [0, 1]"});
    const bool whole = !dim || x.rank() == 0;
    const Tensor<T> rows = with_last(x, dim, name, site),
                    y = quantiles(rows, reshape(q, {q.numel()}, site).to(x.device(), site), interpolation, ignore_nan,
                                  name, site);
    // [..., n] -> [n, ...]
    Shape order{y.rank() - 1};
    for (int d = 0; d < y.rank() - 1; ++d) order.push_back(d);
    Tensor<T> front = unsqueeze(permute(y, order, site), -1, site);
    if (whole) {
        Shape shape{q.numel()};
        if (keepdim)
            for (int d = 0; d < x.rank(); ++d) shape.push_back(1);
        front = reshape(front, shape, site);
    } else {
        const int d = checked_dim(*dim, x.rank(), name, site);
        front = transpose(front, d + 1, -1, site);
        if (!keepdim) front = squeeze(front, d + 1, site);
    }
    return one ? squeeze(front, 0, site) : front;
}

}  // namespace detail

// The k-th smallest element along a dimension, counted from 1, and its place; NaN is above every number.
template <FloatElement T>
Extreme<T> kthvalue(const Tensor<T>& x, std::int64_t k, int dim = -1, bool keepdim = false,
                    Where site = Where::here()) {
    const char* name = "kthvalue";
    detail::require_defined(x, name, site);
    const std::int64_t size = x.rank() == 0 ? 1 : x.size(dim, site);
    if (k < 1 || k > size) fail(name, site, {"k ", k, ", expected 1 to ", size, " for shape ", x.shape()});
    return detail::kth(x, &dim, k - 1, false, false, keepdim, name, site);
}

// The middle element, of two the smaller one; NaN if there is one. Along a dimension with its place.
template <FloatElement T>
Extreme<T> median(const Tensor<T>& x, int dim, bool keepdim = false, Where site = Where::here()) {
    return detail::kth(x, &dim, 0, true, false, keepdim, "median", site);
}
template <FloatElement T>
Tensor<T> median(const Tensor<T>& x, Where site = Where::here()) {
    return detail::kth(x, nullptr, 0, true, false, false, "median", site).values;
}
// The same of what is not NaN.
template <FloatElement T>
Extreme<T> nanmedian(const Tensor<T>& x, int dim, bool keepdim = false, Where site = Where::here()) {
    return detail::kth(x, &dim, 0, true, true, keepdim, "nanmedian", site);
}
template <FloatElement T>
Tensor<T> nanmedian(const Tensor<T>& x, Where site = Where::here()) {
    return detail::kth(x, nullptr, 0, true, true, false, "nanmedian", site).values;
}

// The element at q (n - 1) of n in order, for q in [0, 1]; NaN if there is one. Without a dimension, of all elements.
template <FloatElement T>
Tensor<T> quantile(const Tensor<T>& x, double q, int dim, bool keepdim = false,
                   QuantileInterpolation interpolation = QuantileInterpolation::linear, Where site = Where::here()) {
    return detail::quantile(x, Tensor<double>({q}), true, &dim, keepdim, interpolation, false, site);
}
template <FloatElement T>
Tensor<T> quantile(const Tensor<T>& x, double q, Where site = Where::here()) {
    return detail::quantile(x, Tensor<double>({q}), true, nullptr, false, QuantileInterpolation::linear, false, site);
}
// For several q [n], in a new first dimension.
template <FloatElement T>
Tensor<T> quantile(const Tensor<T>& x, const Tensor<double>& q, int dim, bool keepdim = false,
                   QuantileInterpolation interpolation = QuantileInterpolation::linear, Where site = Where::here()) {
    return detail::quantile(x, q, false, &dim, keepdim, interpolation, false, site);
}
template <FloatElement T>
Tensor<T> quantile(const Tensor<T>& x, const Tensor<double>& q, Where site = Where::here()) {
    return detail::quantile(x, q, false, nullptr, false, QuantileInterpolation::linear, false, site);
}
// The same of what is not NaN.
template <FloatElement T>
Tensor<T> nanquantile(const Tensor<T>& x, double q, int dim, bool keepdim = false,
                      QuantileInterpolation interpolation = QuantileInterpolation::linear, Where site = Where::here()) {
    return detail::quantile(x, Tensor<double>({q}), true, &dim, keepdim, interpolation, true, site);
}
template <FloatElement T>
Tensor<T> nanquantile(const Tensor<T>& x, double q, Where site = Where::here()) {
    return detail::quantile(x, Tensor<double>({q}), true, nullptr, false, QuantileInterpolation::linear, true, site);
}
template <FloatElement T>
Tensor<T> nanquantile(const Tensor<T>& x, const Tensor<double>& q, int dim, bool keepdim = false,
                      QuantileInterpolation interpolation = QuantileInterpolation::linear, Where site = Where::here()) {
    return detail::quantile(x, q, false, &dim, keepdim, interpolation, true, site);
}
template <FloatElement T>
Tensor<T> nanquantile(const Tensor<T>& x, const Tensor<double>& q, Where site = Where::here()) {
    return detail::quantile(x, q, false, nullptr, false, QuantileInterpolation::linear, true, site);
}

}  // namespace fathom::inline v0
