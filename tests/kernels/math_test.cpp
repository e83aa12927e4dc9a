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

void run_function(int function, const float* x, float* y, int n) { FATHOM_DISPATCH(math_test::run(function, x, y, n)); }

double exact(int function, double x) {
    return function == 0   ? std::exp(x)
           : function == 1 ? std::tanh(x)
           : function == 2 ? 1 / (1 + std::exp(-x))
           : function == 3 ? std::log(x)
                           : std::log1p(std::abs(x));
}

// The error in units of the last place of the exact result.
double ulps(float got, double want) {
    const auto nearest = static_cast<float>(want);
    if (std::isnan(nearest) || std::isnan(got)) return std::isnan(nearest) && std::isnan(got) ? 0 : 1e9;
    if (std::isinf(nearest) || std::isinf(got)) return nearest == got || std::abs(want) > 3.4028e38 ? 0 : 1e9;
    const double spacing = std::max<double>(
        std::nextafter(std::abs(nearest), std::numeric_limits<float>::infinity()) - std::abs(nearest), 1.5e-45);
    return std::abs(static_cast<double>(got) - want) / spacing;
}

}  // namespace

TEST_CASE("kernels/math: exp, tanh, sigmoid, log and log1p of float are within 2 units in the last place") {
    tests::for_each_isa([] {
        for (int function = 0; function < 5; ++function) {
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
            CHECK(worst <= 2);
        }
    });
}

}  // namespace fathom::inline v0::kernels
