#include "fathom/backend/cpu/optimize.hpp"

#include <cmath>

#include "tests/kernels/arrays.hpp"
#include "tests/kernels/for_each_isa.hpp"

namespace fathom::tests {
namespace {

// One element's step, word for word as PyTorch's documentation has it.
void reference(const abi::OptimizeArgs& o, double& p, double g, double& first, double& second) {
    if (o.op == UpdateRule::sgd) {
        g += o.weight_decay * p;
        if (o.momentum != 0) {
            first = o.momentum * first + g;
            g = o.nesterov ? g + o.momentum * first : first;
        }
        p -= o.lr * g;
        return;
    }
    if (o.op == UpdateRule::adam) g += o.weight_decay * p;
    if (o.op == UpdateRule::adamw) p -= o.lr * o.weight_decay * p;
    first = o.beta1 * first + (1 - o.beta1) * g;
    second = o.beta2 * second + (1 - o.beta2) * g * g;
    const double t = static_cast<double>(o.step), m = first / (1 - std::pow(o.beta1, t)),
                 v = second / (1 - std::pow(o.beta2, t));
    p -= o.lr * m / (std::sqrt(v) + o.eps);
}

template <class T>
void check(Shape shape, Layout parameters, Layout gradients, abi::OptimizeArgs o) {
    Array<T> p(shape, parameters), g(shape, gradients), first(shape, parameters), second(shape);
    p.random(1), first.fill([](auto) { return 0; }), second.fill([](auto) { return 0; });
    std::vector<double> wanted, m(static_cast<std::size_t>(p.numel()), 0), v = m;
    for (T x : p.values()) wanted.push_back(static_cast<double>(x));
    const double tolerance = 40 * static_cast<double>(std::numeric_limits<T>::epsilon());
    for (o.step = 1; o.step <= 5; ++o.step) {
        g.random(static_cast<std::uint64_t>(o.step) + 7);
        o.parameter = p.abi(), o.gradient = g.abi(), o.first = first.abi(), o.second = second.abi();
        if (o.op == UpdateRule::sgd && o.momentum == 0) o.first.data = nullptr;
        cpu::optimize<T>(call(), o);
        for (std::size_t i = 0; i < wanted.size(); ++i)
            reference(o, wanted[i], static_cast<double>(g[static_cast<std::int64_t>(i)]), m[i], v[i]);
    }
    double worst = 0;
    for (std::size_t i = 0; i < wanted.size(); ++i)
        worst = std::max(worst, std::abs(static_cast<double>(p[static_cast<std::int64_t>(i)]) - wanted[i]) /
                                    (1 + std::abs(wanted[i])));
    CHECK(worst <= tolerance);
    CHECK(p.guards_hold());
    CHECK(first.guards_hold());
    CHECK(second.guards_hold());
}

abi::OptimizeArgs options(UpdateRule op, double weight_decay, double momentum, bool nesterov) {
    abi::OptimizeArgs o{};
    o.op = op, o.lr = 0.1, o.weight_decay = weight_decay, o.momentum = momentum, o.nesterov = nesterov;
    o.beta1 = 0.9, o.beta2 = 0.999, o.eps = 1e-8;
    return o;
}

template <class T>
void check_all() {
    for_each_isa([] {
        for (const abi::OptimizeArgs& o :
             {options(UpdateRule::sgd, 0, 0, false), options(UpdateRule::sgd, 0.01, 0, false),
              options(UpdateRule::sgd, 0.01, 0.9, false), options(UpdateRule::sgd, 0, 0.9, true),
              options(UpdateRule::adam, 0, 0, false), options(UpdateRule::adam, 0.01, 0, false),
              options(UpdateRule::adamw, 0.01, 0, false)}) {
            check<T>({}, Layout::dense, Layout::dense, o);
            check<T>({0}, Layout::dense, Layout::dense, o);
            check<T>({37}, Layout::dense, Layout::dense, o);
            check<T>({5, 3, 3, 3}, Layout::dense, Layout::channels_last, o);
            check<T>({70, 9}, Layout::permuted, Layout::stepped, o);
        }
    });
}

}  // namespace

TEST_CASE("kernels/optimize: sgd, adam and adamw against their definitions, every ISA and layout") {
    check_all<float>();
    check_all<double>();
}

TEST_CASE("kernels/optimize: one and two threads give the same bits") {
    const Shape shape{64, 33, 31};
    Array<float> one(shape), two(shape), g(shape), m1(shape), v1(shape), m2(shape), v2(shape);
    one.random(1), two.random(1), g.random(2), m1.random(3), m2.random(3), v1.random(4, 0, 1), v2.random(4, 0, 1);
    abi::OptimizeArgs o = options(UpdateRule::adam, 0.01, 0, false);
    o.step = 3, o.gradient = g.abi();
    {
        Threads t(1);
        o.parameter = one.abi(), o.first = m1.abi(), o.second = v1.abi();
        cpu::optimize<float>(call(), o);
    }
    Threads t(2);
    o.parameter = two.abi(), o.first = m2.abi(), o.second = v2.abi();
    cpu::optimize<float>(call(), o);
    CHECK(one.same_bits(two));
    CHECK(v1.same_bits(v2));
}

}  // namespace fathom::tests
