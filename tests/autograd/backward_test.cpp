#include "fathom/autograd/backward.hpp"

#include <cmath>
#include <thread>

#include "fathom/io/safetensors.hpp"
#include "fathom/ops/copy.hpp"
#include "fathom/ops/inplace.hpp"
#include "fathom/ops/math.hpp"
#include "fathom/ops/reduce.hpp"
#include "fathom/tensor/factories.hpp"
#include "tests/support.hpp"

using namespace fathom;
using namespace fathom::tests;

namespace {
double largest_difference(const AnyTensor& a, const AnyTensor& b) {
    const std::vector<double> p = numbers(a), q = numbers(b);
    REQUIRE(p.size() == q.size());
    double most = 0, scale = 0;
    for (std::size_t i = 0; i < p.size(); ++i)
        most = std::max(most, std::fabs(p[i] - q[i])), scale = std::max(scale, std::fabs(q[i]));
    return most / scale;
}
}  // namespace

TEST_CASE("autograd/backward: gradients of leaves, added up over calls") {
    auto w = Tensor<double>({1, 2, 3}).requires_grad_();
    const Tensor<double> x({4, 5, 6});
    CHECK(w.requires_grad());
    CHECK_FALSE(x.requires_grad());
    CHECK_FALSE(w.grad().defined());
    const auto loss = square(sum(w * x) - 1.0);
    CHECK(loss.requires_grad());
    CHECK(loss.item() == 31 * 31);
    loss.backward();
    CHECK(elements(w.grad()) == std::vector<double>{2 * 31 * 4, 2 * 31 * 5, 2 * 31 * 6});
    (w * x).sum().backward();
    CHECK(elements(w.grad()) == std::vector<double>{252, 315, 378});
    w.zero_grad();
    CHECK_FALSE(w.grad().defined());
    CHECK_FALSE(w.grad().requires_grad());
}

TEST_CASE("autograd/backward: a tensor used many times gets the sum") {
    auto x = Tensor<double>({3}).requires_grad_();
    const auto y = x * x + x * 2 + x;
    const auto z = y * y;
    (z + y).sum().backward();
    CHECK(elements(x.grad()) == std::vector<double>{(2 * 18 + 1) * (2 * 3 + 3)});
    auto s = Tensor<double>({2}).requires_grad_();
    (s + s).sum().backward();
    CHECK(s.grad().item() == 2);
}

TEST_CASE("autograd/backward: an accumulated gradient is its own memory") {
    auto a = Tensor<double>({1, 2}).requires_grad_(), b = Tensor<double>({3, 4}).requires_grad_();
    (a + b).sum().backward();
    CHECK(elements(a.grad()) == std::vector<double>{1, 1});
    {
        NoGrad off;
        auto g = a.grad();
        g += 10;
    }
    CHECK(elements(b.grad()) == std::vector<double>{1, 1});
    (a + b).sum().backward();
    CHECK(elements(a.grad()) == std::vector<double>{12, 12});
    CHECK(elements(b.grad()) == std::vector<double>{2, 2});
    // A gradient that the caller gave is not written to either.
    const Tensor<double> given({5, 6});
    backward(a + 0, given);
    backward(a + 0, given);
    CHECK(elements(given) == std::vector<double>{5, 6});
    CHECK(elements(a.grad()) == std::vector<double>{22, 24});
}

TEST_CASE("autograd/backward: a leaf without dimensions, an output that is a leaf, an output with a given gradient") {
    auto x = full<double>({}, 3).requires_grad_();
    x.backward();
    CHECK(x.grad().item() == 1);
    (x * x).backward();
    CHECK(x.grad().item() == 7);
    auto v = Tensor<double>({1, 2}).requires_grad_();
    backward(v * v, Tensor<double>({10, 100}));
    CHECK(elements(v.grad()) == std::vector<double>{20, 400});
}

TEST_CASE("autograd/backward: what cannot be walked back says why") {
    const Tensor<double> x({1, 2});
    auto w = Tensor<double>({1, 2}).requires_grad_();
    CHECK(message_of([&] { (x * x).sum().backward(); }) ==
          "backward: the output (shape []) does not depend on anything that requires a gradient at here");
    CHECK(message_of([&] { (w * x).backward(); }) ==
          "backward: the output has shape [2], expected one element (or give its gradient) at here");
    CHECK(message_of([&] {
              backward(w * x, Tensor<double>({1, 2, 3}));
          }) == "backward: the output is double [2], its gradient is double [3] at here");
    CHECK(message_of([&] { grad((w * x).sum(), {x}); }) == "grad: input 0 does not require a gradient at here");
}

