#include "tests/kernels/optimize.hpp"

#include <cmath>

#include "tests/kernels/arrays.hpp"
#include "tests/kernels/for_each_isa.hpp"

namespace fathom::tests {
namespace {

struct Buffers {
    double first = 0, second = 0, third = 0;
};

// One element's step, word for word as PyTorch's documentation has it. `third`: whether the rule keeps it.
void reference(const abi::OptimizeArgs& o, double& p, double g, Buffers& s, bool third) {
    const double t = o.step.value;
    if (o.maximize) g = -g;
    if (o.rule != UpdateRule::adamw) g += o.weight_decay * p;
    if (o.rule == UpdateRule::sgd) {
        if (o.momentum != 0) {
            s.first = o.momentum * s.first + (1 - o.dampening) * g;
            g = o.nesterov ? g + o.momentum * s.first : s.first;
        }
        p -= o.lr.value * g;
    } else if (o.rule == UpdateRule::rmsprop) {
        s.first = o.beta2 * s.first + (1 - o.beta2) * g * g;
        double v = s.first;
        if (third) s.third = o.beta2 * s.third + (1 - o.beta2) * g, v -= s.third * s.third;
        g /= std::sqrt(v) + o.eps;
        if (o.momentum != 0) g = s.second = o.momentum * s.second + g;
        p -= o.lr.value * g;
    } else if (o.rule == UpdateRule::adagrad) {
        s.first += g * g;
        p -= o.lr.value / (1 + (t - 1) * o.lr_decay) * g / (std::sqrt(s.first) + o.eps);
    } else {
        if (o.rule == UpdateRule::adamw) p -= o.lr.value * o.weight_decay * p;
        s.first = o.beta1 * s.first + (1 - o.beta1) * g;
        s.second = o.beta2 * s.second + (1 - o.beta2) * g * g;
        s.third = std::max(s.third, s.second);
        const double m = s.first / (1 - std::pow(o.beta1, t)),
                     v = (third ? s.third : s.second) / (1 - std::pow(o.beta2, t));
        p -= o.lr.value * m / (std::sqrt(v) + o.eps);
    }
}

template <class T>
void check(Shape shape, Layout parameters, Layout gradients, abi::OptimizeArgs o, bool with_third) {
    Array<T> p(shape, parameters), g(shape, gradients), first(shape, parameters), second(shape), third(shape);
    p.random(1), first.fill([](auto) { return 0; }), second.fill([](auto) { return 0; });
    third.fill([](auto) { return 0; });
    std::vector<double> wanted;
    std::vector<Buffers> state(static_cast<std::size_t>(p.numel()));
    for (T x : p.values()) wanted.push_back(static_cast<double>(x));
    const double tolerance = 40 * static_cast<double>(std::numeric_limits<T>::epsilon());
    for (std::uint64_t step = 1; step <= 5; ++step) {
        g.random(step + 7);
        abi::OptimizeTensor tensor{p.abi(), g.abi(), first.abi(), second.abi(), third.abi()};
        if (!with_third) tensor.third.data = nullptr;
        if (o.rule == UpdateRule::sgd && o.momentum == 0) tensor.first.data = nullptr;
        o.tensors = &tensor, o.count = 1, o.step.value = static_cast<double>(step);
        optimize<T>(call(), o);
        for (std::size_t i = 0; i < wanted.size(); ++i)
            reference(o, wanted[i], static_cast<double>(g[static_cast<std::int64_t>(i)]), state[i], with_third);
    }
    double worst = 0;
    for (std::size_t i = 0; i < wanted.size(); ++i)
        worst = std::max(worst, std::abs(static_cast<double>(p[static_cast<std::int64_t>(i)]) - wanted[i]) /
                                    (1 + std::abs(wanted[i])));
    CHECK(worst <= tolerance);
    CHECK(p.guards_hold());
    CHECK(first.guards_hold());
    CHECK(second.guards_hold());
    CHECK(third.guards_hold());
}

abi::OptimizeArgs options(UpdateRule rule, double weight_decay, double momentum, bool nesterov) {
    abi::OptimizeArgs o{};
    o.rule = rule, o.lr.value = 0.1, o.weight_decay = weight_decay, o.momentum = momentum, o.nesterov = nesterov;
    o.beta1 = 0.9, o.beta2 = 0.999, o.eps = 1e-8;
    return o;
}

struct Setting {
    abi::OptimizeArgs args;
    bool third = false;
};

// Every rule with and without each of what it may have.
std::vector<Setting> settings() {
    std::vector<Setting> all = {
        {options(UpdateRule::sgd, 0, 0, false)},           {options(UpdateRule::sgd, 0.01, 0, false)},
        {options(UpdateRule::sgd, 0.01, 0.9, false)},      {options(UpdateRule::sgd, 0, 0.9, true)},
        {options(UpdateRule::adam, 0, 0, false)},          {options(UpdateRule::adam, 0.01, 0, false)},
        {options(UpdateRule::adamw, 0.01, 0, false)},      {options(UpdateRule::adam, 0.01, 0, false), true},
        {options(UpdateRule::adamw, 0.01, 0, false), true}};
    for (const bool third : {false, true})
        for (const double momentum : {0.0, 0.9}) {
            Setting s{options(UpdateRule::rmsprop, 0.01, momentum, false), third};
            s.args.beta2 = momentum == 0 ? 0.4 : 0.9, s.args.lr.value = 0.01;
            all.push_back(s);
        }
    Setting s{options(UpdateRule::adagrad, 0.01, 0, false)};
    s.args.lr_decay = 0.1, s.args.eps = 1e-10;
    all.push_back(s);
    s.args = options(UpdateRule::sgd, 0.01, 0.9, false), s.args.dampening = 0.25;
    all.push_back(s);
    for (std::size_t i = 0, n = all.size(); i < n; i += 3) all.push_back(all[i]), all.back().args.maximize = 1;
    return all;
}

template <class T>
void check_optimize() {
    for_each_isa([] {
        for (const auto& [o, third] : settings()) {
            check<T>({}, Layout::dense, Layout::dense, o, third);
            check<T>({0}, Layout::dense, Layout::dense, o, third);
            check<T>({37}, Layout::dense, Layout::dense, o, third);
            check<T>({5, 3, 3, 3}, Layout::dense, Layout::channels_last, o, third);
            check<T>({70, 9}, Layout::permuted, Layout::stepped, o, third);
        }
    });
}

}  // namespace

TEST_CASE("kernels/optimize: every rule against its definition, every ISA and layout") {
    check_optimize<float>();
    check_optimize<double>();
}

TEST_CASE("kernels/optimize: one and two threads give the same bits") {
    const Shape shape{64, 33, 31};
    Array<float> one(shape), two(shape), g(shape), m1(shape), v1(shape), m2(shape), v2(shape);
    one.random(1), two.random(1), g.random(2), m1.random(3), m2.random(3), v1.random(4, 0, 1), v2.random(4, 0, 1);
    abi::OptimizeArgs o = options(UpdateRule::adam, 0.01, 0, false);
    o.step.value = 3, o.count = 1;
    {
        Threads t(1);
        const abi::OptimizeTensor tensor{one.abi(), g.abi(), m1.abi(), v1.abi()};
        o.tensors = &tensor;
        optimize<float>(call(), o);
    }
    Threads t(2);
    const abi::OptimizeTensor tensor{two.abi(), g.abi(), m2.abi(), v2.abi()};
    o.tensors = &tensor;
    optimize<float>(call(), o);
    CHECK(one.same_bits(two));
    CHECK(v1.same_bits(v2));
}

TEST_CASE("kernels/optimize: a list of parameters, numbers that lie elsewhere, and a step that is skipped") {
    const abi::OptimizeArgs numbers = options(UpdateRule::adamw, 0.01, 0, false);
    const double lr = 0.1, step = 4;
    std::int32_t skip = 1;
    std::vector<Array<float>> alone, together;
    for (std::vector<Array<float>>* arrays : {&alone, &together})
        for (std::uint64_t i = 0; i < 8; ++i) {
            arrays->emplace_back(Shape{static_cast<std::int64_t>(3 + i / 4 * 70)});
            arrays->back().random(i, 0.1, 1);
        }
    const auto tensor = [](std::vector<Array<float>>& a, std::size_t i) {
        return abi::OptimizeTensor{a[4 * i].abi(), a[4 * i + 1].abi(), a[4 * i + 2].abi(), a[4 * i + 3].abi()};
    };
    for (std::size_t i = 0; i < 2; ++i) {
        const abi::OptimizeTensor one = tensor(alone, i);
        abi::OptimizeArgs o = numbers;
        o.tensors = &one, o.count = 1, o.step.value = 4;
        optimize<float>(call(), o);
    }
    const abi::OptimizeTensor list[] = {tensor(together, 0), tensor(together, 1)};
    abi::OptimizeArgs o = numbers;
    o.tensors = list, o.count = 2, o.lr = {7, &lr}, o.step = {7, &step}, o.skip = &skip;
    const std::vector<float> before = together[0].values();
    optimize<float>(call(), o);
    CHECK(together[0].values() == before);
    skip = 0;
    optimize<float>(call(), o);
    for (std::size_t i = 0; i < alone.size(); ++i) CHECK(alone[i].same_bits(together[i]));
}

}  // namespace fathom::tests
