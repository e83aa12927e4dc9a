// Dropout, and the state of generators that modules own.
#include "fathom/nn/dropout.hpp"

#include <cmath>

#include "fathom/autograd/gradcheck.hpp"
#include "fathom/core/parallel_for.hpp"
#include "fathom/nn/generator_state.hpp"
#include "fathom/nn/linear.hpp"
#include "fathom/nn/sequential.hpp"
#include "fathom/ops/reduce.hpp"
#include "tests/kernels/for_each_isa.hpp"
#include "tests/support.hpp"

using namespace fathom;
using namespace fathom::tests;

TEST_CASE("nn/dropout: the share p is 0, the others grow, the mean stays") {
    Generator gen(1);
    const auto x = ones<float>({100, 1000});
    const auto y = dropout(x, 0.3, gen);
    double zero = 0, grown = 0;
    for (const float v : elements(y)) zero += v == 0, grown += std::fabs(v - 1 / 0.7) < 1e-6;
    CHECK(zero + grown == 1e5);
    CHECK(zero / 1e5 == doctest::Approx(0.3).epsilon(0.03));
    CHECK(elements(dropout(ones<float>({3}), 0, gen)) == std::vector<float>{1, 1, 1});
    CHECK(elements(dropout(ones<float>({3}), 1, gen)) == std::vector<float>{0, 0, 0});
    CHECK(dropout(zeros<float>({0, 2}), 0.5, gen).shape() == Shape{0, 2});
    CHECK(message_of([&] { dropout(x, 1.5, gen); }) == "dropout: probability 1.5 is outside [0, 1] at here");
    CHECK(message_of([&] { nn::Dropout(-1, gen); }) == "Dropout: probability -1 is outside [0, 1] at here");
}

TEST_CASE("nn/dropout: the same elements for any threads and strides, and the gradient passes where they stay") {
    const auto x = ones<float>({33, 1001});
    const auto run = [&](int threads, const Tensor<float>& in) {
        const Threads scope(threads);
        Generator gen(2);
        return dropout(in, 0.5, gen);
    };
    const auto one = run(1, x);
    CHECK(same_bits(one, run(2, x)));
    CHECK(same_bits(one, run(2, ones<float>({1001, 33}).transpose(0, 1))));
    auto leaf = ones<double>({5, 7}).requires_grad_();
    Generator gen(3);
    const auto y = dropout(leaf, 0.5, gen);
    sum(y).backward();
    CHECK(same_bits(leaf.grad(), y.detach()));
    gradgradcheck(
        [](std::vector<Tensor<double>>& in) {
            Generator same(4);
            return square(dropout(in[0], 0.5, same));
        },
        {randn<double>({3, 4}, gen)});
}

TEST_CASE("nn/dropout: a module draws from its own generator; a copy draws the same; eval() draws nothing") {
    Generator gen(5);
    nn::Sequential<float> net{nn::Linear<float>(4, 64, gen), nn::Dropout(0.5, gen), nn::Linear<float>(64, 64, gen),
                              nn::Dropout(0.5, gen)};
    const auto x = ones<float>({2, 4});
    nn::Sequential<float> copy = net;
    const auto first = net(x);
    rand<float>({7}, gen);
    CHECK(same_bits(copy(x), first));
    CHECK_FALSE(same_bits(net(x), first));
    CHECK(same_bits(net(x), (copy(x), copy(x))));
    net.eval();
    CHECK(same_bits(net(x), net(x)));
    CHECK(net.state_dict().size() == 4);
    CHECK(
        message_of([&] { nn::Dropout()(x); }) ==
        "Dropout: dropout while training needs random numbers; construct it with a Generator, or call eval() at here");
    nn::Dropout inference(0.5);
    inference.eval();
    CHECK(same_bits(inference(x), x));
}

TEST_CASE("nn/dropout: a resumed net draws what the interrupted one would have") {
    Generator gen(6);
    nn::Sequential<float> net{nn::Dropout(0.5, gen), nn::Dropout(0.25, gen)};
    const auto x = ones<float>({9, 9});
    net(x);
    const StateDict state = generator_state_dict(net);
    CHECK(state.size() == 4);
    CHECK(state.entries[0].first == "0.generator.seed");
    const auto next = net(x);
    Generator other(7);
    nn::Sequential<float> resumed{nn::Dropout(0.5, other), nn::Dropout(0.25, other)};
    load_generator_state_dict(resumed, state);
    CHECK(same_bits(resumed(x), next));
    StateDict lacking = state;
    lacking.entries.resize(2);
    CHECK(message_of([&] { load_generator_state_dict(resumed, lacking); }) ==
          "load_generator_state_dict: the state lacks 1.generator at here");
    CHECK(same_bits(resumed(x), net(x)));
    nn::Linear<float> plain(2, 2, gen);
    CHECK(generator_state_dict(plain).empty());
}
