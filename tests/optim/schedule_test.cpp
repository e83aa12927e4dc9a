#include "fathom/optim/schedule.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "fathom/io/safetensors.hpp"
#include "fathom/nn/parameter.hpp"
#include "fathom/optim/sgd.hpp"
#include "fathom/tensor/factories.hpp"

namespace fathom {
namespace {

struct TwoGroups {
    nn::Parameter<float> a{ones<float>({1})}, b{ones<float>({1})};
    optim::SGD sgd{{{.params = {a}}, {.params = {b}, .lr = 0.1}}, {.lr = 0.01}};
    double lr(std::size_t i) const { return sgd.groups()[i].lr; }
};

}  // namespace

TEST_CASE("optim/schedule: StepLR and ExponentialLR") {
    TwoGroups t;
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
    TwoGroups t;
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

TEST_CASE("optim/schedule: CosineLR falls along half a cosine and stays at its lowest") {
    TwoGroups t;
    optim::CosineLR schedule(t.sgd, {.max_steps = 8, .lowest = 0.1});
    const double pi = std::acos(-1.0), eta_min = 0.001;  // PyTorch's, absolute
    for (int i = 0; i <= 8; ++i) {
        CAPTURE(i);
        CHECK(schedule.steps() == i);
        CHECK(t.lr(0) == doctest::Approx(eta_min + (0.01 - eta_min) * (1 + std::cos(pi * i / 8)) / 2).epsilon(1e-14));
        CHECK(t.lr(1) == doctest::Approx(10 * t.lr(0)).epsilon(1e-14));
        schedule.step();
    }
    CHECK(optim::cosine_factor(0, {.max_steps = 8}) == 1);
    CHECK(optim::cosine_factor(4, {.max_steps = 8}) == doctest::Approx(0.5).epsilon(1e-15));
    CHECK(optim::cosine_factor(8, {.max_steps = 8}) == 0);
    CHECK(optim::cosine_factor(1000, {.max_steps = 8, .lowest = 0.25}) == 0.25);
    CHECK_THROWS_AS(optim::CosineLR(t.sgd, {.max_steps = 0}), Error);
}

TEST_CASE("optim/schedule: PyTorch's recursion gives what CosineLR's closed form does") {
    const optim::CosineOptions options{.max_steps = 50, .lowest = 0.02};
    double factor = 1;
    for (int i = 1; i <= 50; ++i) {
        const double pi = std::acos(-1.0);
        factor = (1 + std::cos(pi * i / 50)) / (1 + std::cos(pi * (i - 1) / 50)) * (factor - 0.02) + 0.02;
        CHECK(optim::cosine_factor(i, options) == doctest::Approx(factor).epsilon(1e-12));
    }
}

TEST_CASE("optim/schedule: OneCycleLR rises, falls and stays, as PyTorch's formulas say") {
    // torch.optim.lr_scheduler.OneCycleLR with anneal_strategy 'cos'.
    const auto pytorch = [](std::int64_t step, double max_lr, std::int64_t total, double pct, double div, double last) {
        const double initial = max_lr / div, lowest = initial / last;
        const double first_end = pct * static_cast<double>(total) - 1, second_end = static_cast<double>(total - 1);
        const auto anneal = [](double start, double end, double p) {
            return end + (start - end) / 2 * (std::cos(std::acos(-1.0) * p) + 1);
        };
        const auto at = static_cast<double>(step);
        return at <= first_end ? anneal(initial, max_lr, at / first_end)
                               : anneal(max_lr, lowest, (at - first_end) / (second_end - first_end));
    };
    struct Setting {
        std::int64_t total;
        double pct, div, last;
    };
    for (const Setting& s : {Setting{100, 0.3, 25, 1e4}, Setting{37, 0.25, 10, 100}, Setting{20, 1, 4, 2},
                             Setting{20, 0, 25, 1e4}, Setting{3, 0.3, 25, 1e4}}) {
        TwoGroups t;
        optim::OneCycleLR schedule(
            t.sgd, {.total_steps = s.total, .pct_start = s.pct, .div_factor = s.div, .final_div_factor = s.last});
        for (std::int64_t i = 0; i < s.total; ++i) {
            CAPTURE(i);
            CAPTURE(s.total);
            CHECK(t.lr(0) == doctest::Approx(pytorch(i, 0.01, s.total, s.pct, s.div, s.last)).epsilon(1e-12));
            CHECK(t.lr(1) == doctest::Approx(10 * t.lr(0)).epsilon(1e-12));
            schedule.step();
        }
        CHECK(t.lr(0) == doctest::Approx(0.01 / s.div / s.last).epsilon(1e-14));
    }
    CHECK(optim::one_cycle_factor(29, {.total_steps = 100}) == 1);
    CHECK(optim::one_cycle_factor(0, {.total_steps = 100}) == doctest::Approx(0.04).epsilon(1e-15));
    CHECK(optim::one_cycle_factor(99, {.total_steps = 100}) == doctest::Approx(4e-6).epsilon(1e-12));
    CHECK(optim::one_cycle_factor(0, {.total_steps = 10, .pct_start = 0.1}) == 1);  // PyTorch divides by zero
    TwoGroups t;
    CHECK_THROWS_AS(optim::OneCycleLR(t.sgd, {.total_steps = 0}), Error);
    CHECK_THROWS_AS(optim::OneCycleLR(t.sgd, {.pct_start = 1.5}), Error);
    CHECK_THROWS_AS(optim::OneCycleLR(t.sgd, {.div_factor = 0}), Error);
}

TEST_CASE("optim/schedule: no learning rate becomes negative") {
    TwoGroups t;
    CHECK_THROWS_WITH(optim::StepLR(t.sgd, 3, -1), doctest::Contains("StepLR: gamma must be at least 0, got -1"));
    CHECK_THROWS_WITH(optim::ExponentialLR(t.sgd, -0.5), doctest::Contains("gamma must be at least 0, got -0.5"));
    CHECK_THROWS_WITH(optim::CosineLR(t.sgd, {.max_steps = 1, .lowest = -1}).step(),
                      doctest::Contains("schedule: a factor of -1 at step 1, expected at least 0"));
    CHECK(t.lr(0) == 0.01);
}

TEST_CASE("optim/schedule: the state is the step") {
    TwoGroups t, u;
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
