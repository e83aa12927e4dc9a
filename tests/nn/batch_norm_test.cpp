#include "fathom/nn/batch_norm.hpp"

#include <thread>

#include "fathom/autograd/backward.hpp"
#include "fathom/ops/loss.hpp"
#include "tests/support.hpp"

using namespace fathom;
using namespace fathom::tests;

namespace {

// Statistics that are not the identity's.
template <class T>
void disturb(nn::BatchNorm2d<T>& bn, Generator& gen) {
    nn::init::uniform_(bn.weight, gen, 0.5, 1.5);
    nn::init::uniform_(bn.bias, gen, -1, 1);
    nn::init::uniform_(bn.running_mean, gen, -1, 1);
    nn::init::uniform_(bn.running_var, gen, 0.5, 2);
}

}  // namespace

TEST_CASE("nn/batch_norm: names, statistics and the count of batches") {
    nn::BatchNorm2d<double> bn(3);
    std::string names;
    for (const auto& [name, tensor] : bn.state_dict()) names += name + " ";
    CHECK(names == "weight bias running_mean running_var num_batches_tracked ");
    CHECK(bn.parameters().size() == 2);
    Generator gen(1);
    const auto x = randn<double>({4, 3, 5, 6}, gen) * 2.0 + 1.0;
    bn(x);
    bn(x);
    CHECK(bn.num_batches_tracked.item() == 2);
    const auto m = mean(x, {0, 2, 3}), v = var(x, {0, 2, 3});
    for (int c = 0; c < 3; ++c) {
        CHECK(bn.running_mean.data()[c] == doctest::Approx(m(c) * 0.19));
        CHECK(bn.running_var.data()[c] == doctest::Approx(v(c) * 0.19 + 0.81));
    }
    bn.eval();
    const auto y = bn(x);
    CHECK(bn.num_batches_tracked.item() == 2);
    CHECK(y(1, 2, 3, 4) ==
          doctest::Approx((x(1, 2, 3, 4) - bn.running_mean.data()[2]) / std::sqrt(bn.running_var.data()[2] + 1e-5)));
    CHECK(message_of([] { nn::BatchNorm2d<float>(0); }) == "BatchNorm2d: channels must be at least 1, got 0 at here");
}

TEST_CASE("nn/batch_norm: two dimensions, as behind a Linear") {
    Generator gen(2);
    nn::BatchNorm2d<double> bn(4);
    const auto x = randn<double>({8, 4}, gen);
    const auto y = bn(x);
    CHECK(y.shape() == Shape{8, 4});
    CHECK(sum(y).item() == doctest::Approx(0));
}

TEST_CASE("nn/batch_norm: a backward after the statistics moved on sees those of its forward") {
    Generator gen(3);
    nn::BatchNorm2d<double> bn(2);
    const auto x = randn<double>({2, 2, 3, 3}, gen).requires_grad_();
    const auto first = bn(x);
    bn(randn<double>({2, 2, 3, 3}, gen));
    CHECK_NOTHROW(sum(square(first)).backward());
}

TEST_CASE("nn/batch_norm: folded into the convolution in eval, values and gradients stay") {
    Generator gen(4);
    nn::ConvBatchNorm<double> block(3, 5, {.kernel_size = 3, .padding = 1, .activation = Activation::leaky_relu});
    CHECK(message_of([&] {
              nn::ConvBatchNorm<double> copy = block;
              copy.eval();
              copy(zeros<double>({1, 3, 4, 4}));
          }).find("conv: weights were never initialised or loaded") != std::string::npos);
    nn::init::kaiming_normal_(block.conv.weight, gen);
    disturb(block.bn, gen);
    block.eval();
    const auto x = randn<double>({2, 3, 6, 5}, gen).requires_grad_();
    const auto folded = block(x), apart = block.bn(block.conv(x));
    CHECK(max(abs(folded - apart)).item() < 1e-13);
    const std::vector<Tensor<double>> inputs = {x, block.conv.weight, block.bn.weight, block.bn.bias};
    const auto a = grad(sum(square(folded)), inputs), b = grad(sum(square(apart)), inputs);
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        CAPTURE(i);
        CHECK(max(abs(a[i] - b[i])).item() < 1e-12);
    }
}

