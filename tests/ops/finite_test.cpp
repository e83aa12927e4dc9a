#include "fathom/ops/finite.hpp"

#include <limits>

#include "fathom/ops/math.hpp"
#include "fathom/ops/reduce.hpp"
#include "fathom/tensor/factories.hpp"
#include "tests/support.hpp"

using namespace fathom;
using namespace fathom::tests;

TEST_CASE("ops/finite: the first operation that is not finite is found, of backward too") {
    auto x = Tensor<float>({0, 1}).requires_grad_();
    FirstNonFinite forward;
    const auto y = sum(sqrt(x));
    CHECK_FALSE(forward.found());
    y.backward();  // the slope of the root at 0 is infinite
    CHECK(forward.message().find("sqrt (backward) at finite_test.cpp:") == 0);
    FirstNonFinite second;
    log(x.detach());
    CHECK(second.message().find("log at finite_test.cpp:") == 0);
}

TEST_CASE("ops/finite: names of tensors that are not") {
    StateDict dict;
    dict.add("good", Tensor<float>({1, 2}));
    CHECK(first_not_finite(dict).empty());
    dict.add("bad", Tensor<double>({1, std::numeric_limits<double>::quiet_NaN()}));
    CHECK(first_not_finite(dict) == "bad");
}
