// Programs may trap floating-point exceptions: what kernels do beside the elements asked for must raise none.
#include <cfenv>

#include "fathom/ops/activation.hpp"
#include "fathom/ops/copy.hpp"
#include "fathom/ops/functions.hpp"
#include "fathom/ops/norm.hpp"
#include "fathom/tensor/factories.hpp"
#include "tests/kernels/for_each_isa.hpp"
#include "tests/support.hpp"

using namespace fathom;
using namespace fathom::tests;

TEST_CASE("ops/exceptions: elementwise operations raise none for ordinary numbers, at odd sizes") {
    for_each_isa([] {
        for (const std::int64_t n : {1, 3, 7, 17}) {
            const auto x = full<float>({n}, 0.75), y = full<float>({n}, 0.5);
            std::feclearexcept(FE_ALL_EXCEPT);
            x / y, 1 / x, x - y, x *y, log(x), sqrt(x), pow(x, 1.5), exp(x), tanh(x), sigmoid(x), softplus(x);
            maximum(x, y), clamp(x, 0, 1), relu(x), leaky_relu(x), abs(x), square(x);
            log1p(x), rsqrt(x), sin(x), cos(x), erf(x), floor(x), ceil(x), round(x), lerp(x, y, 0.25), pow(x, y);
            elu(x), gelu(x), gelu(x, GeluApproximate::tanh), silu(x), hardswish(x), relu6(x), norm(x),
                logsumexp(x, {0});
            CHECK(std::fetestexcept(FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW) == 0);
        }
    });
}
