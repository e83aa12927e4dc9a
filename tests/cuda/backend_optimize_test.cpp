// Optimizer steps over lists of parameters on the device: as many and as odd as may come, with numbers that only the
// device knows, against the CPU's.
#include <cmath>

#include "fathom/ops/arithmetic.hpp"
#include "fathom/ops/copy.hpp"
#include "fathom/tensor/dispatch.hpp"
#include "fathom/tensor/factories.hpp"
#include "tests/cuda/device.hpp"
#include "tests/kernels/optimize.hpp"

using namespace fathom;
using namespace fathom::tests;

namespace {

struct Parameter {
    AnyTensor value, gradient, first, second, third;
};

constexpr AnyTensor Parameter::*written[] = {&Parameter::value, &Parameter::first, &Parameter::second,
                                             &Parameter::third};

// What is to be done, and whether a parameter's third array has a part in it.
struct Update {
    abi::OptimizeArgs args;
    bool third = false;
};

// Parameters in sizes from nothing to several blocks, every fifth with a gradient in another layout, every fifth of
// arrays that do not begin at a multiple of 16 bytes, more than go into one launch.
std::vector<Parameter> parameters(int count, Device device) {
    std::vector<Parameter> list;
    Generator generator(7);
    for (int i = 0; i < count; ++i) {
        const Shape shape{i % 7, i % 9 == 8 ? 701 : 1 + i * 13 % 40};
        const auto number = [&] {
            const Tensor<float> all = rand<float>({shape.numel() + 1}, generator).to(device);
            return all.slice(0, i % 5 == 1 ? 1 : 0, shape.numel() + (i % 5 == 1 ? 1 : 0)).reshape(shape);
        };
        Parameter p{number(), number(), number(), number(), {}};
        p.third = 0.5 * p.first.as<float>();  // a mean whose square is below the mean of squares
        if (i % 5 == 3) p.gradient = p.gradient.as<float>().permute({1, 0}).contiguous().permute({1, 0});
        list.push_back(p);
    }
    return list;
}

void step(const std::vector<Parameter>& list, const Update& update, const AnyTensor& numbers = {},
          const AnyTensor& skip = {}) {
    abi::OptimizeArgs args = update.args;
    std::vector<abi::OptimizeTensor> tensors;
    for (const Parameter& p : list)
        tensors.push_back({detail::array_of(p.value), detail::array_of(p.gradient), detail::array_of(p.first),
                           detail::array_of(p.second), update.third ? detail::array_of(p.third) : abi::Array{}});
    args.tensors = tensors.data(), args.count = static_cast<std::int64_t>(tensors.size());
    if (numbers.defined()) {
        const auto* data = static_cast<const double*>(numbers.raw_unchecked());
        args.lr = {0, data}, args.step = {0, data + 1};
    }
    if (skip.defined()) args.skip = static_cast<const std::int32_t*>(skip.raw_unchecked());
    detail::run(list.front().value, "step", Where::here(), operation::optimize, &optimize<float>, args);
}

AnyTensor on_host(const AnyTensor& x) { return x.as<float>().to(Device::cpu()); }

// Every array of both lists, the second one's on the host.
void check_equal(const std::vector<Parameter>& got, const std::vector<Parameter>& expected, double error) {
    for (std::size_t i = 0; i < got.size(); ++i)
        for (const auto member : written) {
            CAPTURE(i);
            const std::vector<double> x = numbers(on_host(got[i].*member)), y = numbers(on_host(expected[i].*member));
            double worst = 0;
            for (std::size_t k = 0; k < x.size(); ++k)
                if (const double d = std::fabs(x[k] - y[k]); !(d <= worst) && !std::isnan(worst)) worst = d;
            CHECK(worst <= error);
        }
}

std::vector<Update> rules() {
    abi::OptimizeArgs a{};
    a.lr = {0.1, nullptr}, a.step = {3, nullptr}, a.weight_decay = 0.01;
    a.beta1 = 0.9, a.beta2 = 0.999, a.eps = 1e-8;
    std::vector<Update> list;
    for (const UpdateRule rule : {UpdateRule::sgd, UpdateRule::adam, UpdateRule::adamw})
        a.rule = rule, list.push_back({a});
    a.maximize = 1, list.push_back({a, true});
    a.rule = UpdateRule::sgd, a.momentum = 0.9, a.dampening = 0.25, list.push_back({a});
    a.nesterov = 1, a.maximize = 0, list.push_back({a});
    a.rule = UpdateRule::adagrad, a.lr_decay = 0.5, list.push_back({a});
    a.rule = UpdateRule::rmsprop, a.beta2 = 0.9, list.push_back({a}), list.push_back({a, true});
    a.momentum = 0, list.push_back({a}), list.push_back({a, true});
    return list;
}

}  // namespace

TEST_CASE("cuda/backend_optimize: lists of any length and layout move as on the CPU") {
    for (const Update& rule : rules())
        for (const int count : {1, 60, 71, 72, 73, 161}) {
            CAPTURE(count);
            const auto here = parameters(count, Device::cpu()), there = parameters(count, test_device);
            step(here, rule), step(there, rule);
            check_equal(there, here, 1e-6);
        }
}

TEST_CASE("cuda/backend_optimize: a parameter of which each thread takes more than one pack moves as on the CPU") {
    if (checked_build) return;
    for (const Update& rule : rules()) {
        std::vector<Parameter> lists[2];
        for (const bool there : {false, true}) {
            Generator generator(8);
            const auto number = [&] {
                return rand<float>({1100003}, generator).to(there ? test_device : Device::cpu());
            };
            lists[there].push_back({number(), number(), number(), number(), {}});
            lists[there].back().third = 0.5 * lists[there].back().first.as<float>();
            step(lists[there], rule);
        }
        check_equal(lists[1], lists[0], 1e-6);
    }
}

TEST_CASE("cuda/backend_optimize: a learning rate and a step on the device are those on the host") {
    for (const Update& rule : rules()) {
        const auto known = parameters(34, test_device), unknown = parameters(34, test_device);
        const double values[] = {rule.args.lr.value, rule.args.step.value};
        step(known, rule);
        step(unknown, rule, from_data(values, {2}).to(test_device).untyped());
        check_equal(unknown, known, 1e-7);
    }
}

TEST_CASE("cuda/backend_optimize: a step that is to be skipped changes nothing, one that is not does") {
    const std::int32_t flags[] = {1, 0};
    for (const Update& rule : rules()) {
        const auto before = parameters(34, test_device), after = parameters(34, test_device);
        step(after, rule, {}, from_data(&flags[0], {1}).to(test_device).untyped());
        for (std::size_t i = 0; i < before.size(); ++i)
            for (const auto member : written) CHECK(same_bits(on_host(after[i].*member), on_host(before[i].*member)));
        step(before, rule), step(after, rule, {}, from_data(&flags[1], {1}).to(test_device).untyped());
        check_equal(after, before, 0);
    }
}
