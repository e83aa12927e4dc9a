// Whole training loops: that nets learn, that runs repeat, that nothing is kept from step to step.
#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "fathom/core/parallel_for.hpp"
#include "fathom/nn/activation.hpp"
#include "fathom/nn/conv.hpp"
#include "fathom/nn/linear.hpp"
#include "fathom/nn/sequential.hpp"
#include "fathom/ops/reduce.hpp"
#include "fathom/ops/loss.hpp"
#include "fathom/optim/adam.hpp"
#include "fathom/optim/clip.hpp"
#include "fathom/optim/schedule.hpp"
#include "fathom/optim/sgd.hpp"
#include "tests/kernels/for_each_isa.hpp"
#include "tests/nn/nets.hpp"
#include "tests/support.hpp"

namespace fathom {
namespace {

// Two arms of a spiral, 100 points each.
struct Spirals {
    Tensor<float> x = zeros<float>({200, 2});
    Tensor<std::int64_t> labels = zeros<std::int64_t>({200});
    Spirals() {
        for (int i = 0; i < 200; ++i) {
            const int arm = i / 100;
            const float t = 0.3f + 0.055f * static_cast<float>(i % 100),
                        angle = 1.2f * t + 3.14159265f * static_cast<float>(arm);
            x(i, 0) = 0.3f * t * std::cos(angle);
            x(i, 1) = 0.3f * t * std::sin(angle);
            labels(i) = arm;
        }
    }
};

nn::Sequential<float> spiral_net(Generator& gen) {
    return {nn::Linear<float>(2, 32, gen), nn::Tanh(), nn::Linear<float>(32, 32, gen), nn::ReLU(),
            nn::Linear<float>(32, 2, gen)};
}

double accuracy(const Tensor<float>& logits, const Tensor<std::int64_t>& labels) {
    int right = 0;
    for (int i = 0; i < 200; ++i) right += (logits(i, 1) > logits(i, 0)) == (labels(i) == 1);
    return right / 200.0;
}

StateDict train_spirals(double& last_loss, double& last_accuracy) {
    const Spirals data;
    Generator gen(11);
    auto net = spiral_net(gen);
    optim::Adam adam(net.parameters(), {.lr = 1e-2});
    optim::ExponentialLR schedule(adam, 0.998);
    for (int step = 0; step < 400; ++step) {
        const auto loss = cross_entropy(net(data.x), data.labels);
        adam.zero_grad();
        loss.backward();
        optim::clip_grad_norm_(net.parameters(), 1);
        adam.step();
        schedule.step();
        last_loss = static_cast<double>(loss.item());
    }
    last_accuracy = accuracy(net(data.x), data.labels);
    return net.state_dict();
}

}  // namespace

TEST_CASE("optim/training: XOR by every optimizer") {
    const Tensor<double> x({{0, 0}, {0, 1}, {1, 0}, {1, 1}});
    const Tensor<std::int64_t> labels({0, 1, 1, 0});
    const auto train = [&](auto make) {
        Generator gen(3);
        tests::Mlp<double> net(gen, 16);
        auto optimizer = make(net.parameters());
        double last = 0;
        for (int step = 0; step < 600; ++step) {
            const auto loss = cross_entropy(net.forward(x), labels);
            optimizer.zero_grad();
            loss.backward();
            optimizer.step();
            last = loss.item();
        }
        return last;
    };
    using Params = std::vector<AnyTensor>;
    CHECK(train([](const Params& p) { return optim::SGD(p, {.lr = 0.1, .momentum = 0.9, .nesterov = true}); }) < 0.05);
    CHECK(train([](const Params& p) { return optim::Adam(p, {.lr = 1e-2}); }) < 0.05);
    CHECK(train([](const Params& p) { return optim::AdamW(p, {.lr = 1e-2}); }) < 0.05);
}

TEST_CASE("optim/training: spirals, the same bits on one and two threads") {
    double loss = 0, right = 0;
    StateDict one, two;
    {
        const tests::Threads threads(1);
        one = train_spirals(loss, right);
    }
    MESSAGE("loss " << loss << ", accuracy " << right);
    CHECK(loss < 0.05);
    CHECK(right > 0.98);
    {
        const tests::Threads threads(2);
        two = train_spirals(loss, right);
    }
    CHECK(tests::same(one, two));
}

// With AddressSanitizer a leak checker takes what the parent's threads held for lost.
// On OpenMP's threads too: a child that waited for its parent's threads would hang, and is ended after a minute.
TEST_CASE("optim/training: a child of fork goes on as its parent does, and exits" *
          doctest::skip(tests::sanitized || tests::cannot_fork)) {
    const tests::Threads threads(2);
    Generator gen(5);
    nn::Sequential<float> net{nn::Conv2d<float>(1, 16, {3, 1, 1}, gen), nn::LeakyReLU(0.2),
                              nn::Conv2d<float>(16, 1, {3, 1, 1}, gen)};
    const auto x = randn<float>({4, 1, 64, 48}, gen);
    optim::Adam adam(net.parameters(), {.lr = 1e-2});
    const auto train = [&] {
        float last = 0;
        for (int step = 0; step < 5; ++step) {
            const auto loss = mean(square(net(x) - x));
            adam.zero_grad();
            loss.backward();
            adam.step();
            last = loss.item();
        }
        return last;
    };
    const float before = train();
    int ends[2];
    REQUIRE(pipe(ends) == 0);
    std::fflush(nullptr);  // or the child would print it again
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        alarm(60);
        const float loss = train();
        std::exit(write(ends[1], &loss, sizeof loss) == sizeof loss ? 0 : 1);
    }
    const float expected = train();
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 0);
    close(ends[1]);
    float loss = 0;
    CHECK(read(ends[0], &loss, sizeof loss) == sizeof loss);
    close(ends[0]);
    CHECK(loss == expected);
    CHECK(loss < before);
}

TEST_CASE("optim/training: a thousand steps keep no memory") {
    Generator gen(4);
    nn::Sequential<float> net{nn::Conv2d<float>(1, 4, {3, 1, 1}, gen), nn::LeakyReLU(0.2),
                              nn::Conv2d<float>(4, 1, {3, 1, 1}, gen), nn::Tanh()};
    const auto x = randn<float>({2, 1, 6, 7}, gen);
    optim::AdamW adam(net.parameters());
    optim::StepLR schedule(adam, 100, 0.5);
    std::int64_t at_ten = 0, at_end = 0;
    for (int step = 1; step <= 1000; ++step) {
        const auto loss = mean(square(net(x) - x));
        adam.zero_grad();
        loss.backward();
        optim::clip_grad_norm_(net.parameters(), 1);
        adam.step();
        schedule.step();
        if (step == 10) at_ten = memory_report().active;
        at_end = memory_report().active;
    }
    CHECK(at_ten > 0);
    CHECK(at_end == at_ten);
}

}  // namespace fathom