TEST_CASE("autograd/backward: a second walk needs retain_graph, and says which operation lost its values") {
    auto w = Tensor<double>({1, 2}).requires_grad_();
    const auto kept = sum(w * w);
    kept.backward({.retain_graph = true});
    kept.backward({.retain_graph = true});
    CHECK(elements(w.grad()) == std::vector<double>{4, 8});
    kept.backward();
    CHECK(elements(w.grad()) == std::vector<double>{6, 12});
    const std::string text = message_of([&] {
        const auto loss = sum(w * w);
        loss.backward();
        loss.backward();
    });
    CHECK(
        text ==
        "mul: backward needs values that an earlier backward released; pass {.retain_graph = true} to the first one at "
        "here");
    // Without saved values there is nothing to lose.
    const auto linear = sum(w + w);
    linear.backward();
    CHECK(message_of([&] { linear.backward(); }) == "no error");
}

TEST_CASE("autograd/backward: grad gives gradients and leaves the leaves alone") {
    auto w = Tensor<double>({1, 2}).requires_grad_(), b = Tensor<double>({3}).requires_grad_();
    const auto h = w * w;
    const auto loss = sum(h + b);
    const auto [gw, gb, gh] = grad(loss, {w, b, h}, {.retain_graph = true});
    CHECK(elements(gw) == std::vector<double>{2, 4});
    CHECK(elements(gb) == std::vector<double>{2});
    CHECK(elements(gh) == std::vector<double>{1, 1});
    CHECK_FALSE(gw.requires_grad());
    CHECK_FALSE(w.grad().defined());
    const std::vector<Tensor<double>> both = {w, b};
    CHECK(elements(grad(loss, both)[0]) == std::vector<double>{2, 4});
    CHECK(message_of([&] { grad(loss, {w}); }).find("mul: backward needs values that an earlier backward released") ==
          0);
}

TEST_CASE("autograd/backward: grad of an input that has no part") {
    auto w = Tensor<double>({1, 2}).requires_grad_(), unused = Tensor<double>({1}).requires_grad_();
    const auto loss = sum(w * w);
    CHECK(message_of([&] {
              grad(loss, {w, unused}, {.retain_graph = true});
          }) ==
          "grad: input 1 does not influence the outputs; pass {.allow_unused = true} to get an undefined gradient for "
          "it at "
          "here");
    const auto [gw, gu] = grad(loss, {w, unused}, {.allow_unused = true});
    CHECK(elements(gw) == std::vector<double>{2, 4});
    CHECK_FALSE(gu.defined());
    // An input far from the output, behind a branch that does not lead to it.
    auto x = Tensor<double>({2}).requires_grad_();
    const auto side = exp(w), y = sum(x * x + sum(side));
    CHECK(elements(grad(y, {x})[0]) == std::vector<double>{4});
}

TEST_CASE("autograd/backward: gradients of gradients, against PyTorch") {
    const StateDict golden = io::load(FATHOM_GOLDEN_DIR "/ops.safetensors");
    auto x = golden.find("double_backward.in.x")->as<double>().clone().requires_grad_();
    const auto f = sum(pow(tanh(x), 3));
    const auto [first] = grad(f, {x}, {.create_graph = true});
    CHECK(first.requires_grad());
    CHECK(largest_difference(first, *golden.find("double_backward.out.first")) < 1e-12);
    const auto [second] = grad(sum(square(first)), {x}, {.create_graph = true});
    CHECK(largest_difference(second, *golden.find("double_backward.out.second")) < 1e-12);
    // And once more: f = x^5 four times.
    auto v = Tensor<double>({2}).requires_grad_();
    auto y = v * v * v * v * v;
    for (double expected : {5 * 16.0, 20 * 8.0, 60 * 4.0, 120 * 2.0, 120.0}) {
        y = grad(y, {v}, {.create_graph = true})[0];
        CHECK(y.item() == doctest::Approx(expected));
    }
}

TEST_CASE("autograd/backward: backward through what create_graph recorded") {
    auto x = Tensor<double>({2, 3}).requires_grad_();
    const auto [g] = grad(sum(x * x * x), {x}, {.create_graph = true});
    sum(g * g).backward();  // sum of 9 x^4
    CHECK(elements(x.grad()) == std::vector<double>{36 * 8, 36 * 27});
}

