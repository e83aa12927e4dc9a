#include "fathom/optim/optimizer.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <cstdio>
#include <string>

#include "fathom/io/safetensors.hpp"
#include "fathom/nn/sequential.hpp"
#include "fathom/ops/inplace.hpp"
#include "fathom/ops/reduce.hpp"
#include "fathom/optim/adam.hpp"
#include "fathom/optim/sgd.hpp"
#include "tests/nn/nets.hpp"

namespace fathom {
namespace {

using optim::Adam;
using optim::AdamW;
using optim::SGD;
using tests::contains;
using tests::message_of;
using tests::Mlp;
using tests::same;

const StateDict& golden() {
    static const StateDict dict = io::load(FATHOM_GOLDEN_DIR "/optim.safetensors");
    return dict;
}

template <class T>
Tensor<T> golden_tensor(const std::string& name) {
    const AnyTensor* x = golden().find(name);
    REQUIRE(x);
    return x->as<double>().template to<T>();
}

template <class T, class Make>
double worst_difference(const std::string& name, Make make) {
    const auto target = golden_tensor<T>("in.target");
    const nn::Parameter<T> w(golden_tensor<T>("in.w0"));
    const auto path = golden_tensor<T>(name + ".path");
    auto optimizer = make(std::vector<AnyTensor>{w});
    double worst = 0;
    for (std::int64_t step = 0; step < path.size(0); ++step) {
        optimizer.zero_grad();
        (sum(square(square(w - target))) + 0.1 * sum(w * w)).backward();
        optimizer.step();
        const auto expected = path[step];
        for (std::int64_t i = 0; i < 6; ++i)
            for (std::int64_t j = 0; j < 4; ++j)
                worst = std::max(worst, std::fabs(static_cast<double>(w(i, j)) - static_cast<double>(expected(i, j))));
    }
    return worst;
}

template <class T>
void check_golden(double tolerance) {
    using Params = std::vector<AnyTensor>;
    CHECK(worst_difference<T>("sgd", [](const Params& p) { return SGD(p, {.lr = 1e-3}); }) < tolerance);
    CHECK(worst_difference<T>("sgd_momentum_wd", [](const Params& p) {
              return SGD(p, {.lr = 1e-3, .momentum = 0.9, .weight_decay = 5e-4});
          }) < tolerance);
    CHECK(worst_difference<T>("sgd_nesterov", [](const Params& p) {
              return SGD(p, {.lr = 1e-3, .momentum = 0.9, .nesterov = true});
          }) < tolerance);
    CHECK(worst_difference<T>("adam", [](const Params& p) { return Adam(p, {.lr = 1e-2}); }) < tolerance);
    CHECK(worst_difference<T>("adam_wd", [](const Params& p) { return Adam(p, {.lr = 1e-2, .weight_decay = 1e-2}); }) <
          tolerance);
    CHECK(worst_difference<T>("adamw", [](const Params& p) { return AdamW(p, {.lr = 1e-2}); }) < tolerance);
}

template <class Net>
void train_step(Net& net, optim::Optimizer& optimizer, std::int64_t step) {
    Generator gen(static_cast<std::uint64_t>(step));
    const auto x = randn<double>({8, 2}, gen);
    optimizer.zero_grad();
    sum(square(net.forward(x) - x)).backward();
    optimizer.step();
}

// A parameter with the given gradient.
nn::Parameter<double> with_gradient(double value, double gradient) {
    nn::Parameter<double> w(full<double>({3}, value));
    sum(gradient * w).backward();
    return w;
}

}  // namespace

TEST_CASE("optim/optimizer: golden paths") {
    check_golden<double>(1e-12);
    check_golden<float>(1e-5);
}

TEST_CASE("optim/optimizer: groups override the options, and can be changed between steps") {
    const auto a = with_gradient(1, 1), b = with_gradient(1, 1);
    SGD sgd({{.params = {a}}, {.params = {b}, .lr = 0.1, .weight_decay = 0.0}}, {.lr = 0.01, .weight_decay = 1});
    sgd.step();
    CHECK(a(0) == doctest::Approx(1 - 0.01 * 2));
    CHECK(b(0) == doctest::Approx(1 - 0.1));
    sgd.groups()[1].lr = 1;
    sgd.step();
    CHECK(b(0) == doctest::Approx(-0.1));

    const auto c = with_gradient(1, 1);
    Adam adam({{.params = {c}, .betas = optim::Betas{0.5, 0.9}}}, {.lr = 0.1});
    adam.step();
    CHECK(c(0) == doctest::Approx(0.9));
    CHECK(adam.groups()[0].betas.second == 0.9);
}

TEST_CASE("optim/optimizer: parameters without a gradient stay, their steps are not counted") {
    const auto a = with_gradient(1, 2);
    const nn::Parameter<double> b(ones<double>({3}));
    AdamW adam({a, b}, {.lr = 0.1, .weight_decay = 0.5});
    for (int i = 0; i < 3; ++i) adam.step();
    CHECK(b(0) == 1);
    CHECK(a(0) < 1);
    CHECK(adam.state_dict().find("state.0.step")->as<std::int64_t>().item() == 3);
    CHECK_FALSE(adam.state_dict().find("state.1.step"));
    adam.zero_grad();
    CHECK_FALSE(a.grad().defined());
    const double before = a(0);
    adam.step();
    CHECK(a(0) == before);
}

TEST_CASE("optim/optimizer: gradients and parameters of any layout") {
    Generator gen(1);
    const auto values = randn<double>({3, 4, 5, 6}, gen), gradient = randn<double>({6, 5, 4, 3}, gen);
    const nn::Parameter<double> plain(values), last(contiguous(values, MemoryFormat::channels_last));
    const auto set = [](const nn::Parameter<double>& w, const Tensor<double>& g) {
        static_cast<autograd::Leaf*>(autograd::node_of(w))->grad = g;
    };
    set(plain, gradient.permute({3, 2, 1, 0}).contiguous());
    set(last, gradient.permute({3, 2, 1, 0}));
    Adam a({plain}, {.lr = 0.1}), b({last}, {.lr = 0.1});
    for (int i = 0; i < 3; ++i) a.step(), b.step();
    double worst = 0;
    for (int i = 0; i < 3; ++i)
        for (int j = 0; j < 4; ++j)
            for (int k = 0; k < 5; ++k)
                for (int l = 0; l < 6; ++l) worst = std::max(worst, std::fabs(plain(i, j, k, l) - last(i, j, k, l)));
    CHECK(worst == 0);
}

TEST_CASE("optim/optimizer: a step counts as a write") {
    nn::Parameter<double> w(ones<double>({3}));
    const auto y = sum(w * w);
    y.backward({.retain_graph = true});
    SGD({w}, {.lr = 0.1}).step();
    CHECK_THROWS_AS(y.backward(), Error);
}

TEST_CASE("optim/optimizer: what cannot be optimized is refused") {
    const auto x = ones<double>({2}).requires_grad_();
    CHECK(contains(message_of([&] { SGD(std::vector<AnyTensor>{}); }), "SGD: no parameters at here"));
    CHECK(contains(message_of([&] { Adam({x, x}); }), "Adam: parameter 1 (shape [2]) is given twice"));
    CHECK(contains(message_of([&] { AdamW({2 * x}); }), "AdamW: parameter 0 (shape [2]) is the result of"));
    CHECK(
        contains(message_of([&] { Adam({Tensor<double>()}); }), "parameter 0 is undefined, expected float or double"));
    CHECK(contains(message_of([&] { SGD({ones<double>({1}).expand({3}).requires_grad_()}); }),
                   "SGD: parameter 0 (shape [3]) is expanded: several elements share memory; clone() it first"));
    CHECK(contains(message_of([&] { Adam({zeros<std::int64_t>({2})}); }),
                   "parameter 0 is int64, expected float or double"));
    CHECK(contains(message_of([&] { SGD({x}, {.lr = -1}); }), "SGD: group 0: lr must be at least 0, got -1"));
    CHECK(contains(message_of([&] { SGD({x}, {.lr = NAN}); }), "lr must be at least 0, got nan"));
    CHECK(contains(message_of([&] { SGD({x}, {.nesterov = true}); }), "nesterov needs a momentum above 0"));
    CHECK(contains(message_of([&] { Adam({x}, {.betas = {0.9, 1}}); }), "the second beta must be in [0, 1), got 1"));
}

TEST_CASE("optim/optimizer: Adam without memory takes the gradient as it is") {
    auto x = full<double>({1}, 0.3).requires_grad_();
    Adam adam({x}, {.lr = 0.1, .betas = {0, 0}, .eps = 0});
    for (const double slope : {1e8, 1e-8, -3.0}) {
        const double before = x.item();
        adam.zero_grad();
        sum(slope * x).backward();
        adam.step();
        CHECK(x.item() == before - std::copysign(0.1, slope));
    }
}

TEST_CASE("optim/optimizer: resuming continues bit for bit, through a file") {
    const std::string file = "optimizer_test.safetensors";
    const auto run = [&](auto make) {
        Generator gen(5), other(6);
        Mlp<double> net(gen), resumed(other);
        auto optimizer = make(net);
        for (int i = 0; i < 5; ++i) train_step(net, optimizer, i);
        optimizer.groups()[0].lr *= 0.7;
        StateDict all = net.state_dict();
        for (const auto& [name, tensor] : optimizer.state_dict()) all.add("optimizer." + name, tensor);
        io::save(file, all);
        for (int i = 5; i < 10; ++i) train_step(net, optimizer, i);

        StateDict model, state;
        for (const auto& [name, tensor] : io::load(file)) {
            if (name.rfind("optimizer.", 0) == 0)
                state.add(name.substr(10), tensor);
            else
                model.add(name, tensor);
        }
        std::remove(file.c_str());
        resumed.load_state_dict(model);
        auto continued = make(resumed);
        train_step(resumed, continued, 0);  // whatever it has done before does not matter
        resumed.load_state_dict(model);
        continued.load_state_dict(state);
        CHECK(same(continued.state_dict(), state));
        for (int i = 5; i < 10; ++i) train_step(resumed, continued, i);
        CHECK(same(net.state_dict(), resumed.state_dict()));
        CHECK(same(optimizer.state_dict(), continued.state_dict()));
    };
    using Net = Mlp<double>;
    run([](Net& net) { return SGD(net.parameters()); });
    run([](Net& net) {
        return SGD(net.parameters(), {.lr = 1e-3, .momentum = 0.9, .weight_decay = 1e-3, .nesterov = true});
    });
    run([](Net& net) {
        return Adam({{.params = net.hidden.parameters(), .lr = 1e-4}, {.params = net.out.parameters()}},
                    {.weight_decay = 1e-3});
    });
    run([](Net& net) { return AdamW(net.parameters(), {.lr = 1e-2, .betas = {0.8, 0.95}}); });
}

TEST_CASE("optim/optimizer: a state dict is a copy") {
    Generator gen(7);
    Mlp<double> net(gen);
    Adam adam(net.parameters());
    train_step(net, adam, 0);
    const StateDict first = adam.state_dict();
    train_step(net, adam, 1);
    CHECK_FALSE(same(first, adam.state_dict()));
    adam.load_state_dict(first);
    CHECK(same(first, adam.state_dict()));
    train_step(net, adam, 2);
    CHECK_FALSE(same(first, adam.state_dict()));
}

TEST_CASE("optim/optimizer: wrong states say what is wrong and change nothing") {
    Generator gen(8);
    Mlp<double> net(gen);
    Adam adam(net.parameters());
    train_step(net, adam, 0);
    const StateDict state = adam.state_dict();
    const auto refused = [&](const StateDict& wrong) {
        const std::string message = message_of([&] { adam.load_state_dict(wrong); });
        CHECK(same(adam.state_dict(), state));
        return message;
    };
    StateDict lacking = state, extra = state, misshapen = state, single = state;
    lacking.entries.erase(lacking.entries.begin() + 1);
    CHECK(contains(refused(lacking), "load_state_dict: the state lacks state.0.exp_avg at"));
    extra.add("state.9.step", zeros<std::int64_t>({}));
    CHECK(contains(refused(extra), "load_state_dict: the state of this Adam has no state.9.step at"));
    misshapen.entries[1].second = zeros<double>({2, 8});
    CHECK(contains(refused(misshapen), "state.0.exp_avg: expected double [8,2], got double [2,8]"));
    single.entries[2].second = zeros<float>({8, 2});
    CHECK(contains(refused(single), "state.0.exp_avg_sq: expected double [8,2], got float [8,2]"));
    CHECK(contains(refused(SGD(net.parameters()).state_dict()), "the state lacks param_groups.0.beta1"));
    CHECK(contains(refused(Adam(net.hidden.parameters()).state_dict()),
                   "param_groups.0.params: expected 4 parameters, got 2"));
    StateDict negative = state;
    for (auto& [name, tensor] : negative)
        if (name == "param_groups.0.lr") tensor = full<double>({}, -1);
    CHECK(contains(refused(negative), "Adam: group 0: lr must be at least 0, got -1"));
}

}  // namespace fathom
