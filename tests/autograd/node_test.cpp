#include "fathom/autograd/node.hpp"

#include <cmath>
#include <ctime>
#include <string>

#include "fathom/ops/copy.hpp"
#include "fathom/ops/inplace.hpp"
#include "fathom/ops/math.hpp"
#include "fathom/ops/reduce.hpp"
#include "fathom/tensor/factories.hpp"
#include "tests/support.hpp"

using namespace fathom;
using namespace fathom::tests;

TEST_CASE("autograd/node: an overwritten value that backward needs is an error that names operation and line") {
    auto w = Tensor<double>({1, 2}).requires_grad_();
    auto x = Tensor<double>({3, 4});
    const auto y = w * x;
    x(0) = 5;
    CHECK(message_of([&] { sum(y).backward(); }, Where{__FILE__, __LINE__ - 2}) ==
          "mul: backward needs a tensor of shape [2] that was overwritten since (version 1, saved at 0); write into a "
          "clone() instead at here");
    // Through a view of the same storage, by mutable_data, by an optimizer's kind of update.
    const auto z = exp(w);
    auto view = z.detach()[0];
    view += 1;
    CHECK(message_of([&] {
              sum(z).backward();
          }).find("exp: backward needs a tensor of shape [2] that was overwritten") == 0);
    const auto s = square(w);
    {
        NoGrad off;
        w -= 0.1;
    }
    CHECK(message_of([&] { sum(s).backward(); }).find("square: backward needs a tensor") == 0);
    const auto t = square(w);
    w.mutable_data();
    CHECK(message_of([&] { sum(t).backward(); }).find("square: backward needs a tensor") == 0);
}

TEST_CASE("autograd/node: values that backward does not need may be overwritten") {
    auto w = Tensor<double>({1, 2}).requires_grad_();
    auto x = Tensor<double>({3, 4});
    const auto y = w + x, z = w * 3.0;
    x(0) = 5;
    sum(y + z).backward();
    CHECK(elements(w.grad()) == std::vector<double>{4, 4});
}

TEST_CASE("autograd/node: in place on a leaf, or on what others see, is refused") {
    auto w = Tensor<double>({1, 2}).requires_grad_();
    CHECK(message_of([&] { w += 1; }) ==
          "+=: a leaf that requires a gradient is changed in place; do it under NoGrad, or on a clone() at here");
    CHECK(message_of([&] { w.fill_(3); }).find("fill_: a leaf that requires a gradient is changed in place") == 0);
    CHECK(message_of([&] { w.copy_(Tensor<double>({3, 4})); }).find("copy_: a leaf that requires a gradient") == 0);
    const std::string shared =
        "*=: a tensor of shape [2] is changed in place while a view of it or the graph shares its storage; use the "
        "form "
        "that makes a new tensor, or a clone() at here";
    auto y = exp(w);  // exp keeps its result for backward
    CHECK(message_of([&] { y *= 2; }) == shared);
    auto z = w + 1;
    const auto view = z.slice(0, 0, 1);
    CHECK(message_of([&] { z *= 2; }) == shared);
    CHECK(elements(w) == std::vector<double>{1, 2});
}

TEST_CASE("autograd/node: recorded forms in place") {
    auto w = Tensor<double>({1, 2}).requires_grad_();
    auto y = w + 1;
    const auto handle = y;
    y *= w;
    y += 1.0;
    y -= w;
    y /= 2.0;
    CHECK(elements(handle) == std::vector<double>{1, 2.5});
    sum(handle).backward();  // (w (w + 1) + 1 - w) / 2 = (w^2 + 1) / 2
    CHECK(elements(w.grad()) == std::vector<double>{1, 2});
    auto sum_of_all = zeros<double>({2});
    for (int i = 0; i < 3; ++i) sum_of_all += w * w;
    w.zero_grad();
    sum(sum_of_all).backward();
    CHECK(elements(w.grad()) == std::vector<double>{6, 12});
    auto copied = zeros<double>({3, 2});
    copied.copy_(w);
    w.zero_grad();
    sum(copied).backward();
    CHECK(elements(w.grad()) == std::vector<double>{3, 3});
    auto filled = w * 2;
    filled.fill_(1);
    CHECK_FALSE(filled.requires_grad());
}

TEST_CASE("autograd/node: NoGrad records nothing, nests, and ends with its scope") {
    auto w = Tensor<double>({1, 2}).requires_grad_();
    {
        NoGrad off;
        CHECK_FALSE(grad_enabled());
        CHECK_FALSE((w * w).requires_grad());
        {
            GradMode on(true);
            CHECK((w * w).requires_grad());
        }
        CHECK_FALSE(w.slice(0, 0, 1).requires_grad());
        w -= 0.5;
    }
    CHECK(grad_enabled());
    CHECK(elements(w) == std::vector<double>{0.5, 1.5});
    CHECK((w * w).requires_grad());
    try {
        NoGrad off;
        throw 1;
    } catch (int) {
    }
    CHECK(grad_enabled());
}