TEST_CASE("nn/batch_norm: a residual is added before the activation, folded and while training") {
    Generator gen(6);
    nn::ConvBatchNorm<double> block(3, 5, {.kernel_size = 3, .padding = 1, .activation = Activation::relu});
    nn::init::kaiming_normal_(block.conv.weight, gen);
    disturb(block.bn, gen);
    const auto x = randn<double>({2, 3, 6, 5}, gen).requires_grad_(), add = randn<double>({2, 5, 6, 5}, gen);
    const auto residual = contiguous(add).requires_grad_();  // row-major, other strides than the result's
    for (bool training : {false, true}) {
        block.train(training);
        const auto together = block.forward(x, residual);
        const auto apart = relu(block.bn.forward(block.conv(x), Activation::none) + residual);
        CHECK(max(abs(together - apart)).item() < 1e-13);
        const std::vector<Tensor<double>> inputs = {x, residual, block.conv.weight, block.bn.bias};
        const auto a = grad(sum(square(together)), inputs), b = grad(sum(square(apart)), inputs);
        for (std::size_t i = 0; i < inputs.size(); ++i) CHECK(max(abs(a[i] - b[i])).item() < 1e-12);
    }
    block.eval();
    CHECK(message_of([&] { block.forward(x, x); }).find("residual has shape [2,3,6,5], expected that of the result") !=
          std::string::npos);
}

TEST_CASE("nn/batch_norm: what was folded follows every change of what it was made from") {
    Generator gen(5);
    nn::ConvBatchNorm<double> block(2, 3, {.kernel_size = 3, .padding = 1});
    nn::init::kaiming_normal_(block.conv.weight, gen);
    disturb(block.bn, gen);
    block.eval();
    const auto x = randn<double>({2, 2, 4, 5}, gen);
    const NoGrad off;
    const auto check = [&] { CHECK(max(abs(block(x) - block.bn(block.conv(x)))).item() < 1e-13); };
    check();
    check();  // from what was kept
    nn::init::kaiming_normal_(block.conv.weight, gen);
    check();
    for (const AnyTensor& p : {block.bn.weight.untyped(), block.bn.bias.untyped()}) {
        nn::init::uniform_(p.as<double>(), gen, 0.5, 1.5);
        check();
    }
    nn::init::uniform_(static_cast<Tensor<double>&>(block.bn.running_mean), gen);
    check();
    nn::init::uniform_(static_cast<Tensor<double>&>(block.bn.running_var), gen, 0.5, 2);
    check();
    nn::ConvBatchNorm<double> copy = block;
    nn::init::kaiming_normal_(copy.conv.weight, gen);
    CHECK(max(abs(copy(x) - copy.bn(copy.conv(x)))).item() < 1e-13);
    check();
    block.train();
    block(x);  // moves the statistics
    block.eval();
    check();
    block.bn.settings.eps = 0.5;
    check();
}

TEST_CASE("nn/batch_norm: a net in eval may run on many threads") {
    Generator gen(6);
    nn::ConvBatchNorm<float> block(2, 3, {.kernel_size = 3, .padding = 1});
    nn::init::kaiming_normal_(block.conv.weight, gen);
    block.eval();
    const auto x = randn<float>({1, 2, 4, 5}, gen);
    std::vector<Tensor<float>> results(4);
    std::vector<std::thread> threads;
    for (Tensor<float>& result : results)
        threads.emplace_back([&] {
            const NoGrad off;
            for (int i = 0; i < 20; ++i) result = block(x);
        });
    for (std::thread& thread : threads) thread.join();
    for (const Tensor<float>& result : results) CHECK(same_bits(result, results.front()));
}

TEST_CASE("nn/batch_norm: no images are no reason to fail, a negative eps is") {
    nn::BatchNorm2d<float> bn(3);
    const auto x = zeros<float>({0, 3, 4, 4}).requires_grad_();
    const auto y = bn(x);
    CHECK(y.shape() == x.shape());
    sum(y).backward();
    CHECK(elements(bn.weight.grad()) == std::vector<float>{0, 0, 0});
    CHECK(elements(bn.running_mean) == std::vector<float>{0, 0, 0});
    bn.settings.eps = -1;
    CHECK(message_of([&] { bn(ones<float>({2, 3, 4, 4})); }) == "batch_norm: eps must be at least 0, got -1 at here");
}
