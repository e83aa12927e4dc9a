// An unsigned integer for each number, in the same order: what selecting and sorting digit by digit go by.
#pragma once

#include <bit>
#include <cstdint>
#include <limits>
#include <type_traits>

#include "fathom/core/config.hpp"

namespace fathom::inline v0::kernels {

template <class T>
using OrderKey = std::conditional_t<sizeof(T) == 8, std::uint64_t, std::uint32_t>;

// Larger for a larger x: both zeros give the same one, every NaN the largest there is.
template <class T>
OrderKey<T> order_key(T x) {
    static_assert(std::is_arithmetic_v<T>, "numbers of two bytes are sorted as floats");
    using Key = OrderKey<T>;
    [[maybe_unused]] constexpr Key sign = ~(~Key{0} >> 1);
    if constexpr (std::is_floating_point_v<T>) {
        const Key bits = std::bit_cast<Key>(x), magnitude = bits & ~sign;
        if (magnitude > std::bit_cast<Key>(std::numeric_limits<T>::infinity())) return ~Key{0};
        return bits & sign ? sign - magnitude : sign + magnitude;
    } else if constexpr (std::is_signed_v<T>) {
        return static_cast<Key>(x) ^ sign;
    } else {
        return static_cast<Key>(x);
    }
}

}  // namespace fathom::inline v0::kernels
