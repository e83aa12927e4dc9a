// Numbers of two bytes. What computes is float, to which they convert. The other way is rounded once, to the nearest,
// ties to even; what is too large becomes infinity, NaN stays NaN. Next: dtype.hpp names them.
#pragma once

#include <bit>
#include <cstdint>
#include <limits>
#include <type_traits>

#include "fathom/core/config.hpp"

namespace fathom::inline v0 {

// As in IEEE 754: a sign, an exponent, a fraction of `fraction` bits.
template <int fraction>
class Float16 {
public:
    Float16() = default;
    template <class Number>
    requires(std::is_arithmetic_v<Number> && sizeof(Number) <= 8) explicit constexpr Float16(Number x)
        : bits_(rounded(widened(x))) {}
    static constexpr Float16 from_bits(std::uint16_t bits) {
        Float16 x{};
        x.bits_ = bits;
        return x;
    }

    constexpr std::uint16_t bits() const { return bits_; }
    constexpr operator float() const {
        if constexpr (bias == 127) {  // the upper half of a float
            return std::bit_cast<float>(std::uint32_t{bits_} << 16);
        } else {
            const std::uint32_t sign = std::uint32_t{bits_} >> 15 << 31, rest = bits_ & 0x7fff;
            std::uint32_t magnitude = rest << (23 - fraction);
            if (rest >= infinity)
                magnitude |= 0xff << 23;
            else if (rest >> fraction != 0)
                magnitude += (127 - bias) << 23;
            else  // subnormal
                magnitude = std::bit_cast<std::uint32_t>(static_cast<float>(rest) / (1 << (bias - 1 + fraction)));
            return std::bit_cast<float>(sign | magnitude);
        }
    }

private:
    static constexpr int bias = (1 << (14 - fraction)) - 1;
    static constexpr std::uint16_t infinity = 0x7fff >> fraction << fraction;

    // Exactly, but for integers that no double holds: of those, any bits beyond leave a trace in the lowest one that it
    // does hold, so that rounding happens once.
    template <class Number>
    static constexpr double widened(Number x) {
        if constexpr (std::is_integral_v<Number> && sizeof(Number) == 8) {
            const Number high = x >> 53;
            if (high != 0 && high != static_cast<Number>(-1))
                x = static_cast<Number>((x & ~Number{2047}) | (Number{(x & 2047) != 0} << 11));
        }
        return static_cast<double>(x);
    }

    static constexpr std::uint16_t rounded(double x) {
        constexpr std::uint64_t one = 1, hidden = one << 52;
        const auto bits = std::bit_cast<std::uint64_t>(x);
        const auto sign = static_cast<std::uint16_t>(bits >> 48 & 0x8000);
        std::uint64_t rest = bits & (~std::uint64_t{0} >> 1);
        const int exponent = static_cast<int>(rest >> 52) - 1023 + bias;
        int cut = 52 - fraction;  // bits that go
        if (rest > 0x7ff * hidden) return static_cast<std::uint16_t>(sign | infinity | 1 << (fraction - 1));
        if (exponent >= infinity >> fraction) return sign | infinity;
        if (exponent > 0) {
            rest -= (1023 - bias) * hidden;
        } else {  // subnormal: the leading 1 becomes part of the fraction
            cut += 1 - exponent;
            if (cut > 54) return sign;
            rest = (rest & (hidden - 1)) | hidden;
        }
        const std::uint64_t kept = rest >> cut, gone = rest & ((one << cut) - 1), half = one << (cut - 1);
        // A carry runs on into the exponent, up to infinity.
        return static_cast<std::uint16_t>(sign | (kept + (gone > half || (gone == half && kept % 2 == 1))));
    }

    std::uint16_t bits_;
};

}  // namespace fathom::inline v0

template <int fraction>
struct std::numeric_limits<fathom::Float16<fraction>> : std::numeric_limits<float> {
private:
    using T = fathom::Float16<fraction>;
    static constexpr int exponents = 1 << (14 - fraction);  // above and below 1
    static constexpr std::uint16_t infinity_bits = 0x7fff >> fraction << fraction;

public:
    static constexpr int digits = fraction + 1, digits10 = fraction * 3 / 10, max_digits10 = 2 + digits * 3 / 10,
                         min_exponent = 3 - exponents, max_exponent = exponents;
    static constexpr T min() noexcept { return T::from_bits(1 << fraction); }
    static constexpr T max() noexcept { return T::from_bits(infinity_bits - 1); }
    static constexpr T lowest() noexcept { return T::from_bits(0x8000 | (infinity_bits - 1)); }
    static constexpr T epsilon() noexcept { return T(1.0f / (1 << fraction)); }
    static constexpr T round_error() noexcept { return T(0.5f); }
    static constexpr T infinity() noexcept { return T::from_bits(infinity_bits); }
    static constexpr T quiet_NaN() noexcept { return T::from_bits(infinity_bits | 1 << (fraction - 1)); }
    static constexpr T denorm_min() noexcept { return T::from_bits(1); }
};
