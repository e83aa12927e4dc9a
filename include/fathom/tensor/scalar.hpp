// A number of the caller's as a value of a tensor's type: the one place where that happens. What does not fit throws;
// fractions never become integers (that does not compile). Next: operand.hpp, element.hpp, factories.hpp.
#pragma once

#include <utility>

#include "fathom/core/error.hpp"
#include "fathom/core/float_bits.hpp"

namespace fathom::inline v0 {

template <class S, class T>
concept ScalarFor = std::is_arithmetic_v<S> &&(!std::is_integral_v<T> || std::is_integral_v<S>);

namespace detail {

[[noreturn]] void fail_scalar(Part value, DType dtype, Where site);

// Rounded to the nearest where T has fractions. A number beyond T's largest throws, infinity does not.
template <Element T, class S>
requires std::is_same_v<S, T> || ScalarFor<S, T>
constexpr T scalar_as(S value, Where site) {
    if constexpr (std::is_same_v<S, T>) {
        return value;
    } else if constexpr (std::is_same_v<T, bool>) {
        if (value != S{0} && value != S{1}) fail_scalar(value, dtype_of<T>, site);
        return value != S{0};
    } else if constexpr (std::is_integral_v<T>) {
        if (!std::in_range<T>(+value)) fail_scalar(value, dtype_of<T>, site);
        return static_cast<T>(value);
    } else {
        const T converted = static_cast<T>(value);
        const auto read_back = static_cast<std::conditional_t<std::is_same_v<T, double>, double, float>>(converted);
        if (!is_finite(read_back) && is_finite(value)) fail_scalar(value, dtype_of<T>, site);
        return converted;
    }
}

}  // namespace detail
}  // namespace fathom::inline v0

#ifndef FATHOM_COMPILED
#include "fathom/tensor/scalar.inl.hpp"
#endif
