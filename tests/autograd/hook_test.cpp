// Hooks on gradients.
#include "fathom/autograd/hook.hpp"

#include <memory>

#include "fathom/ops/math.hpp"
#include "fathom/ops/reduce.hpp"
#include "fathom/tensor/factories.hpp"
#include "tests/support.hpp"

using namespace fathom;
using namespace fathom::tests;

TEST_CASE("autograd/hook: sees the whole gradient of a leaf, once, and may change it") {
    auto x = Tensor<float>({1, 2}).requires_grad_();
    std::vector<std::vector<float>> seen;
    x.register_hook([&](const Tensor<float>& g) { seen.push_back(elements(g)); });
    auto halve = x.register_hook([](const Tensor<float>& g) { return 0.5f * g; });
    const auto loss = [&] { return sum(x * 2.0f) + sum(x * 4.0f); };
    loss().backward();
    CHECK(seen == std::vector<std::vector<float>>{{6, 6}});
    CHECK(elements(x.grad()) == std::vector<float>{3, 3});
    loss().backward();  // what is added, not the sum
    CHECK(seen.size() == 2);
    CHECK(seen[1] == std::vector<float>{6, 6});
    CHECK(elements(x.grad()) == std::vector<float>{6, 6});
    halve.remove();
    loss().backward();
    CHECK(elements(x.grad()) == std::vector<float>{12, 12});
    auto [g] = grad(loss(), {x});
    CHECK(seen.size() == 4);
    CHECK(elements(g) == std::vector<float>{6, 6});
}

TEST_CASE("autograd/hook: of a result, in the order added, changes what goes on and what grad() gives") {
    auto x = Tensor<float>({1, 2}).requires_grad_();
    const auto h = x * 3.0f;
    h.register_hook([](const Tensor<float>& g) { return g + 1.0f; });
    h.register_hook([](const Tensor<float>& g) { return g * 10.0f; });
    const auto y = sum(h);
    auto [gx, gh] = grad(y, {x, h}, {.retain_graph = true});
    CHECK(elements(gh) == std::vector<float>{20, 20});
    CHECK(elements(gx) == std::vector<float>{60, 60});
    y.backward();
    CHECK(elements(x.grad()) == std::vector<float>{60, 60});
}

TEST_CASE("autograd/hook: what it computes is differentiated again") {
    auto x = Tensor<double>({3}).requires_grad_();
    x.register_hook([](const Tensor<double>& g) { return g * g; });
    auto [g] = grad(sum(x * x), {x}, {.create_graph = true});  // (2 x)^2
    CHECK(elements(g) == std::vector<double>{36});
    auto [h] = grad(sum(g), {x});  // 8 x, which passes the hook again
    CHECK(elements(h) == std::vector<double>{24.0 * 24});
}

TEST_CASE("autograd/hook: a gradient that a hook keeps is not written into afterwards") {
    auto x = Tensor<float>({1, 2}).requires_grad_();
    Tensor<float> kept;
    x.register_hook([&](const Tensor<float>& g) {
        if (!kept.defined()) kept = g;
    });
    sum(x * x).backward();
    sum(x * x).backward();
    CHECK(elements(kept) == std::vector<float>{2, 4});
    CHECK(elements(x.grad()) == std::vector<float>{4, 8});
}

TEST_CASE("autograd/hook: goes with its history; many that were removed leave nothing") {
    const auto alive = std::make_shared<int>(0);
    {
        auto x = Tensor<float>({1}).requires_grad_();
        const auto y = x * 2.0f;
        y.register_hook([alive](const Tensor<float>&) {});
        CHECK(alive.use_count() == 2);
        for (int i = 0; i < 1000; ++i) x.register_hook([alive](const Tensor<float>&) {}).remove();
        CHECK(alive.use_count() == 3);
    }
    CHECK(alive.use_count() == 1);
}

TEST_CASE("autograd/hook: a tensor without a gradient, and a gradient that does not fit, are errors") {
    const auto nothing = [](const Tensor<float>&) {};
    CHECK(message_of([&] {
              Tensor<float>({1, 2}).register_hook(nothing);
          }) == "register_hook: the tensor (shape [2]) does not require a gradient at here");
    CHECK(message_of([&] { Tensor<float>().register_hook(nothing); }) ==
          "register_hook: an input was never given a value (a default-constructed tensor) at here");
    auto x = Tensor<float>({1, 2}).requires_grad_();
    x.register_hook([](const Tensor<float>& g) { return g[0]; });
    CHECK(message_of([&] { sum(x).backward(); }) ==
          "hook: gives float [] on cpu for a gradient that is float [2] on cpu at here");
}