TEST_CASE("autograd/backward: slices, rows, permutations and repeats of a leaf") {
    auto x = reshape(arange<double>(12), {3, 4}).clone().requires_grad_();
    const Tensor<double> k({{1, 2}, {3, 4}});
    sum(x.slice(0, 0, 2).slice(1, 0, 4, 2) * k).backward();
    CHECK(elements(x.grad()) == std::vector<double>{1, 0, 2, 0, 3, 0, 4, 0, 0, 0, 0, 0});
    sum(x[2] * x[2]).backward();
    CHECK(elements(x.grad()) == std::vector<double>{1, 0, 2, 0, 3, 0, 4, 0, 16, 18, 20, 22});
    x.zero_grad();
    sum(x.transpose(0, 1).reshape({6, 2}) * reshape(arange<double>(12), {6, 2})).backward();
    CHECK(elements(x.grad()) == std::vector<double>{0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11});
    auto s = Tensor<double>({{1}, {2}}).requires_grad_();
    sum(s.expand({3, 2, 4}) * ones<double>({3, 2, 4})).backward();
    CHECK(elements(s.grad()) == std::vector<double>{12, 12});
    // Overlapping slices meet in one gradient.
    auto v = Tensor<double>({1, 2, 3, 4}).requires_grad_();
    sum(v.slice(0, 0, 3) * v.slice(0, 1, 4)).backward();
    CHECK(elements(v.grad()) == std::vector<double>{2, 4, 6, 3});
}

TEST_CASE("autograd/backward: the gradient of a broadcast is summed") {
    auto row = Tensor<double>({1, 2}).requires_grad_(), column = Tensor<double>({{1}, {2}, {3}}).requires_grad_();
    auto one = full<double>({}, 2).requires_grad_();
    sum(row * column * one).backward();
    CHECK(elements(row.grad()) == std::vector<double>{12, 12});
    CHECK(elements(column.grad()) == std::vector<double>{6, 6, 6});
    CHECK(column.grad().shape() == Shape{3, 1});
    CHECK(one.grad().item() == 18);
    CHECK(one.grad().shape() == Shape{});
}

TEST_CASE("autograd/backward: a gradient has its leaf's layout") {
    auto x = zeros<float>({2, 3, 4, 5}).contiguous(MemoryFormat::channels_last).requires_grad_();
    sum(x * 2).backward();
    CHECK(x.grad().is_contiguous(MemoryFormat::channels_last));
    sum(x.contiguous() * 2).backward();
    CHECK(x.grad().is_contiguous(MemoryFormat::channels_last));
    CHECK(elements(x.grad()) == std::vector<float>(120, 4));
}

TEST_CASE("autograd/backward: conversions of dtype carry gradients, integers end them") {
    auto x = Tensor<float>({1, 2}).requires_grad_();
    const auto wide = x.to<double>();
    sum(wide * wide).backward();
    CHECK(elements(x.grad()) == std::vector<float>{2, 4});
    CHECK_FALSE(x.to<std::int64_t>().requires_grad());
}

TEST_CASE("autograd/backward: requires_grad_ on and off, detach") {
    auto x = Tensor<double>({1, 2});
    x.requires_grad_();
    x.requires_grad_();
    const auto y = x * 2;
    CHECK_FALSE(y.detach().requires_grad());
    auto z = x * 3;
    CHECK(message_of([&] { z.requires_grad_(false); }) ==
          "requires_grad_: the result of a recorded operation always requires a gradient; detach() it at here");
    x.requires_grad_(false);
    CHECK_FALSE((x * 2).requires_grad());
}

TEST_CASE("autograd/backward: threads build and walk their own graphs, and each other's") {
    auto shared = Tensor<double>({2, 3}).requires_grad_();
    std::vector<double> results(4);
    std::vector<std::thread> threads;
    for (std::size_t t = 0; t < results.size(); ++t)
        threads.emplace_back([&, t] {
            auto w = Tensor<double>({static_cast<double>(t)}).requires_grad_();
            for (int step = 0; step < 100; ++step) sum(w * w).backward();
            results[t] = w.grad().item() + grad(sum(shared * shared), {shared})[0](0);
        });
    for (std::thread& thread : threads) thread.join();
    for (std::size_t t = 0; t < results.size(); ++t) CHECK(results[t] == 200 * static_cast<double>(t) + 4);
    Tensor<double> loss;
    std::thread([&] { loss = sum(shared * shared); }).join();
    loss.backward();
    CHECK(elements(shared.grad()) == std::vector<double>{4, 6});
}
