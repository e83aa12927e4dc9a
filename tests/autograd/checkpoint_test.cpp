// checkpoint(): the same gradients, from less memory.
#include "fathom/autograd/checkpoint.hpp"

#include <memory>

#include "fathom/autograd/gradcheck.hpp"
#include "fathom/autograd/hook.hpp"
#include "fathom/core/allocator.hpp"
#include "fathom/nn/batch_norm.hpp"
#include "fathom/nn/linear.hpp"
#include "fathom/ops/inplace.hpp"
#include "fathom/ops/math.hpp"
#include "fathom/ops/reduce.hpp"
#include "fathom/tensor/factories.hpp"
#include "tests/support.hpp"

using namespace fathom;
using namespace fathom::tests;

namespace {

using Double = Tensor<double>;

struct Block : nn::Module {
    nn::Linear<float> in, out;
    explicit Block(Generator& gen) : in(8, 16, gen), out(16, 8, gen) {}
    void visit(nn::Visitor& v) override { v("in", in), v("out", out); }
    Tensor<float> forward(const Tensor<float>& x) { return out(tanh(in(x))); }
};

std::vector<std::vector<float>> gradients(nn::Module& module) {
    std::vector<std::vector<float>> all;
    for (const AnyTensor& p : module.parameters()) all.push_back(elements(accumulated_grad(p.as<float>())));
    module.zero_grad();
    return all;
}

}  // namespace

TEST_CASE("autograd/checkpoint: values and gradients are those without it, of inputs and of weights, bit by bit") {
    Generator gen(1);
    Block block(gen);
    auto x = randn<float>({4, 8}, gen).requires_grad_();
    const auto plain = sum(square(block.forward(x)));
    plain.backward();
    const auto dx = elements(x.grad());
    const auto weights = gradients(block);
    x.zero_grad();
    const auto y = checkpoint(block, x);
    CHECK(same_bits(y, block.forward(x)));
    sum(square(y)).backward();
    CHECK(elements(x.grad()) == dx);
    CHECK(gradients(block) == weights);

    // Weights alone; by a lambda; as what grad() asks for.
    const auto h = checkpoint([&](const Tensor<float>& in) { return block.forward(in); }, x.detach());
    sum(square(h)).backward();
    CHECK(gradients(block) == weights);
    const Tensor<float> weight = block.in.weight;
    auto [g] = grad(sum(square(checkpoint(block, x))), {weight});
    CHECK(elements(g) == weights[0]);

    const NoGrad off;
    CHECK_FALSE(checkpoint(block, x).requires_grad());
}

TEST_CASE("autograd/checkpoint: is differentiated twice, nested and with tensors that it was not given") {
    const auto step = [](const Double& a, const Double& b) { return a * exp(b) + square(a); };
    const auto nested = [&](const std::vector<Double>& in) {
        const Double outside = in[1] * in[0];
        return checkpoint(
            [=](const Double& a, const Double& b) {
                const Double inner = checkpoint([=](const Double& c) { return step(c, b) * outside * in[0]; }, a * b);
                return checkpoint(step, inner, a) + outside;
            },
            in[0], in[1] * in[1]);
    };
    const std::vector<Double> in = {Double({0.5, -1.5}), Double({0.25, 1})};
    gradcheck(nested, in);
    gradgradcheck(nested, in);
    // The same tensor as both inputs, and one that comes from the other.
    const auto twice = [&](const std::vector<Double>& v) { return checkpoint(step, v[0], v[0]); };
    const auto chained = [&](const std::vector<Double>& v) { return checkpoint(step, v[0], v[0] * v[0]); };
    gradcheck(twice, {in[0]}), gradgradcheck(twice, {in[0]});
    gradcheck(chained, {in[0]}), gradgradcheck(chained, {in[0]});
    gradcheck([&](const std::vector<Double>& v) { return checkpoint([](const Double& a) { return a; }, v[0]); },
              {in[0]});
}

