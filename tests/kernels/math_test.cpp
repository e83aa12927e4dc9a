#include "fathom/kernels/math.hpp"

#include <bit>
#include <cmath>
#include <limits>
#include <vector>

#include "tests/kernels/for_each_isa.hpp"

#define FATHOM_KERNEL "tests/kernels/math_test.kernel.hpp"
#include "fathom/kernels/foreach_isa.hpp"

namespace fathom::inline v0::kernels {
namespace {

template <class T>
void run_function(int function, const T* x, T* y, int n) {
    FATHOM_DISPATCH(math_test::run<T>(function, x, y, n));
}

constexpr int functions = 12;

double exact(int function, double x) {
    switch (function) {
        case 0:
            return std::exp(x);
        case 1:
            return std::tanh(x);
        case 2:
            return 1 / (1 + std::exp(-x));
        case 3:
            return std::log(x);
        case 4:
            return std::log1p(x);
        case 5:
            return std::sin(x);
        case 6:
            return std::cos(x);
        case 7:
            return std::erf(x);
        case 8:
            return std::expm1(x);
        case 9:
            return std::floor(x);
        case 10:
            return std::ceil(x);
        default:
            return std::nearbyint(x);
    }
}

// Units in the last place that a function of float may be off.
double bound_of(int function) { return function < 5 ? 2 : function < 9 ? 3 : 0; }

// The error in units of the last place of the exact result.
template <class T>
double ulps(T got, double want) {
    const auto nearest = static_cast<T>(want);
    if (std::isnan(nearest) || std::isnan(got)) return std::isnan(nearest) && std::isnan(got) ? 0 : 1e9;
    if (std::isinf(nearest) || std::isinf(got))
        return nearest == got || (std::abs(want) > 3.4028e38 && std::isinf(want) == 0) ? 0 : 1e9;
    if (nearest == T{0} && std::signbit(nearest) != std::signbit(got)) return 1e9;
    const double spacing = std::max<double>(
        static_cast<double>(std::nextafter(std::abs(nearest), std::numeric_limits<T>::infinity()) - std::abs(nearest)),
        static_cast<double>(std::numeric_limits<T>::denorm_min()));
    return std::abs(static_cast<double>(got) - want) / spacing;
}

}  // namespace

TEST_CASE("kernels/math: functions of float are within a few units in the last place, of rounding exact") {
    tests::for_each_isa([] {
        for (int function = 0; function < functions; ++function) {
            CAPTURE(function);
            double worst = 0;
            float worst_at = 0;
            constexpr int n = 4096;
            std::vector<float> x(n), y(n);
            // Every 4099th float of all: 1.05 million, both signs, subnormals, infinities, NaN.
            for (std::uint64_t bits = 0; bits < (std::uint64_t{1} << 32);) {
                for (float& v : x) v = std::bit_cast<float>(static_cast<std::uint32_t>(bits)), bits += 4099;
                run_function(function, x.data(), y.data(), n);
                for (int i = 0; i < n; ++i)
                    if (const double error =
                            ulps(y[static_cast<std::size_t>(i)], exact(function, x[static_cast<std::size_t>(i)]));
                        error > worst)
                        worst = error, worst_at = x[static_cast<std::size_t>(i)];
            }
            CAPTURE(worst_at);
            CHECK(worst <= bound_of(function));
        }
    });
}

TEST_CASE("kernels/math: powers of float are within a unit in the last place, special ones those of the library") {
    tests::for_each_isa([] {
        constexpr int n = 4096;
        std::vector<float> x(n), exponent(n), y(n);
        double worst = 0;
        for (std::uint32_t round = 0; round < 64; ++round) {
            for (std::uint32_t i = 0; i < n; ++i) {
                const std::uint32_t bits = (round * n + i) * 2654435761u;  // in no order
                x[i] = std::bit_cast<float>(bits % 0x7F000000u + 0x800000u);
                const float logarithm = std::log2(x[i]), t = static_cast<float>((bits >> 7) % 300000) / 1000 - 150;
                exponent[i] = round % 2 == 0 ? t / (logarithm == 0 ? 1 : logarithm) : t / 30;
            }
            FATHOM_DISPATCH(math_test::run_power<float>(x.data(), exponent.data(), y.data(), n));
            for (std::size_t i = 0; i < n; ++i)
                worst = std::max(worst, ulps(y[i], std::pow(double{x[i]}, double{exponent[i]})));
        }
        CHECK(worst <= 1);
        constexpr float inf = std::numeric_limits<float>::infinity(), nan = std::numeric_limits<float>::quiet_NaN();
        const std::vector<float> special = {0.0f,  -0.0f,  1.0f, -1.0f, 0.5f, -2.0f, 3.0f,  1e-40f,
                                            3e38f, -3e38f, inf,  -inf,  nan,  2.5f,  1e-3f, 0x1p24f};
        for (const float p : special) {
            for (int i = 0; i < 16; ++i) exponent[static_cast<std::size_t>(i)] = p;
            FATHOM_DISPATCH(math_test::run_power<float>(special.data(), exponent.data(), y.data(), 16));
            for (std::size_t i = 0; i < 16; ++i) {
                CAPTURE(special[i]);
                CAPTURE(p);
                CHECK(ulps(y[i], static_cast<double>(std::pow(special[i], p))) <= 1);
            }
        }
    });
}

TEST_CASE("kernels/math: sine and cosine near multiples of a quarter turn, where the result is small") {
    tests::for_each_isa([] {
        constexpr int n = 16;
        std::vector<float> x(n), y(n);
        double worst[2] = {};
        for (int quarter = 1; quarter <= 7600; ++quarter) {
            float v = static_cast<float>(quarter * 1.5707963267948966);
            for (int i = 0; i < 8; ++i) v = std::nextafter(v, 0.0f);
            for (float& each : x) each = v, v = std::nextafter(v, 1e9f);
            for (const int function : {5, 6}) {
                run_function(function, x.data(), y.data(), n);
                for (std::size_t i = 0; i < n; ++i)
                    worst[function - 5] = std::max(worst[function - 5], ulps(y[i], exact(function, x[i])));
            }
        }
        CHECK(worst[0] <= 3);
        CHECK(worst[1] <= 3);
    });
}

TEST_CASE("kernels/math: functions of double are the standard library's, rounding is exact") {
    tests::for_each_isa([] {
        constexpr double inf = std::numeric_limits<double>::infinity(), nan = std::numeric_limits<double>::quiet_NaN();
        const std::vector<double> x = {0.0,           -0.0,
                                       0.5,           -0.5,
                                       1.5,           -1.5,
                                       2.5,           -2.5,
                                       0.3,           -0.7,
                                       1e-300,        0x1p51 + 0.5,
                                       -0x1p51 - 0.5, 0x1p52 - 0.5,
                                       0x1p53,        1e300,
                                       -1e300,        inf,
                                       -inf,          nan,
                                       12.75,         0.49999999999999994};
        std::vector<double> in(24, 1.0), y(24);
        std::copy(x.begin(), x.end(), in.begin());
        for (int function = 0; function < functions; ++function) {
            CAPTURE(function);
            run_function(function, in.data(), y.data(), 24);
            for (std::size_t i = 0; i < in.size(); ++i) {
                CAPTURE(in[i]);
                CHECK(ulps(y[i], exact(function, in[i])) <= (function < 3 ? 2 : 0));
            }
        }
    });
}

}  // namespace fathom::inline v0::kernels
