#include "fathom/tensor/scalar.hpp"

#include <limits>

#include "fathom/ops/arithmetic.hpp"
#include "fathom/ops/copy.hpp"
#include "fathom/ops/inplace.hpp"
#include "fathom/tensor/factories.hpp"
#include "tests/support.hpp"

using namespace fathom;
using namespace fathom::tests;

namespace {
constexpr std::int64_t beyond_double = (std::int64_t{1} << 53) + 1, most = std::numeric_limits<std::int64_t>::max();
}

TEST_CASE("tensor/scalar: an int64 keeps all of its digits") {
    using I = std::int64_t;
    for (const I k : {beyond_double, -beyond_double, most, -most - 1, most - 1, I{-1}, I{1} << 62}) {
        CAPTURE(k);
        CHECK(full<I>({2}, k)(1) == k);
        auto x = zeros<I>({2});
        x.fill_(k);
        CHECK(x(0) == k);
        CHECK(elements(x == k) == std::vector<bool>{true, true});
        CHECK(elements(x != k) == std::vector<bool>{false, false});
        x.zero_();
        x += k;
        CHECK(x(1) == k);
        CHECK((zeros<I>({1}) + k)(0) == k);
        CHECK((Tensor<I>({k}))(0) == k);
    }
    CHECK(arange<I>(beyond_double, beyond_double + 2)(1) == beyond_double + 1);
}

TEST_CASE("tensor/scalar: what does not fit throws, wherever a number is given") {
    const char* text = "scalar: 300 does not fit uint8, which holds 0 to 255 at here";
    auto u = zeros<std::uint8_t>({2});
    CHECK(message_of([] { full<std::uint8_t>({2}, 300); }) == text);
    CHECK(message_of([&] { u.fill_(300); }) == text);
    CHECK(message_of([&] { u + 300; }) == text);
    CHECK(message_of([&] { return u == 300; }) == text);
    CHECK(message_of([&] { u += 300; }) == text);
    CHECK(message_of([] { Tensor<std::uint8_t>({300}); }) == text);
    CHECK(message_of([&] { return u == -1; }) == "scalar: -1 does not fit uint8, which holds 0 to 255 at here");
    CHECK(message_of([] { full<std::int32_t>({1}, most); }).find("does not fit int32") != std::string::npos);
    CHECK(message_of([] { full<std::int64_t>({1}, ~std::uint64_t{0}); }).find("does not fit int64") !=
          std::string::npos);
    CHECK(message_of([] { full<bool>({1}, 2); }) == "scalar: 2 does not fit bool, which holds 0 to 1 at here");
    CHECK(message_of([] { full<float>({1}, 1e300); }) == "scalar: 1e+300 is too large for float at here");
    CHECK(message_of([] { ones<float>({1}) * -1e300; }) == "scalar: -1e+300 is too large for float at here");
    CHECK(message_of([] { full<half>({1}, 1e6); }) == "scalar: 1e+06 is too large for half at here");
    CHECK(elements(u) == std::vector<std::uint8_t>{0, 0});
}

TEST_CASE("tensor/scalar: numbers are rounded, infinity and NaN pass") {
    CHECK(full<float>({1}, 0.1)(0) == 0.1f);
    CHECK(full<float>({1}, beyond_double)(0) == 0x1p53f);
    CHECK(full<float>({1}, std::numeric_limits<double>::infinity())(0) == std::numeric_limits<float>::infinity());
    CHECK(full<half>({1}, 65504)(0) == 65504.0f);
    const float nan = full<float>({1}, std::numeric_limits<double>::quiet_NaN())(0);
    CHECK(is_nan(nan));
    CHECK(full<bool>({1}, 1)(0));
}