TEST_CASE("autograd/checkpoint: random numbers are drawn again as they were, and the generators do not move") {
    Generator gen(3), plain(3);
    const auto f = [](Generator& from) {
        return [&from](const Double& x) {
            const Double once = x * rand<double>(x.shape(), from);
            const Double inner = checkpoint([&](const Double& y) { return y * rand<double>(y.shape(), from); }, once);
            Generator own(5);
            return inner * rand<double>(x.shape(), own);
        };
    };
    auto x = Double({1, 2, 3}).requires_grad_();
    const auto y = checkpoint(f(gen), x);
    const std::uint64_t drawn = gen.offset();
    rand<double>({7}, gen);  // somebody else draws meanwhile
    sum(y).backward();
    CHECK(gen.offset() == drawn + 7);
    CHECK(same_bits(y, f(plain)(x)));
    CHECK(plain.offset() == drawn);
    const auto slopes = elements(x.grad()), values = elements(y);
    for (std::size_t i = 0; i < 3; ++i) CHECK(slopes[i] == doctest::Approx(values[i] / static_cast<double>(i + 1)));
}

TEST_CASE("autograd/checkpoint: batch norm counts a batch once") {
    nn::BatchNorm2d<float> once(3), again(3);
    Generator gen(2);
    auto x = randn<float>({4, 3, 2, 2}, gen).requires_grad_();
    sum(square(once(x))).backward();
    const auto dx = elements(x.grad());
    x.zero_grad();
    sum(square(checkpoint(again, x))).backward();
    CHECK(elements(x.grad()) == dx);
    CHECK(elements(again.running_mean) == elements(once.running_mean));
    CHECK(elements(again.running_var) == elements(once.running_var));
    CHECK(again.num_batches_tracked.item() == 1);
}

TEST_CASE("autograd/checkpoint: what lies between is not kept") {
    constexpr std::int64_t n = 1 << 16;  // 512 KB as double
    const auto long_function = [](const Double& x) {
        Double h = x;
        for (int i = 0; i < 10; ++i) h = tanh(exp(h) * 0.1);
        return h;
    };
    const auto held = [&](bool less) {
        const auto x = full<double>({n}, 0.3).requires_grad_();
        const std::int64_t before = memory_report().active;
        Double y = x;
        for (int i = 0; i < 4; ++i) y = less ? checkpoint(long_function, y) : long_function(y);
        const std::int64_t kept = memory_report().active - before;
        sum(y).backward();
        return std::make_pair(kept, elements(x.grad()));
    };
    const auto [all, gradient] = held(false);
    const auto [little, same] = held(true);
    CHECK(gradient == same);
    CHECK(all > 40 * n * 8);
    CHECK(little < 6 * n * 8);
}

TEST_CASE("autograd/checkpoint: hooks inside are called by backward, and a graph is walked once") {
    auto x = Double({1, 2}).requires_grad_();
    int calls = 0;
    const auto f = [&](const Double& a) {
        const Double h = a * 2.0;
        h.register_hook([&](const Double&) { ++calls; });
        return h * h;
    };
    const auto y = sum(checkpoint(f, x));
    CHECK(calls == 0);
    y.backward({.retain_graph = true});
    CHECK(calls == 1);
    y.backward();
    CHECK(calls == 2);
    CHECK(elements(x.grad()) == std::vector<double>{16, 32});
    CHECK(message_of([&] { y.backward(); }).find("checkpoint: ") == 0);
}

TEST_CASE("autograd/checkpoint: a function that does not repeat itself is found out") {
    auto x = Double({1, 2}).requires_grad_();
    Generator gen(1);
    int runs = 0;
    const auto more = [&](const Double& a) { return a * (runs++ == 0 ? Double({1, 2}) : rand<double>({2}, gen)); };
    CHECK(message_of([&] { sum(checkpoint(more, x)).backward(); }) ==
          "checkpoint: the function draws other random numbers when backward runs it again at here");
    runs = 0;
    const auto shorter = [&](const Double& a) { return runs++ == 0 ? a * 1.0 : a[0] * 1.0; };
    CHECK(message_of([&] { sum(checkpoint(shorter, x)).backward(); }) ==
          "checkpoint: the function gave a tensor of shape [2] and gives another one when backward runs it again at "
          "here");
    const auto z = checkpoint([](const Double& a) { return a * a; }, x);
    {
        const NoGrad off;
        x += 1.0;
    }
    CHECK(message_of([&] { sum(z).backward(); }).find("that was overwritten since") != std::string::npos);
    CHECK(message_of([] { checkpoint([](const Double& a) { return a; }, Double()); }) ==
          "checkpoint: an input was never given a value (a default-constructed tensor) at here");
}
