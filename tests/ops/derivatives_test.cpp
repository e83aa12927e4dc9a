// vjp, jvp, jacobian, hessian, hvp against derivatives by hand, and against each other.
#include "fathom/ops/derivatives.hpp"

#include "fathom/autograd/gradcheck.hpp"
#include "fathom/ops/math.hpp"
#include "fathom/ops/matmul.hpp"
#include "fathom/ops/reduce.hpp"
#include "tests/support.hpp"

using namespace fathom;
using namespace fathom::tests;

namespace {

using Double = Tensor<double>;

void check_near(const Double& a, const std::vector<double>& b) {
    const std::vector<double> values = elements(a);
    REQUIRE(values.size() == b.size());
    for (std::size_t i = 0; i < b.size(); ++i) CHECK(values[i] == doctest::Approx(b[i]).epsilon(1e-10));
}

}  // namespace

TEST_CASE("ops/derivatives: of a function of three numbers, by hand") {
    // f(a, b, c) = (a b, exp(c)): the rows of J are (b, a, 0) and (0, 0, exp(c)).
    const auto f = [](const Double& x) { return stack<double>({x[0] * x[1], exp(x[2])}, 0); };
    const Double x({2, 3, 0.5});
    const double e = std::exp(0.5);
    const Double J = jacobian(f, x);
    CHECK(J.shape() == Shape{2, 3});
    check_near(J, {3, 2, 0, 0, 0, e});
    const auto back = vjp(f, x, Double({10, 1}));
    check_near(back.output, {6, e});
    check_near(back.derivative, {30, 20, e});
    const auto forth = jvp(f, x, Double({1, -1, 2}));
    check_near(forth.output, {6, e});
    check_near(forth.derivative, {3 - 2, 2 * e});
    CHECK_FALSE(back.derivative.requires_grad());
    CHECK_FALSE(forth.derivative.requires_grad());
    CHECK_FALSE(x.requires_grad());

    // g = a^2 b + exp(c)
    const auto g = [](const Double& v) { return v[0] * v[0] * v[1] + exp(v[2]); };
    const Double H = hessian(g, x);
    CHECK(H.shape() == Shape{3, 3});
    check_near(H, {6, 4, 0, 4, 0, 0, 0, 0, e});
    const auto product = hvp(g, x, Double({1, 2, 3}));
    check_near(product.output, {12 + e});
    check_near(product.derivative, {6 + 8, 4, 3 * e});
    check_near(vjp(g, x).derivative, {12, 4, e});
}

TEST_CASE("ops/derivatives: products with J agree with J, for views, matrices and float") {
    Generator gen(4);
    const auto w = randn<double>({3, 2}, gen);
    const auto f = [&](const Double& x) { return tanh(matmul(x, w)); };
    const Double x = randn<double>({3, 2}, gen).transpose(0, 1);
    const Double u = randn<double>({2, 2}, gen), v = randn<double>({2, 3}, gen);
    const Double J = jacobian(f, x);
    CHECK(J.shape() == Shape{2, 2, 2, 3});
    const Double flat = J.reshape({4, 6});
    check_near(jvp(f, x, v).derivative, elements(matmul(flat, v.reshape({6, 1}))));
    check_near(vjp(f, x, u).derivative, elements(matmul(u.reshape({1, 4}), flat)));
    const auto square_sum = [](const Tensor<float>& y) { return sum(y * y); };
    CHECK(elements(hessian(square_sum, Tensor<float>({1, 2}))) == std::vector<float>{2, 0, 0, 2});
}

TEST_CASE("ops/derivatives: what does not depend on x has zeros; empty tensors and scalars work") {
    const Double x({1, 2}), constant({3, 4});
    const auto f = [&](const Double&) { return constant; };
    check_near(jacobian(f, x), {0, 0, 0, 0});
    check_near(jvp(f, x, x).derivative, {0, 0});
    check_near(vjp(f, x, x).derivative, {0, 0});
    const auto linear = [](const Double& v) { return sum(v * 3.0); };
    check_near(hessian(linear, x), {0, 0, 0, 0});
    check_near(hvp(linear, x, x).derivative, {0, 0});
    check_near(jvp(linear, x, x).derivative, {9});
    CHECK(jacobian([](const Double& v) { return v * v; }, zeros<double>({0})).shape() == Shape{0, 0});
    const auto scalar = jacobian([](const Double& v) { return v * v; }, full<double>({}, 3.0));
    CHECK(scalar.rank() == 0);
    CHECK(scalar.item() == 6);
}

TEST_CASE("ops/derivatives: are differentiated again with create_graph") {
    const std::vector<Double> in = {Double({0.5, -1.5})};
    const auto f = [](const Double& x) { return exp(x) * sum(x * x); };
    const auto g = [&](const Double& x) { return sum(f(x)); };
    const Double v({0.3, 2});
    gradcheck([&](auto& x) { return jacobian(f, x[0] * 2.0, {.create_graph = true}); }, in);
    gradcheck([&](auto& x) { return hessian(g, x[0], {.create_graph = true}); }, in);
    gradcheck([&](auto& x) { return jvp(f, x[0], v, {.create_graph = true}).derivative; }, in);
    gradcheck([&](auto& x) { return vjp(f, x[0], v, {.create_graph = true}).derivative; }, in);
    gradcheck([&](auto& x) { return hvp(g, x[0], x[0] * v, {.create_graph = true}).derivative; }, in);
    const NoGrad off;  // which is about what surrounds it
    check_near(jacobian([](const Double& x) { return x * x; }, Double({1, 2})), {2, 0, 0, 4});
}

TEST_CASE("ops/derivatives: errors say what was expected") {
    const Double x({1, 2});
    const auto f = [](const Double& v) { return v * v; };
    CHECK(message_of([&] { vjp(f, x); }) ==
          "vjp: the function gives a tensor of shape [2], expected one element at here");
    CHECK(message_of([&] { vjp(f, x, Double({1})); }) ==
          "vjp: the direction has shape [1], expected [2], that of the function's result at here");
    CHECK(message_of([&] { jvp(f, x, Double({1})); }) ==
          "jvp: the direction has shape [1], expected [2], that of the input at here");
    CHECK(message_of([&] { hessian(f, x); }) ==
          "hessian: the function gives a tensor of shape [2], expected one element at here");
    CHECK(message_of([&] {
              jacobian(f, zeros<double>({1, 1, 1, 1, 1}));
          }) ==
          "jacobian: the result would have the dimensions of [1,1,1,1,1] and of [1,1,1,1,1], more than 8 at here");
    CHECK(message_of([&] { jacobian(f, Double()); }) ==
          "jacobian: an input was never given a value (a default-constructed tensor) at here");
}
