// Is a number finite, is it a number at all? By its bits: under -ffast-math compilers take x != x for false.
// kernels/simd.kernel.hpp has the same for vectors.
#pragma once

#include <bit>
#include <concepts>
#include <cstdint>
#include <limits>
#include <type_traits>

#include "fathom/core/config.hpp"

namespace fathom::inline v0 {
namespace detail {
// |x| as an integer, which grows with |x|: infinity comes behind every number, and NaN behind infinity.
template <std::floating_point T>
constexpr auto magnitude_bits(T x) {
    using Bits = std::conditional_t<sizeof(T) == 8, std::uint64_t, std::uint32_t>;
    return std::bit_cast<Bits>(x) & (~Bits{0} >> 1);
}
}  // namespace detail

template <class T>
requires std::is_arithmetic_v<T>
constexpr bool is_nan(T x) {
    if constexpr (std::is_floating_point_v<T>)
        return detail::magnitude_bits(x) > detail::magnitude_bits(std::numeric_limits<T>::infinity());
    else
        return false;
}

template <class T>
requires std::is_arithmetic_v<T>
constexpr bool is_finite(T x) {
    if constexpr (std::is_floating_point_v<T>)
        return detail::magnitude_bits(x) < detail::magnitude_bits(std::numeric_limits<T>::infinity());
    else
        return true;
}

}  // namespace fathom::inline v0
