#include "fathom/optim/schedule.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "fathom/io/safetensors.hpp"
#include "fathom/nn/parameter.hpp"
#include "fathom/optim/sgd.hpp"
#include "fathom/tensor/factories.hpp"

namespace fathom {
namespace {

struct Two {
    nn::Parameter<float> a{ones<float>({1})}, b{ones<float>({1})};
    optim::SGD sgd{{{.params = {a}}, {.params = {b}, .lr = 0.1}}, {.lr = 0.01}};
    double lr(std::size_t i) const { return sgd.groups()[i].lr; }
};

}  // namespace

TEST_CASE("optim/schedule: StepLR and ExponentialLR") {
    Two t;
    optim::StepLR step(t.sgd, 3, 0.5);
    CHECK(t.lr(0) == 0.01);
    for (int i = 0; i < 2; ++i) step.step();
    CHECK(t.lr(1) == 0.1);
    step.step();
    CHECK(t.lr(0) == 0.005);
    CHECK(t.lr(1) == 0.05);
    step.set_steps(7);
    CHECK(t.lr(0) == 0.0025);
    CHECK(step.steps() == 7);

    optim::ExponentialLR exponential(t.sgd, 0.75);
    CHECK(t.lr(0) == 0.01);
    for (int i = 0; i < 10; ++i) exponential.step();
    CHECK(t.lr(0) == doctest::Approx(0.01 * std::pow(0.75, 10)).epsilon(1e-15));
    CHECK(t.lr(1) == doctest::Approx(0.1 * std::pow(0.75, 10)).epsilon(1e-15));
    CHECK_THROWS_AS(optim::StepLR(t.sgd, 0), Error);
}

TEST_CASE("optim/schedule: warm-up and polynomial decay agree with the golden numbers") {
    const StateDict golden = io::load(FATHOM_GOLDEN_DIR "/optim.safetensors");
    const auto iteration = golden.find("warmup_poly.iteration")->as<std::int64_t>();
    const auto lr = golden.find("warmup_poly.lr")->as<double>();
    Two t;
    optim::WarmupPolyLR schedule(t.sgd);
    for (int i = 0; i < iteration.size(0); ++i) {
        const std::int64_t at = std::as_const(iteration)(i);
        schedule.set_steps(at);
        CHECK(t.lr(0) == doctest::Approx(static_cast<double>(lr(i))).epsilon(1e-12));
        CHECK(t.lr(1) == doctest::Approx(10 * static_cast<double>(lr(i))).epsilon(1e-12));
    }
    schedule.set_steps(90000);
    CHECK(t.lr(0) == 0);
}

TEST_CASE("optim/schedule: the state is the step") {
    Two t, u;
    optim::ExponentialLR a(t.sgd, 0.9), b(u.sgd, 0.9);
    for (int i = 0; i < 5; ++i) a.step();
    b.load_state_dict(a.state_dict());
    CHECK(b.steps() == 5);
    CHECK(u.lr(1) == t.lr(1));
    u.sgd.load_state_dict(t.sgd.state_dict());
    a.step(), b.step();
    CHECK(u.lr(0) == t.lr(0));
    CHECK_THROWS_AS(a.load_state_dict(t.sgd.state_dict()), Error);
    CHECK_THROWS_AS(a.load_state_dict({}), Error);
}

}  // namespace fathom
