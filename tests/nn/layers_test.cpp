#include <doctest/doctest.h>

#include <cmath>
#include <string>
#include <utility>

#include "fathom/nn/activation.hpp"
#include "fathom/nn/conv.hpp"
#include "fathom/nn/layer_norm.hpp"
#include "fathom/nn/linear.hpp"
#include "fathom/nn/sequential.hpp"
#include "fathom/ops/inplace.hpp"
#include "fathom/ops/reduce.hpp"
#include "tests/nn/nets.hpp"
#include "tests/support.hpp"

namespace fathom {
namespace {

using tests::contains;
using tests::message_of;

nn::Sequential<float> make_net(Generator& gen) {
    return {nn::Linear<float>(2, 4, gen), nn::ReLU(), nn::Linear<float>(4, 3, gen, false), nn::Tanh()};
}

}  // namespace

TEST_CASE("nn/layers: Linear") {
    Generator gen(1);
    nn::Linear<double> layer(3, 2, gen);
    const auto x = randn<double>({4, 3}, gen);
    const auto y = layer(x);
    CHECK(y.shape() == Shape{4, 2});
    double expected = layer.bias(1);
    for (int k = 0; k < 3; ++k) expected += x(2, k) * std::as_const(layer.weight)(1, k);
    CHECK(y(2, 1) == doctest::Approx(expected).epsilon(1e-14));
    sum(y).backward();
    CHECK(layer.bias.grad()(0) == 4);
    nn::Linear<double> plain(3, 2, gen, false);
    CHECK(plain.state_dict().size() == 1);
    CHECK(plain(zeros<double>({1, 3}))(0, 0) == 0);
    CHECK(contains(message_of([&] { nn::Linear<float>(0, 2, gen); }),
                   "Linear: in_features and out_features must be at least 1, got 0 and 2 at here"));
}

TEST_CASE("nn/layers: LayerNorm") {
    Generator gen(3);
    nn::LayerNorm<double> layer({5});
    const auto x = randn<double>({2, 3, 5}, gen);
    const auto y = layer(x);
    CHECK(std::abs(sum(y).item()) < 1e-12);
    CHECK(mean(y * y).item() == doctest::Approx(1).epsilon(1e-4));
    sum(y * y).backward();
    CHECK(layer.bias.grad().shape() == Shape{5});
    CHECK(nn::LayerNorm<double>({1})(x.narrow(2, 0, 1))(1, 2, 0) == 0);
    CHECK(contains(message_of([&] {
                       layer(zeros<double>({5, 4}));
                   }),
                   "layer_norm: input has shape [5,4], expected one that ends in normalized_shape [5] at here"));
    CHECK(contains(message_of([&] { nn::LayerNorm<float>(Shape{}); }), "LayerNorm: normalized_shape must have a "));
}

TEST_CASE("nn/layers: activations are their functions") {
    Generator gen(4);
    const auto x = randn<float>({2, 3, 5}, gen, 0, 4);
    const auto same = [](const Tensor<float>& a, const Tensor<float>& b) { return tests::same_bits(a, b); };
    CHECK(same(nn::ReLU6()(x), relu6(x)));
    CHECK(same(nn::ELU(0.5)(x), elu(x, 0.5)));
    CHECK(same(nn::GELU()(x), gelu(x)));
    CHECK(same(nn::GELU(GeluApproximate::tanh)(x), gelu(x, GeluApproximate::tanh)));
    CHECK(same(nn::SiLU()(x), silu(x)));
    CHECK(same(nn::Hardswish()(x), hardswish(x)));
    CHECK(same(nn::Softplus(2, 1)(x), softplus(x, 2, 1)));
    CHECK(same(nn::Softmax(1)(x), softmax(x, 1)));
    CHECK(same(nn::LogSoftmax(-1)(x), log_softmax(x, -1)));
    nn::Sequential<float> net{nn::PReLU<float>(3), nn::SiLU()};
    CHECK(same(net(x), silu(leaky_relu(x, 0.25))));
    sum(net(x)).backward();
    CHECK(net.at<nn::PReLU<float>>(0).weight.grad().shape() == Shape{3});
    CHECK(net.parameters().size() == 1);
    CHECK(contains(message_of([&] { nn::PReLU<float>(0); }), "PReLU: num_parameters must be at least 1, got 0 at"));
}

TEST_CASE("nn/layers: Conv2d") {
    Generator gen(2);
    nn::Conv2d<float> layer(4, 6, {.kernel_size = {3, 1}, .stride = 2, .padding = {1, 0}, .groups = 2}, gen);
    CHECK(layer.weight.shape() == Shape{6, 2, 3, 1});
    const auto x = randn<float>({2, 4, 7, 5}, gen);
    CHECK(layer(x).shape() == Shape{2, 6, 4, 3});
    const auto y = conv2d(x, layer.weight, layer.bias, {.stride = 2, .padding = {1, 0}, .groups = 2});
    CHECK(layer(x)(1, 5, 3, 2) == y(1, 5, 3, 2));
    sum(layer(x)).backward();
    CHECK(layer.weight.grad().shape() == layer.weight.shape());

    nn::Conv2d<float> fused(4, 6, {.kernel_size = 3, .activation = Activation::leaky_relu, .slope = 0.2}, gen);
    const auto z = conv2d(x, fused.weight, fused.bias);
    CHECK(fused(x)(0, 1, 2, 2) == doctest::Approx(leaky_relu(z, 0.2)(0, 1, 2, 2)));

    nn::Conv2d<float> empty(4, 6, {3});
    CHECK(contains(message_of([&] { empty(x); }), "Conv2d: weights were never initialised or loaded"));
    CHECK(contains(message_of([&] { nn::Conv2d<float>(4, 6, {.kernel_size = 3, .groups = 4}); }),
                   "Conv2d: groups 4 must divide the channels, 4 and 6"));
    CHECK(contains(message_of([&] { nn::Conv2d<float>(4, 6, {0}); }), "kernel_size [0,0]"));
}

TEST_CASE("nn/layers: Sequential") {
    Generator gen(3);
    auto net = make_net(gen);
    const auto x = randn<float>({5, 2}, gen);
    const auto& first = net.at<nn::Linear<float>>(0);
    const auto& second = net.at<nn::Linear<float>>(2);
    const auto expected = tanh(second(relu(first(x))));
    CHECK(net(x)(4, 2) == expected(4, 2));
    std::string names;
    for (const auto& [name, tensor] : net.state_dict()) names += name + " ";
    CHECK(names == "0.weight 0.bias 2.weight ");

    Generator again(3);
    CHECK(tests::same(make_net(again).state_dict(), net.state_dict()));

    auto copy = net;
    nn::init::zeros_(net.at<nn::Linear<float>>(0).weight);
    CHECK(copy(x)(4, 2) == expected(4, 2));
    const auto moved = std::move(copy);
    CHECK(moved(x)(4, 2) == expected(4, 2));
    CHECK_THROWS_AS(net.at<nn::Linear<float>>(1), Error);
    CHECK_THROWS_AS(net.at<nn::Linear<float>>(4), Error);

    nn::Sequential<float> outer;
    outer.push_back(net);
    outer.push_back(tests::Mlp<float>(gen));  // only has forward()
    CHECK(outer.state_dict().find("1.hidden.weight"));
    CHECK(outer.state_dict().find("0.2.weight"));
    outer.push_back(nn::Linear<float>(2, 1));
    outer.name_children();
    outer.at<nn::Sequential<float>>(0).push_back(nn::Linear<float>(3, 2, gen));
    CHECK(contains(message_of([&] { outer(x); }), "Linear 2: weights were never initialised or loaded"));
    CHECK_FALSE(outer.at<tests::Mlp<float>>(1).path().empty());
    outer.eval();
    CHECK_FALSE(outer.at<tests::Mlp<float>>(1).hidden.is_training());
}

TEST_CASE("nn/layers: ModuleList") {
    Generator gen(4);
    struct Deep : nn::Module {
        nn::ModuleList<nn::Linear<double>> layers;
        explicit Deep(Generator& g) {
            for (int i = 0; i < 3; ++i) layers.emplace_back(2, 2, g);
        }
        void visit(nn::Visitor& v) override { v("layers", layers); }
        Tensor<double> forward(Tensor<double> x) {
            for (auto& layer : layers) x = layer(x);
            return x;
        }
    } net(gen);
    CHECK(net.state_dict().entries[5].first == "layers.2.bias");
    CHECK(net.layers.size() == 3);
    auto copy = net;
    nn::init::zeros_(net.layers[1].weight);
    CHECK(std::as_const(copy.layers[1].weight)(0, 0) != 0);
    CHECK_THROWS_AS(net.layers[3], Error);
    sum(net.forward(ones<double>({1, 2}))).backward();
    CHECK(net.layers[2].weight.grad().defined());
}

TEST_CASE("nn/layers: activations") {
    const Tensor<double> x({-2, 0, 3});
    CHECK(nn::ReLU()(x)(0) == 0);
    CHECK(nn::LeakyReLU(0.1)(x)(0) == doctest::Approx(-0.2));
    CHECK(nn::Sigmoid()(x)(1) == 0.5);
    CHECK(nn::Tanh()(x)(2) == doctest::Approx(0.9950547536867305));
    CHECK(nn::LeakyReLU().parameters().empty());
}

}  // namespace fathom
