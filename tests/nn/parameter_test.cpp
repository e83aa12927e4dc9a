#include "fathom/nn/parameter.hpp"

#include <doctest/doctest.h>

#include <utility>

#include "fathom/ops/inplace.hpp"
#include "fathom/ops/reduce.hpp"
#include "fathom/tensor/factories.hpp"

namespace fathom {
namespace {

using nn::Buffer;
using nn::Parameter;

Parameter<float> make() { return Parameter<float>(Tensor<float>({{1, 2, 3}, {4, 5, 6}})); }

}  // namespace

TEST_CASE("nn/parameter: a tensor in every expression") {
    const Parameter<double> w(Tensor<double>({1, 2, 3}));
    const Tensor<double> y = sum(2 * w * w + w);
    y.backward();
    CHECK(w.grad()(1) == 9);
    CHECK(w.requires_grad());
    CHECK_FALSE(Buffer<double>(Tensor<double>({1, 2})).requires_grad());
    auto [g] = grad(sum(w * w), {w});
    CHECK(g(2) == 6);
}

TEST_CASE("nn/parameter: auto copies values, Tensor is a handle") {
    Parameter<float> w = make();
    auto copy = w;
    Tensor<float> handle = w;
    {
        const NoGrad off;
        w.fill_(7);
    }
    CHECK(copy(0, 1) == 2);
    CHECK(handle(0, 1) == 7);
    CHECK(copy.requires_grad());
    sum(copy * copy).backward();
    CHECK(copy.grad().defined());
    CHECK_FALSE(w.grad().defined());
}

TEST_CASE("nn/parameter: a copy keeps whether it requires a gradient, its order of memory, and no gradient") {
    Parameter<float> w(contiguous(zeros<float>({2, 3, 4, 5}), MemoryFormat::channels_last));
    sum(w).backward();
    w.requires_grad_(false);
    const auto frozen = w;
    CHECK_FALSE(frozen.requires_grad());
    CHECK(frozen.is_contiguous(MemoryFormat::channels_last));
    w.requires_grad_();
    sum(w).backward();
    const auto copy = w;
    CHECK(copy.requires_grad());
    CHECK_FALSE(copy.grad().defined());
}

TEST_CASE("nn/parameter: assignment of a copy keeps handles valid") {
    Parameter<float> a = make();
    Parameter<float> b(full<float>({2, 3}, 9));
    const Tensor<float> handle = a;
    sum(a).backward();
    a = b;
    CHECK(handle(1, 2) == 9);
    CHECK_FALSE(a.grad().defined());
    b.requires_grad_(false);
    b.fill_(1);
    CHECK(a(0, 0) == 9);
    a = b;
    CHECK_FALSE(a.requires_grad());
    a = std::as_const(a);
    CHECK(a(0, 0) == 1);

    a = Parameter<float>(ones<float>({4}));  // another shape: another tensor
    CHECK(a.shape() == Shape{4});
    CHECK(handle.shape() == Shape{2, 3});
    a = Parameter<float>();
    CHECK_FALSE(a.defined());
}

TEST_CASE("nn/parameter: moving moves, share() ties") {
    Parameter<float> a = make();
    const Tensor<float> handle = a;
    Parameter<float> b = std::move(a);
    CHECK_FALSE(a.defined());  // NOLINT(bugprone-use-after-move)
    CHECK(b.untyped().same_as(handle.untyped()));

    Parameter<float> tied = b.share();
    {
        const NoGrad off;
        b += 1;
    }
    CHECK(tied(0, 0) == 2);
    CHECK(tied.untyped().same_as(b.untyped()));
    const auto untied = tied;
    CHECK_FALSE(untied.untyped().same_as(b.untyped()));
    Buffer<std::int64_t> count(zeros<std::int64_t>({}));
    CHECK(count.share().untyped().same_as(count.untyped()));
}

TEST_CASE("nn/parameter: made from a tensor, it copies the values and leaves the history behind") {
    const auto x = ones<double>({3}).requires_grad_();
    const Parameter<double> w(2 * x);
    sum(w * w).backward();
    CHECK(w.grad()(0) == 4);
    CHECK_FALSE(x.grad().defined());
    auto values = ones<double>({3});
    const Parameter<double> own(values);
    values.fill_(2);
    CHECK(own(0) == 1);
    const Parameter<double> dense(expand(ones<double>({1}), {3}));
    CHECK(dense.is_contiguous());
}

TEST_CASE("nn/parameter: uninitialised until something is written") {
    auto w = Parameter<float>::uninitialised({2, 2});
    CHECK_FALSE(w.initialised());
    CHECK(w.requires_grad());
    auto copy = w;
    CHECK_FALSE(copy.initialised());
    CHECK(copy.requires_grad());
    const auto tied = w.share();
    {
        const NoGrad off;
        w.fill_(1);
    }
    CHECK(w.initialised());
    CHECK(tied.initialised());
    CHECK_FALSE(copy.initialised());
    copy = w;
    CHECK(copy.initialised());
    CHECK(copy(1, 1) == 1);
    const auto again = copy;
    CHECK(again.initialised());
    CHECK(Parameter<float>().initialised());
    copy = Parameter<float>::uninitialised({2, 2});
    CHECK_FALSE(copy.initialised());
}

}  // namespace fathom
