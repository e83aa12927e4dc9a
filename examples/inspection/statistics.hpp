// What the values of a tensor are like, and how those of two differ.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <vector>

#include "fathom/tensor/runs.hpp"
#include "fathom/tensor/tensor.hpp"

namespace inspection {

namespace ft = fathom;
using json = nlohmann::json;

// In logical order. A long double holds every int64, where a double would make neighbours equal.
inline std::vector<long double> values_of(const ft::AnyTensor& x) {
    std::vector<long double> values;
    values.reserve(static_cast<std::size_t>(x.numel()));
    ft::with_dtype(x.dtype(), [&]<class T>(ft::Type<T>) {
        const auto* from = static_cast<const T*>(x.raw());
        ft::detail::for_each_run(x.shape(), std::array<const ft::Shape*, 1>{&x.strides()},
                                 [&](const auto& offsets, const auto& steps, std::int64_t n) {
                                     for (std::int64_t i = 0; i < n; ++i)
                                         values.push_back(static_cast<long double>(from[offsets[0] + i * steps[0]]));
                                 });
    });
    return values;
}

struct Statistics {
    std::int64_t nan = 0, infinite = 0, finite = 0;
    double min = 0, max = 0, mean = 0, deviation = 0;  // of the finite values, if there are any

    std::int64_t not_finite() const { return nan + infinite; }
};

// The population's deviation, from a second pass: one pass would lose the digits of values that lie far from 0.
inline Statistics statistics_of(const ft::AnyTensor& x) {
    Statistics s;
    const std::vector<long double> values = values_of(x);
    long double sum = 0, squares = 0;
    for (const long double value : values) {
        if (!std::isfinite(value)) {
            ++(std::isnan(value) ? s.nan : s.infinite);
            continue;
        }
        s.min = s.finite == 0 ? static_cast<double>(value) : std::min(s.min, static_cast<double>(value));
        s.max = s.finite == 0 ? static_cast<double>(value) : std::max(s.max, static_cast<double>(value));
        sum += value;
        ++s.finite;
    }
    if (s.finite == 0) return s;
    const long double count = static_cast<long double>(s.finite), mean = sum / count;
    for (const long double value : values)
        if (std::isfinite(value)) squares += (value - mean) * (value - mean);
    s.mean = static_cast<double>(mean), s.deviation = static_cast<double>(std::sqrt(squares / count));
    return s;
}

struct Difference {
    std::int64_t values = 0;       // elements that differ
    std::int64_t not_finite = 0;   // those of them where one of the two is no finite number
    double largest = 0, size = 0;  // the largest difference of finite ones; the largest value of the first tensor
};

// Of two tensors of one shape. NaN is the same as NaN.
inline Difference difference_of(const ft::AnyTensor& a, const ft::AnyTensor& b) {
    Difference d;
    const std::vector<long double> first = values_of(a), second = values_of(b);
    for (std::size_t i = 0; i < first.size(); ++i) {
        const long double x = first[i], y = second[i];
        if (std::isfinite(x)) d.size = std::max(d.size, static_cast<double>(std::abs(x)));
        if (x == y || (std::isnan(x) && std::isnan(y))) continue;
        ++d.values;
        if (std::isfinite(x) && std::isfinite(y))
            d.largest = std::max(d.largest, static_cast<double>(std::abs(x - y)));
        else
            ++d.not_finite;
    }
    return d;
}

}  // namespace inspection
