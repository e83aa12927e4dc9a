#include "fathom/core/float16.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "fathom/core/float_bits.hpp"
#include "tests/dtypes.hpp"

namespace fathom::tests {
namespace {

// One format, written differently from the class: a table of all magnitudes, spelled out from sign, exponent and
// fraction.
template <class T>
struct Reference {
    int fraction_bits, infinity;
    std::vector<double> magnitudes;  // by code; the last is where infinity stands: the first that is too large

    Reference() {
        infinity = T(std::numeric_limits<float>::infinity()).bits();
        for (fraction_bits = 0; (infinity >> fraction_bits) % 2 == 0;) ++fraction_bits;
        const int ones = infinity >> fraction_bits, bias = ones / 2, steps = 1 << fraction_bits;
        for (int code = 0; code <= infinity; ++code) {
            const int exponent = code / steps, rest = code % steps;
            magnitudes.push_back(exponent == 0 ? std::ldexp(rest, 1 - bias - fraction_bits)
                                               : std::ldexp(steps + rest, exponent - bias - fraction_bits));
        }
    }
    // The nearest of the two neighbours, at the middle the even one.
    int rounded(double x) const {
        const int sign = std::signbit(x) ? 0x8000 : 0;
        x = std::abs(x);
        int low = 0, high = infinity;
        if (x >= magnitudes.back()) return sign | infinity;
        while (high - low > 1) {
            const int code = (low + high) / 2;
            (magnitudes[static_cast<std::size_t>(code)] <= x ? low : high) = code;
        }
        const double middle = between(low);
        return sign | (x < middle || (x == middle && low % 2 == 0) ? low : high);
    }
    double between(int code) const {  // exact: a double has room
        const auto i = static_cast<std::size_t>(code);
        return (magnitudes[i] + magnitudes[i + 1]) / 2;
    }
};

template <class T>
T of(int bits) {
    return T::from_bits(static_cast<std::uint16_t>(bits));
}

template <class T>
void check_bits() {
    const Reference<T> reference;
    int wrong_values = 0, wrong_ways_back = 0, nans = 0;
    for (int bits = 0; bits < 65536; ++bits) {
        const T x = of<T>(bits);
        const float value = x;
        const int magnitude = bits & 0x7fff;
        if (magnitude > reference.infinity) {
            ++nans;
            wrong_values += !is_nan(value) || !is_nan(static_cast<float>(T(value))) ||
                            !is_nan(static_cast<float>(T(static_cast<double>(value))));
            continue;
        }
        const double expected = magnitude == reference.infinity
                                    ? std::numeric_limits<double>::infinity()
                                    : reference.magnitudes[static_cast<std::size_t>(magnitude)];
        wrong_values += static_cast<double>(value) != (bits == magnitude ? expected : -expected);
        wrong_ways_back += T(value).bits() != bits || T(static_cast<double>(value)).bits() != bits;
    }
    CHECK(wrong_values == 0);
    CHECK(wrong_ways_back == 0);
    CHECK(nans == 2 * ((1 << reference.fraction_bits) - 1));
}

template <class T>
void check_rounding() {
    const Reference<T> reference;
    const double infinity = std::numeric_limits<double>::infinity();
    int wrong = 0, checked = 0;
    const auto check = [&](double x) {
        for (const double y : {x, -x}) wrong += T(y).bits() != reference.rounded(y), ++checked;
    };
    const auto check_float = [&](float x) {
        for (const float y : {x, -x}) wrong += T(y).bits() != reference.rounded(static_cast<double>(y)), ++checked;
    };
    for (int code = 0; code < reference.infinity; ++code)
        for (const double x : {reference.magnitudes[static_cast<std::size_t>(code)], reference.between(code)}) {
            // A double next to the middle between two values is that middle when it is made a float first.
            for (const double y : {x, std::nextafter(x, 0.0), std::nextafter(x, infinity)}) check(y);
            const auto f = static_cast<float>(x);
            for (const float y :
                 {f, std::nextafter(f, 0.0f), std::nextafter(f, std::numeric_limits<float>::infinity())})
                check_float(y);
        }
    for (const double x : {1e300, 1e-300, std::numeric_limits<double>::max(), std::numeric_limits<double>::denorm_min(),
                           infinity, static_cast<double>(std::numeric_limits<float>::max())})
        check(x);
    CHECK(wrong == 0);
    CHECK(checked > 300000);
}

template <class T>
void check_integers() {
    const Reference<T> reference;
    for (const int value : {0, 1, -1, 2, 127, 255, 256, 257, -258, 2049, 65503, 65504, 65519, 65520, 1 << 30})
        CHECK(T(value).bits() == (reference.rounded(value) & (value == 0 ? 0x7fff : 0xffff)));
    CHECK(T(true) == 1.0f);
    CHECK(T(std::uint8_t{255}).bits() == reference.rounded(255));
    // Next to the middle between two values, closer than a double can tell.
    int wrong = 0;
    for (int code = T(std::ldexp(1, 54)).bits(); code < T(std::ldexp(1, 63)).bits(); ++code) {
        const auto middle = static_cast<std::int64_t>(reference.between(code));
        for (const std::int64_t sign : {1, -1}) {
            const int s = sign < 0 ? 0x8000 : 0;
            wrong += T(sign * (middle - 1)).bits() != (s | code);
            wrong += T(sign * (middle + 1)).bits() != (s | (code + 1));
            wrong += T(sign * middle).bits() != (s | (code + code % 2));
        }
    }
    CHECK(wrong == 0);
    CHECK(T(std::numeric_limits<std::int64_t>::min()).bits() == reference.rounded(-std::ldexp(1, 63)));
    CHECK(T(std::numeric_limits<std::uint64_t>::max()).bits() == reference.rounded(std::ldexp(1, 64)));
}

}  // namespace

TEST_CASE("core/float16: every value becomes the float that it is and comes back, NaN stays NaN") {
    for_each_stored([]<class T>(Type<T>) { check_bits<T>(); });
}

TEST_CASE("core/float16: rounding is to the nearest, ties to even, once") {
    for_each_stored([]<class T>(Type<T>) { check_rounding<T>(); });
}

TEST_CASE("core/float16: integers are rounded once too") {
    for_each_stored([]<class T>(Type<T>) { check_integers<T>(); });
}

TEST_CASE("core/float16: bfloat16 by known values") {
    static_assert(bfloat16(1.0f).bits() == 0x3f80 && bfloat16(-2).bits() == 0xc000 &&
                  bfloat16(3.4e38).bits() == 0x7f80);
    static_assert(sizeof(bfloat16) == 2 && std::is_trivially_copyable_v<bfloat16>);
    static_assert(!std::is_convertible_v<float, bfloat16> && std::is_convertible_v<bfloat16, float>);
    CHECK(bfloat16{} == 0.0f);
    CHECK(bfloat16(-0.0f).bits() == 0x8000);
    CHECK(bfloat16(3.14159265).bits() == 0x4049);
    CHECK(bfloat16(std::ldexp(1.0, -133)).bits() == 1);
    CHECK(bfloat16(std::ldexp(1.0, -134)).bits() == 0);
    CHECK(bfloat16(1.0f) + bfloat16(2.0f) == 3.0f);  // as floats
}

TEST_CASE("core/float16: half by known values") {
    static_assert(half(1.0f).bits() == 0x3c00 && half(-2).bits() == 0xc000 && sizeof(half) == 2);
    CHECK(half(65504).bits() == 0x7bff);
    CHECK(half(65519.999).bits() == 0x7bff);
    CHECK(half(65520).bits() == 0x7c00);  // infinity, not the middle between two values
    CHECK(half(std::ldexp(1.0, -14)).bits() == 0x0400);
    CHECK(half(std::ldexp(1023.0, -24)).bits() == 0x03ff);  // the largest subnormal
    CHECK(half(std::ldexp(1.0, -24)).bits() == 1);
    CHECK(half(std::ldexp(1.0, -25)).bits() == 0);
    CHECK(half(std::ldexp(1.0000001, -25)).bits() == 1);
    CHECK(half(std::ldexp(1.5, -24)).bits() == 2);
    CHECK(half(0.1) == 0.0999755859375f);
}

TEST_CASE("core/float16: std::numeric_limits") {
    using B = std::numeric_limits<bfloat16>;
    using H = std::numeric_limits<half>;
    static_assert(B::is_specialized && B::digits == 8 && H::digits == 11 && H::max_exponent == 16 &&
                  H::min_exponent == -13 && B::max_exponent == 128 && B::min_exponent == -125);
    CHECK(H::max() == 65504.0f);
    CHECK(H::lowest() == -65504.0f);
    CHECK(H::min() == std::ldexp(1.0f, -14));
    CHECK(H::denorm_min() == std::ldexp(1.0f, -24));
    CHECK(H::epsilon() == std::ldexp(1.0f, -10));
    CHECK(B::max() == std::ldexp(255.0f, 120));
    CHECK(B::min() == std::numeric_limits<float>::min());
    CHECK(B::epsilon() == std::ldexp(1.0f, -7));
    CHECK(B::infinity() == std::numeric_limits<float>::infinity());
    CHECK(is_nan(static_cast<float>(H::quiet_NaN())));
}

}  // namespace fathom::tests