TEST_CASE("autograd/node: a chain of a million operations goes back and is freed in linear time") {
    const auto seconds_for = [](int length) {
        const std::clock_t begin = std::clock();
        auto w = full<double>({}, 1).requires_grad_();
        {
            auto y = w * 1.0;
            for (int i = 1; i < length; ++i) y = y * (i % 2 ? 2.0 : 0.5);
            y.backward();
            CHECK(w.grad().item() == (length % 2 ? 1 : 2));
            y = y * w;
            for (int i = 1; i < length; ++i) y = y + w;  // freed without having been walked
        }
        return static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
    };
    seconds_for(1000);
    const std::int64_t before = memory_report().active;
    const double quarter = seconds_for(250000), whole = seconds_for(1000000);
    CHECK(memory_report().active == before);
    MESSAGE("250,000 operations: " << quarter << " s, 1,000,000: " << whole << " s of processor time");
    CHECK(whole < 10 * quarter + 0.5);
}

TEST_CASE("autograd/node: saved tensors chained through each other are freed without recursion") {
    auto w = Tensor<double>({1}).requires_grad_();
    auto y = w * 1.0;
    for (int i = 0; i < 200000; ++i) y = y * w;  // every node saves the result of the one before
    y.backward();
    CHECK(w.grad().item() == 200001);
    y = w * 1.0;
    for (int i = 0; i < 200000; ++i) y = tanh(y * w);
    y = {};
    CHECK_FALSE(y.defined());
}

namespace {
// Passes its gradient on and notes how much memory is in use.
struct Probe final : autograd::Node {
    void backward(Gradients& g) override {
        active->push_back(memory_report().active);
        g.add(0, g.output());
    }
    std::vector<std::int64_t>* active = nullptr;
};
}  // namespace

TEST_CASE("autograd/node: saved tensors are released while backward goes, unless retain_graph") {
    constexpr std::int64_t n = 1 << 18, bytes = n * 4, depth = 16;
    for (bool retain : {false, true}) {
        CAPTURE(retain);
        auto w = zeros<float>({n}).requires_grad_();
        const std::int64_t before = memory_report().active;
        std::vector<std::int64_t> active;
        Tensor<float> y = w;
        for (std::int64_t i = 0; i < depth; ++i) {
            y = tanh(y);
            auto probe = y.detach();
            y = finish<Probe>(probe, "probe", Where::here(), {y}, [&](Probe& p) { p.active = &active; });
        }
        const auto loss = sum(y);
        y = {};
        CHECK(memory_report().active >= before + depth * bytes);
        loss.backward({.retain_graph = retain});
        REQUIRE(active.size() == static_cast<std::size_t>(depth));
        if (retain)
            CHECK(active.back() >= active[1]);
        else
            for (std::size_t i = 2; i < active.size(); ++i) CHECK(active[i] <= active[i - 1] - bytes);
        if (!retain) CHECK(memory_report().active < before + 2 * bytes);
    }
}

TEST_CASE("autograd/node: nothing leaks over a thousand steps") {
    auto w = Tensor<double>({1, 2}).requires_grad_();
    const auto step = [&] {
        const auto h = tanh(w * w), k = leaky_relu(h.slice(0, 0, 1) - 0.5, 0.2);
        const auto loss = sum(exp(h) * h) + sum(square(k)) + sum(maximum(h, w)) + mean(clamp(h, -0.5, 0.5));
        loss.backward();
        const auto [g] = grad(sum(pow(tanh(w), 3)), {w}, {.create_graph = true});
        sum(square(g)).backward();
        CHECK_THROWS_AS(loss.backward(), Error);
        w.zero_grad();
    };
    for (int i = 0; i < 10; ++i) step();
    const std::int64_t before = memory_report().active;
    for (int i = 0; i < 1000; ++i) step();
    CHECK(memory_report().active == before);
}

TEST_CASE("autograd/node: a graph keeps what it needs when the handles are gone") {
    auto w = Tensor<double>({1, 2}).requires_grad_();
    Tensor<double> loss;
    {
        const auto hidden = exp(w), other = hidden * hidden;
        loss = sum(other);
    }
    loss.backward();
    CHECK(elements(w.grad())[1] == doctest::Approx(2 * std::exp(4.0)));
}

TEST_CASE("autograd/node: the observer sees every operation with its name, line and result") {
    struct Seen final : fathom::detail::Observer {
        void sees(const fathom::detail::Observation& o) override {
            names.emplace_back(o.operation);
            line = o.site.line;
            CHECK(o.output.defined());
            int n = 0;
            o.inputs.each([&](const AnyTensor& x) { n += x.defined(); });
            inputs.push_back(n);
        }
        void kernel_begins() override { ++kernels; }
        std::vector<std::string> names;
        std::vector<int> inputs;
        int line = 0, kernels = 0;
    } seen;
    auto w = Tensor<double>({1, 2}).requires_grad_();
    int line = 0;
    {
        const ObserveScope scope(seen);
        const auto y = exp(w);
        w + y;
        line = __LINE__ + 1;
        sum(y);
    }
    exp(w);
    CHECK(seen.names == std::vector<std::string>{"exp", "add", "sum"});
    CHECK(seen.inputs == std::vector<int>{1, 2, 1});
    CHECK(seen.kernels == 3);
    CHECK(seen.line == line);
}
