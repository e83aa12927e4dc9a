// Functions that are made of others at special values: zeros and their signs, infinities, NaN, large and small numbers.
#include <cmath>
#include <limits>

#include "fathom/ops/composed_activation.hpp"
#include "fathom/ops/functions_of_two.hpp"
#include "fathom/tensor/factories.hpp"
#include "tests/support.hpp"

using namespace fathom;
using namespace fathom::tests;

using List = std::vector<double>;

TEST_CASE("ops/composed: special values") {
    const double infinity = std::numeric_limits<double>::infinity(), nan = std::numeric_limits<double>::quiet_NaN();
    const Tensor<double> x{-infinity, -1e-12, -0.0, 0, 1e-12, 1000, infinity};
    const List odd{-infinity, -1e-12, 0, 0, 1e-12};
    for (const auto& y : {sinh(x), asinh(x)})
        for (std::size_t i = 1; i < odd.size(); ++i) CHECK(numbers(y)[i] == doctest::Approx(odd[i]).epsilon(1e-14));
    CHECK(numbers(asinh(x))[0] == -infinity);
    CHECK(numbers(sinh(x))[6] == infinity);
    CHECK(asinh(Tensor<double>({1e200}))(0) == doctest::Approx(std::asinh(1e200)));
    CHECK(acosh(Tensor<double>({1e200}))(0) == doctest::Approx(std::acosh(1e200)));
    CHECK(numbers(expm1(x))[0] == -1);
    CHECK(numbers(expm1(x))[4] == doctest::Approx(1e-12).epsilon(1e-14));
    CHECK(numbers(asinh(x))[5] == doctest::Approx(std::asinh(1000)).epsilon(1e-14));
    CHECK(numbers(signbit(x)) == List{1, 1, 1, 0, 0, 0, 0});
    CHECK(numbers(isposinf(x)) == List{0, 0, 0, 0, 0, 0, 1});
    CHECK(numbers(isneginf(x)) == List{1, 0, 0, 0, 0, 0, 0});
    CHECK(numbers(sinc(Tensor<double>({0, 1e-9}))) == List{1, 1});
    CHECK(numbers(round(Tensor<double>({1234, 1500, 2500}), -3)) == List{1000, 2000, 2000});
    CHECK(numbers(nan_to_num(Tensor<double>({nan, 1}))) == List{0, 1});

    const Tensor<double> a{3e200, 0, infinity, -7}, b{4e200, 0, 1, 2};
    CHECK(numbers(hypot(a, b))[0] == doctest::Approx(5e200));
    CHECK(numbers(hypot(a, b))[1] == 0);
    CHECK(numbers(hypot(a, b))[2] == infinity);
    CHECK(fmod(a, b)(3) == -1);
    CHECK(remainder(a, b)(3) == 1);
    const Tensor<double> ends{infinity, -infinity, 2};
    CHECK(numbers(logaddexp(ends, ends)) == List{infinity, -infinity, 2 + std::log(2)});
    CHECK(numbers(xlogy(Tensor<double>({0, 0, 0}), Tensor<double>({0, infinity, -1}))) == List{0, 0, 0});
    CHECK(std::isnan(xlogy(zeros<double>({}), full<double>({}, nan)).item()));
    CHECK(numbers(fmax(Tensor<double>({nan, 1, 2}), Tensor<double>({1, nan, 3}))) == List{1, 1, 3});
    CHECK(numbers(fmin(Tensor<double>({nan, 1, 2}), Tensor<double>({1, nan, 3}))) == List{1, 1, 2});
    CHECK(numbers(heaviside(Tensor<double>({-1, 0, 2}), full<double>({}, 0.5))) == List{0, 0.5, 1});
    CHECK(numbers(copysign(Tensor<double>({1, -1}), Tensor<double>({-0.0, 0.0}))) == List{-1, 1});

    const Tensor<double> p{1, infinity, nan, 1}, q{1 + 1e-6, infinity, nan, 2};
    CHECK(numbers(isclose(p, q)) == List{1, 1, 0, 0});
    CHECK(numbers(isclose(p, q, 1e-8, 0, true)) == List{0, 1, 1, 0});
    CHECK(!allclose(p, q));
    CHECK(allclose(p, q, 1, 0, true));
}

TEST_CASE("ops/composed: slopes at zero") {
    auto x = zeros<double>({1}).requires_grad_();
    (asinh(x) + sinh(x) + expm1(x) + sinc(x)).backward();
    CHECK(x.grad().item() == 3);
}

TEST_CASE("ops/composed: errors") {
    const auto x = zeros<float>({2, 3});
    CHECK(message_of([&] { glu(x, 1, Where{}); }) == "glu: dimension 1 of [2,3] has an odd size");
    CHECK(message_of([&] { softshrink(x, -1, Where{}); }) == "softshrink: lambd -1, expected at least 0");
    CHECK(message_of([&] { logit(x, 0.7, Where{}); }) == "logit: eps 0.7, expected one in [0, 0.5]");
    CHECK(message_of([&] { celu(x, 0, Where{}); }) == "celu: alpha is 0");
}
