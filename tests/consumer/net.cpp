// A net and its training loop. No macro, no registration that breaks on copy or move.
#include <fathom/debug.hpp>
#include <fathom/fathom.hpp>

#include <cstdint>
#include <cstdio>
#include <iostream>
#include <utility>

#include "check.hpp"

namespace ft = fathom;

struct Mlp : ft::nn::Module {
    ft::nn::Linear<float> hidden, out;  // modules are values: a copy has its own weights
    explicit Mlp(ft::Generator& gen) : hidden(2, 64, gen), out(64, 2, gen) {}
    void visit(ft::nn::Visitor& v) override {
        v("hidden", hidden), v("out", out);  // names: hidden.weight, hidden.bias, ...
    }
    ft::Tensor<float> forward(const ft::Tensor<float>& x) { return out(ft::relu(hidden(x))); }
};

int main() {
    ft::Generator gen(1);
    auto x = ft::randn<float>({64, 2}, gen);  // two classes: inside and outside a circle
    auto labels = ft::zeros<std::int64_t>({64});
    for (int i = 0; i < 64; ++i) labels(i) = x(i, 0) * x(i, 0) + x(i, 1) * x(i, 1) > 1.4f;

    Mlp net(gen);
    Mlp frozen = net;
    const float first_weight = net.hidden.weight(0, 0);
    ft::optim::Adam adam(net.parameters(), {.lr = 1e-2});
    float first = 0, last = 0;
    for (int step = 0; step < 500; ++step) {
        auto loss = ft::cross_entropy(net.forward(x), labels);  // logits [N, C], labels Tensor<int64_t> [N]
        adam.zero_grad();
        loss.backward();
        adam.step();
        last = loss.item();
        if (step == 0) first = last;
    }
    std::printf("loss %.4f -> %.4f\n", static_cast<double>(first), static_cast<double>(last));
    check(first > 0.3f && last < 0.1f, "training separates the classes");
    check(frozen.hidden.weight(0, 0) == first_weight && net.hidden.weight(0, 0) != first_weight,
          "the copy kept its own weights");

    const auto state = net.state_dict();
    check(state.size() == 4, "two layers have four parameters");
    ft::io::save("consumer_mlp.safetensors", state);
    frozen.load_state_dict(ft::io::load("consumer_mlp.safetensors"));
    std::remove("consumer_mlp.safetensors");
    // A reader of .pth is in a header-only program only if it asks for one.
    if (std::FILE* file = std::fopen("consumer_mlp.pth", "wb")) std::fputs("PK\3\4", file), std::fclose(file);
#ifdef FATHOM_COMPILED
    check_throws<ft::Error>([] { ft::io::load("consumer_mlp.pth"); }, "zip", "an empty archive throws");
#else
    check_throws<ft::Error>([] { ft::io::load("consumer_mlp.pth"); }, "must include fathom/io/pth.hpp",
                            "a .pth without its reader throws");
#endif
    std::remove("consumer_mlp.pth");
    auto a = net.forward(x), b = frozen.forward(x);
    bool equal = true;
    for (int i = 0; i < 64; ++i) equal = equal && a(i, 0) == b(i, 0) && a(i, 1) == b(i, 1);
    check(equal, "loaded weights give the same logits");

    std::cout << ft::debug::summary(net, {{64, 2}});  // layers, shapes, parameters, FLOPs, memory
    check(ft::debug::summary(net, {{64, 2}}).parameters == 322, "the summary counts parameters");

    Mlp moved = std::move(frozen);
    check(moved.forward(x)(3, 1) == b(3, 1), "a moved net computes the same");
    return finish();
}
