// Anomaly mode: what it finds and what it says.
#include "fathom/ops/anomaly.hpp"

#include <limits>

#include "fathom/autograd/hook.hpp"
#include "fathom/nn/linear.hpp"
#include "fathom/ops/inplace.hpp"
#include "fathom/ops/math.hpp"
#include "fathom/ops/reduce.hpp"
#include "fathom/tensor/factories.hpp"
#include "tests/support.hpp"

using namespace fathom;
using namespace fathom::tests;

namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();

struct Net : nn::Module {
    nn::Linear<float> first, second;
    explicit Net(Generator& gen) : first(2, 2, gen), second(2, 1, gen) {}
    void visit(nn::Visitor& v) override { v("first", first), v("second", second); }
    Tensor<float> forward(const Tensor<float>& x) { return second(sqrt(first(x))); }
};

}  // namespace

TEST_CASE("ops/anomaly: forward, with the line, counts, and the inputs") {
    const AnomalyMode on;
    const Tensor<float> x({4, -1, 0}), y({1, 2, 3});
    CHECK(message_of([&] { sqrt(x); }) ==
          "sqrt: gave values that are not finite: float [3] from 0 to 2, mean 1, 1 NaN and 0 infinite of 3; input 0: "
          "float [3] from -1 to 4, mean 1 at here");
    CHECK(message_of([&] { y / x; }) ==
          "div: gave values that are not finite: float [3] from -2 to 0.25, mean -0.875, 0 NaN and 1 infinite of 3; "
          "input 0: float [3] from 1 to 3, mean 2; input 1: float [3] from -1 to 4, mean 1 at here");
    CHECK(message_of([&] { exp(y); }) == "no error");
}

TEST_CASE("ops/anomaly: backward, by the line of the operation") {
    auto x = Tensor<float>({4, 0}).requires_grad_();
    const AnomalyMode on;
    const auto root = sqrt(x);
    const std::string line = std::to_string(__LINE__ - 1);
    const auto loss = sum(root);
    const auto message = message_of([&] { loss.backward(); }, {});
    CHECK(message ==
          "sqrt (backward): gave a gradient that is not finite: float [2] from 0.25 to 0.25, mean 0.25, 0 "
          "NaN and 1 infinite of 2; gradient of its result: float [2] from 1 to 1, mean 1 at "
          "anomaly_test.cpp:" +
              line);
}

TEST_CASE("ops/anomaly: names the module, forward and backward") {
    Generator gen(1);
    Net net(gen);
    net.name_children();
    const AnomalyMode on;
    const std::string forward = message_of([&] { net.forward(Tensor<float>({{infinity, 1}})); });
    CHECK(forward.find("linear: ") == 0);
    CHECK(forward.find("; in module first at ") != std::string::npos);
    auto h = net.second(Tensor<float>({{1, 2}}));
    h.register_hook([](const Tensor<float>& g) { return g * std::numeric_limits<float>::max(); });
    const std::string backward = message_of([&] { sum(h).backward(); });
    CHECK(backward.find("linear (backward): ") == 0);
    CHECK(backward.find("; in module second at ") != std::string::npos);
}

TEST_CASE("ops/anomaly: infinities on purpose are let through where that is said; the scope ends it") {
    const Tensor<float> x({0, 1});
    {
        const AnomalyMode on({.infinite = false});
        CHECK(message_of([&] { log(x); }) == "no error");
        CHECK(message_of([&] { log(x - 1.0f); }).find("log: ") == 0);
        const AnomalyMode inner;  // beside the outer one
        CHECK(message_of([&] { log(x); }).find("log: ") == 0);
    }
    CHECK(message_of([&] { log(x - 1.0f); }) == "no error");
}

TEST_CASE("ops/anomaly: statistics of views and of other element types") {
    const Tensor<double> x({{1, 2, 3}, {4, 5, 6}});
    CHECK(fathom::detail::describe(x.transpose(0, 1)[1]) == "double [2] from 2 to 5, mean 3.5");
    CHECK(fathom::detail::describe(Tensor<std::int64_t>({3, -3})) == "int64 [2] from -3 to 3, mean 0");
    CHECK(fathom::detail::describe(Tensor<bool>({true, false})) == "bool [2] from 0 to 1, mean 0.5");
    CHECK(fathom::detail::describe(Tensor<float>({1, infinity}).to<bfloat16>()) ==
          "bfloat16 [2] from 1 to 1, mean 1, 0 NaN and 1 infinite of 2");
    CHECK(fathom::detail::describe(zeros<float>({0, 3})) == "float [0,3]");
}
