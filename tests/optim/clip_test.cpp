#include "fathom/optim/clip.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "fathom/nn/parameter.hpp"
#include "fathom/ops/reduce.hpp"
#include "fathom/tensor/factories.hpp"

namespace fathom {
namespace {

template <class T>
nn::Parameter<T> with_gradient(const Tensor<T>& gradient) {
    nn::Parameter<T> w(zeros<T>(gradient.shape()));
    static_cast<autograd::Leaf*>(autograd::node_of(w))->grad = gradient;
    return w;
}

}  // namespace

TEST_CASE("optim/clip: gradients are scaled to the norm of all of them together") {
    const auto a = with_gradient(Tensor<float>({3, 0})), b = with_gradient(Tensor<float>({{0, 0}, {4, 0}}));
    const nn::Parameter<float> none(ones<float>({2}));
    CHECK(optim::clip_grad_norm_({a, none, b}, 10) == 5);
    CHECK(a.grad()(0) == 3);
    CHECK(optim::clip_grad_norm_({a, none, b}, 1) == 5);
    CHECK(a.grad()(0) == doctest::Approx(0.6).epsilon(1e-6));
    CHECK(b.grad()(1, 0) == doctest::Approx(0.8).epsilon(1e-6));
    CHECK(optim::clip_grad_norm_({a, b}, 2) == doctest::Approx(1).epsilon(1e-6));
    CHECK(optim::clip_grad_norm_({none}, 2) == 0);
}

TEST_CASE("optim/clip: any strides, odd sizes, float and double together") {
    Generator gen(1);
    const auto g = randn<double>({5, 7, 3}, gen);
    double expected = 0;
    for (std::int64_t i = 0; i < g.numel(); ++i) expected += g.data()[i] * g.data()[i];
    const auto a = with_gradient(g), b = with_gradient(Tensor<double>(g.permute({2, 0, 1})));
    const auto c = with_gradient(Tensor<double>(g.slice(0, 0, 5, 2)));
    CHECK(optim::clip_grad_norm_({a}, 1e9) == doctest::Approx(std::sqrt(expected)).epsilon(1e-14));
    CHECK(optim::clip_grad_norm_({b}, 1e9) == doctest::Approx(std::sqrt(expected)).epsilon(1e-14));
    CHECK(optim::clip_grad_norm_({a, with_gradient(Tensor<float>({2}))}, 1e9) ==
          doctest::Approx(std::sqrt(expected + 4)).epsilon(1e-14));
    const double third = optim::clip_grad_norm_({c}, 1e9);
    CHECK(third < std::sqrt(expected));
    CHECK(optim::clip_grad_norm_({c}, 1) == third);
    CHECK(g(0, 1, 1) == c.grad()(0, 1, 1));  // the gradient itself was written, not a copy
    CHECK(optim::clip_grad_norm_({c}, 1e9) == doctest::Approx(1).epsilon(1e-5));
    CHECK(optim::clip_grad_norm_({with_gradient(zeros<double>({0, 3})), with_gradient(full<double>({}, 2))}, 1e9) == 2);
}

TEST_CASE("optim/clip: a norm that is not finite") {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    const auto a = with_gradient(Tensor<double>({3, 4})), b = with_gradient(Tensor<double>({nan, 1}));
    CHECK_THROWS_WITH_AS(optim::clip_grad_norm_({a, b}, 1),
                         doctest::Contains("clip_grad_norm_: the gradient of parameter 1 (shape [2]) is not finite at"),
                         Error);
    CHECK(std::isnan(optim::clip_grad_norm_({a, b}, 1, false)));
    CHECK(a.grad()(0) == 3);
    CHECK_THROWS_AS(optim::clip_grad_norm_({a}, -1), Error);
    CHECK_THROWS_AS(optim::clip_grad_norm_({a}, nan), Error);
}

}  // namespace fathom
