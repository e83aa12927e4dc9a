// Copies between layouts and dtypes, and fills. convert() is the one rule for scalars and elements alike.
#pragma once

#include <cstdint>
#include <limits>
#include <type_traits>

#include "fathom/core/float_bits.hpp"
#include "fathom/kernels/strided.hpp"

namespace fathom::inline v0::kernels {

// To bool: x != 0 (NaN is true). Floating to integer: towards zero; what lies outside saturates, NaN gives 0. Integer
// to narrower integer: wraps. A number of two bytes (core/float16.hpp) converts as the float that it is.
template <class To, class From>
constexpr To convert(From x) {
    if constexpr (std::is_same_v<To, From>) {
        return x;
    } else if constexpr (!std::is_arithmetic_v<From>) {
        return convert<To>(static_cast<float>(x));
    } else if constexpr (std::is_same_v<To, bool>) {
        return x != From{0};
    } else if constexpr (std::is_floating_point_v<From> && std::is_integral_v<To>) {
        if (is_nan(x)) return To{0};
        constexpr From low = static_cast<From>(std::numeric_limits<To>::min());
        constexpr From high = static_cast<From>(std::uint64_t{1} << (std::numeric_limits<To>::digits - 1)) *
                              2;  // exact, one above the largest
        if (x <= low) return std::numeric_limits<To>::min();
        if (x >= high) return std::numeric_limits<To>::max();
        return static_cast<To>(x);
    } else {
        return static_cast<To>(x);
    }
}

// Operand 0 of the loop is out, 1 is in. accumulate: out += converted in, rounded to a To (bool: or).
template <class From, class To>
void copy(const Loop& loop, To* out, const From* in, bool accumulate);

// Operand 0 of the loop is out. accumulate: out += value (bool: or).
template <class T>
void fill(const Loop& loop, T* out, T value, bool accumulate);

}  // namespace fathom::inline v0::kernels

#ifndef FATHOM_COMPILED
#include "fathom/kernels/copy.inl.hpp"
#endif
