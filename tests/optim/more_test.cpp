// What optimizers, schedules and averages do over several steps, against PyTorch's numbers
// (tests/golden/families/optim_more.py).
#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "fathom/io/safetensors.hpp"
#include "fathom/nn/batch_norm.hpp"
#include "fathom/nn/sequential.hpp"
#include "fathom/ops/reduce.hpp"
#include "fathom/optim/adagrad.hpp"
#include "fathom/optim/adam.hpp"
#include "fathom/optim/averaged_model.hpp"
#include "fathom/optim/clip.hpp"
#include "fathom/optim/plateau.hpp"
#include "fathom/optim/rmsprop.hpp"
#include "fathom/optim/schedule.hpp"
#include "fathom/optim/sgd.hpp"
#include "tests/nn/nets.hpp"
#include "tests/support.hpp"

namespace fathom {
namespace {

using namespace optim;
using tests::message_of;
using tests::same;
using Params = std::vector<AnyTensor>;

Tensor<double> golden(const std::string& name) {
    static const StateDict dict = io::load(FATHOM_GOLDEN_DIR "/optim_more.safetensors");
    const AnyTensor* x = dict.find(name);
    REQUIRE_MESSAGE(x, name);
    return x->as<double>();
}

double worst(const AnyTensor& got, const AnyTensor& expected) {
    const std::vector<double> a = tests::numbers(got), b = tests::numbers(expected);
    REQUIRE(a.size() == b.size());
    double most = 0;
    for (std::size_t i = 0; i < a.size(); ++i)
        if (const double d = std::fabs(a[i] - b[i]); !(d <= most)) most = d;
    return most;
}

template <class T>
void descend(const Tensor<T>& w, const Tensor<T>& target, Optimizer& optimizer, std::int64_t step) {
    optimizer.zero_grad();
    const double factor = step == 0 ? 3 : step == 3 ? -0.5 : 1;
    ((sum(square(square(w - target))) + 0.1 * sum(w * w)) * factor).backward();
    optimizer.step();
}

// Along the whole path; in the middle the state goes through a state dict into a new optimizer.
template <class T, class Make>
double path_error(const std::string& name, Make make) {
    const auto target = golden(name + ".in.target").to<T>();
    const nn::Parameter<T> w(golden(name + ".in.w0").to<T>());
    const auto path = golden(name + ".out.0");
    auto first = make(Params{w}), second = make(Params{w});
    double most = 0;
    for (std::int64_t step = 0; step < path.size(0); ++step) {
        if (step == 3) second.load_state_dict(first.state_dict());
        descend<T>(w, target, step < 3 ? first : second, step);
        most = std::max(most, worst(w, path[step]));
    }
    CHECK(same(second.state_dict(), [&] {
        auto third = make(Params{w});
        third.load_state_dict(second.state_dict());
        return third.state_dict();
    }()));
    return most;
}

template <class T>
void check_paths(double tolerance) {
    const auto check = [&](const char* name, auto make) {
        CAPTURE(name);
        CHECK(path_error<T>(name, make) < tolerance);
    };
    check("sgd_dampening", [](const Params& p) {
        return SGD(p, {.lr = 1e-3, .momentum = 0.9, .dampening = 0.25, .weight_decay = 1e-2});
    });
    check("sgd_maximize",
          [](const Params& p) { return SGD(p, {.lr = 1e-4, .momentum = 0.5, .nesterov = true, .maximize = true}); });
    check("adam_amsgrad", [](const Params& p) { return Adam(p, {.lr = 1e-2, .weight_decay = 1e-2, .amsgrad = true}); });
    check("adam_maximize",
          [](const Params& p) { return Adam(p, {.lr = 1e-2, .weight_decay = 1e-2, .maximize = true}); });
    check("adamw_amsgrad", [](const Params& p) { return AdamW(p, {.lr = 1e-2, .amsgrad = true}); });
    check("adamw_maximize", [](const Params& p) { return AdamW(p, {.lr = 1e-2, .maximize = true}); });
    check("rmsprop", [](const Params& p) { return RMSprop(p); });
    check("rmsprop_all", [](const Params& p) {
        return RMSprop(p, {.lr = 1e-2, .alpha = 0.9, .weight_decay = 1e-2, .momentum = 0.8, .centered = true});
    });
    check("rmsprop_centered",
          [](const Params& p) { return RMSprop(p, {.alpha = 0.4, .centered = true, .maximize = true}); });
    check("rmsprop_momentum", [](const Params& p) { return RMSprop(p, {.momentum = 0.9}); });
    check("adagrad", [](const Params& p) { return Adagrad(p); });
    check("adagrad_all", [](const Params& p) {
        return Adagrad(
            p, {.lr = 0.1, .lr_decay = 0.1, .weight_decay = 1e-2, .initial_accumulator_value = 0.5, .maximize = true});
    });
}

struct Two {
    nn::Parameter<float> a{ones<float>({1})}, b{ones<float>({1})};
    SGD sgd{{{.params = {a}}, {.params = {b}, .lr = 0.1}}, {.lr = 0.01}};

    template <class Step>
    void check_rates(const std::string& name, Step step) {
        CAPTURE(name);
        const auto rates = golden(name + ".out.0");
        for (std::int64_t i = 0; i < rates.size(0); ++i) {
            CAPTURE(i);
            for (std::int64_t k = 0; k < 2; ++k)
                CHECK(sgd.groups()[static_cast<std::size_t>(k)].lr ==
                      doctest::Approx(static_cast<double>(rates(i, k))).epsilon(1e-12));
            step(i);
        }
    }
};

template <class Make>
void check_average(const std::string& name, Make make) {
    const auto w0 = golden(name + ".in.w0"), moves = golden(name + ".in.moves"), rows = golden(name + ".out.0");
    nn::Linear<double> net(4, 6, false);
    const auto set = [&](const Tensor<double>& w) {
        StateDict dict;
        dict.add("weight", w.contiguous());
        net.load_state_dict(dict);
    };
    set(w0);
    auto average = make(net);
    for (std::int64_t step = 0; step < rows.size(0); ++step) {
        set(w0 + static_cast<double>(step + 1) * moves);
        average.update_parameters(net);
        CHECK(worst(average.module.weight, rows[step]) < 1e-14);
        CHECK(average.n_averaged() == step + 1);
    }
    auto other = make(net);
    other.load_state_dict(average.state_dict());
    CHECK(same(other.state_dict(), average.state_dict()));
    CHECK_FALSE(average.module.weight.requires_grad());
    CHECK(net.weight.requires_grad());
}

}  // namespace

TEST_CASE("optim/more: paths of every optimizer, through a state dict in their middle") {
    check_paths<double>(1e-12);
    check_paths<float>(2e-5);
}

TEST_CASE("optim/more: settings of groups") {
    const nn::Parameter<double> a(ones<double>({2})), b(ones<double>({2}));
    RMSprop rmsprop({{.params = {a}}, {.params = {b}, .momentum = 0.5, .alpha = 0.5, .centered = true}}, {});
    CHECK(rmsprop.groups()[0].alpha == 0.99);
    CHECK(rmsprop.groups()[1].alpha == 0.5);
    (sum(a) + sum(b)).backward();
    rmsprop.step();
    const StateDict state = rmsprop.state_dict();
    CHECK(state.find("state.0.square_avg"));
    CHECK_FALSE(state.find("state.0.momentum_buffer"));
    CHECK(state.find("state.1.momentum_buffer"));
    CHECK(state.find("state.1.grad_avg"));
    CHECK_FALSE(state.find("param_groups.0.centered"));
    CHECK(state.find("param_groups.1.centered"));

    // An accumulator is Adagrad's alone.
    const nn::Parameter<double> c(ones<double>({2}));
    Adam adam({{.params = {c}, .initial_accumulator_value = 3, .amsgrad = true}}, {});
    sum(c).backward();
    adam.step();
    CHECK(adam.state_dict().find("state.0.max_exp_avg_sq")->as<double>()(0) ==
          doctest::Approx(1e-3).epsilon(1e-12));
}

TEST_CASE("optim/more: settings that make no sense") {
    const nn::Parameter<double> w(ones<double>({2}));
    const auto contains = [](const std::string& text, const char* part) { return text.find(part) == 0; };
    CHECK(contains(message_of([&] { SGD({w}, {.momentum = 0.9, .dampening = 0.1, .nesterov = true}); }),
                   "SGD: group 0: nesterov needs a dampening of 0, got 0.1 at "));
    CHECK(contains(message_of([&] { RMSprop({w}, {.alpha = -1}); }),
                   "RMSprop: group 0: alpha must be at least 0, got -1 at "));
    CHECK(contains(message_of([&] { Adagrad({w}, {.lr_decay = -1}); }),
                   "Adagrad: group 0: lr_decay must be at least 0, got -1 at "));
    CHECK(contains(message_of([&] { Adagrad({w}, {.initial_accumulator_value = -1}); }),
                   "Adagrad: group 0: initial_accumulator_value must be at least 0, got -1 at "));
    Adagrad adagrad({w});
    CHECK(message_of([&] { adagrad.load_state_dict(SGD({w}).state_dict()); }).find("lacks param_groups.0.lr_decay") !=
          std::string::npos);
}

TEST_CASE("optim/more: schedules") {
    const auto run = [](const char* name, auto make) {
        Two t;
        auto schedule = make(t.sgd);
        t.check_rates(name, [&](std::int64_t) { schedule.step(); });
    };
    run("multi_step", [](Optimizer& o) { return MultiStepLR(o, {2, 3, 3, 7}, 0.5); });
    run("linear", [](Optimizer& o) { return LinearLR(o); });
    run("lambda", [](Optimizer& o) {
        return LambdaLR(o, [](std::int64_t step) { return 1 / (1 + 0.1 * static_cast<double>(step)); });
    });
    run("cosine_annealing", [](Optimizer& o) { return CosineAnnealingLR(o, 8, 1e-3); });
    Two t;
    const LinearLR warm(t.sgd, {.start_factor = 0.1, .total_iters = 4});
    const CosineAnnealingLR cosine(t.sgd, 8, 1e-3);
    SequentialLR schedule(t.sgd, {&warm, &cosine}, {5});
    t.check_rates("warm_cosine", [&](std::int64_t) { schedule.step(); });
    CHECK(schedule.factor(5) == 1);

    CHECK(message_of([&] { MultiStepLR(t.sgd, {3, 2}); }).find("MultiStepLR: the milestones must ascend at ") == 0);
    CHECK(message_of([&] {
              LinearLR(t.sgd, {.total_iters = 0});
          }).find("LinearLR: total_iters must be at least 1, got 0") == 0);
    CHECK(message_of([&] { CosineAnnealingLR(t.sgd, 0); }).find("CosineAnnealingLR: T_max must be at least 1, got 0") ==
          0);
    CHECK(message_of([&] { SequentialLR(t.sgd, {&warm}, {5}); }).find("SequentialLR: 1 schedules and 1 milestones") ==
          0);
    CHECK(message_of([&] {
              LambdaLR(t.sgd, [](std::int64_t) { return -1.0; });
          }).find("schedule: a factor of -1 at step 0") == 0);
}

TEST_CASE("optim/more: ReduceLROnPlateau") {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    const double metric[] = {1,    0.9,  0.89995, 0.9, 0.95, 0.91, 0.5,  0.51, 0.52, 0.53, 0.54,
                             0.55, 0.56, 0.57,    0.4, nan,  0.41, 0.42, 0.43, 0.44, 0.45, 0.46};
    for (const bool max : {false, true}) {
        Two t;
        const PlateauOptions low{.factor = 0.5, .patience = 2}, high{.mode = PlateauMode::max,
                                                                     .factor = 0.1,
                                                                     .patience = 1,
                                                                     .threshold = 0.05,
                                                                     .threshold_mode = PlateauThreshold::abs,
                                                                     .cooldown = 2,
                                                                     .min_lr = 1e-4};
        ReduceLROnPlateau first(t.sgd, max ? high : low), second = first;
        t.check_rates(max ? "plateau_max" : "plateau", [&](std::int64_t i) {
            if (i == 9) second.load_state_dict(first.state_dict());
            (i < 9 ? first : second).step(metric[i]);
        });
        CHECK(second.best() == (max ? 1 : 0.4));
        CHECK_THROWS_AS(first.load_state_dict({}), Error);
    }
    Two t;
    CHECK(message_of([&] {
              ReduceLROnPlateau(t.sgd, {.factor = 1});
          }).find("ReduceLROnPlateau: factor must be in [0, 1), got 1 at ") == 0);
    CHECK_THROWS_AS(ReduceLROnPlateau(t.sgd, {.patience = -1}), Error);
}

TEST_CASE("optim/more: averages of weights") {
    check_average("average", [](const auto& net) { return AveragedModel(net, {.decay = 0.9}); });
    check_average("average_equal", [](const auto& net) { return AveragedModel(net, {.decay = std::nullopt}); });
    Generator gen(1);
    nn::Linear<float> net(3, 2, gen);
    CHECK(message_of([&] {
              AveragedModel(net, {.decay = 2});
          }).find("AveragedModel: decay must be in [0, 1], got 2 at ") == 0);

    // Buffers are copied, and the average of what does not move stays where it is to the bit.
    nn::BatchNorm2d<float> norm(3);
    AveragedModel average(norm);
    norm.forward(randn<float>({2, 3, 4, 4}, gen));
    for (int i = 0; i < 3; ++i) average.update_parameters(norm);
    CHECK(same(average.module.state_dict(), norm.state_dict()));
}

TEST_CASE("optim/more: gradients clipped by value") {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    const nn::Parameter<float> a(zeros<float>({3})), none(zeros<float>({2}));
    const nn::Parameter<double> b(zeros<double>({2, 2}));
    sum(a * Tensor<float>({3, -4, 0.5})).backward();
    sum(b * Tensor<double>({{1, nan}, {-1, 0.25}})).backward();
    clip_grad_value_({a, none, b}, 0.5);
    CHECK(tests::numbers(a.grad()) == std::vector<double>{0.5, -0.5, 0.5});
    CHECK(b.grad()(0, 0) == 0.5);
    CHECK(std::isnan(static_cast<double>(b.grad()(0, 1))));
    CHECK(b.grad()(1, 1) == 0.25);
    clip_grad_value_(Params{a}, 0);
    CHECK(a.grad()(0) == 0);
    CHECK(message_of([&] {
              clip_grad_value_({a}, -1);
          }).find("clip_grad_value_: clip_value must be at least 0, got -1 at ") == 0);
}

}  // namespace fathom
