#include "fathom/kernels/cross_entropy.hpp"

#include <cmath>
#include <limits>

#include "fathom/backend/cpu/softmax.hpp"
#include "tests/kernels/arrays.hpp"
#include "tests/kernels/for_each_isa.hpp"

namespace fathom::tests {
namespace {

constexpr std::int64_t ignored = 255;

template <class T>
struct Case {
    Shape shape;  // of the logits: [N, C, ...]
    Layout logits, targets;
    bool weighted;
    double smoothing;
    bool accumulate;
};

Shape without_classes(Shape shape) {
    shape.erase(1);
    return shape;
}

template <class T>
void check(const Case<T>& c) {
    const std::int64_t n = c.shape[0], classes = c.shape[1],
                       inner = c.shape[0] * c.shape[1] == 0 ? 0 : c.shape.numel() / n / classes;
    Array<T> logits(c.shape, c.logits), weight({classes}, Layout::stepped), loss(without_classes(c.shape), c.targets),
        dloss(without_classes(c.shape)), dlogits(c.shape, c.logits);
    Array<std::int64_t> target(without_classes(c.shape), c.targets);
    logits.random(1, -8, 8), weight.random(2, 0.2, 2), dloss.random(3), dlogits.random(4);
    target.fill([&](std::int64_t i) { return i % 5 == 3 ? ignored : i * 7 % classes; });
    const std::vector<T> before = dlogits.values();
    abi::CrossEntropyArgs args{logits.abi(), target.abi(), weight.abi(),
                               loss.abi(),   dloss.abi(),  result(dlogits, c.accumulate),
                               ignored,      c.smoothing};
    if (!c.weighted) args.weight.data = nullptr;
    cpu::cross_entropy<T>(call(), args);
    cpu::cross_entropy_backward<T>(call(), args);
    const double epsilon = static_cast<double>(std::numeric_limits<T>::epsilon());
    double worst = 0, worst_gradient = 0;
    for (std::int64_t p = 0; p < n * inner; ++p) {
        const auto at = [&](std::int64_t k) { return (p / inner * classes + k) * inner + p % inner; };
        const auto x = [&](std::int64_t k) { return static_cast<double>(logits[at(k)]); };
        const auto w = [&](std::int64_t k) { return c.weighted ? static_cast<double>(weight[k]) : 1.0; };
        double sum = 0, total_weight = 0, rest = 0, want = 0;
        for (std::int64_t k = 0; k < classes; ++k) sum += std::exp(x(k)), total_weight += w(k);
        for (std::int64_t k = 0; k < classes; ++k) rest += w(k) * (std::log(sum) - x(k));
        const std::int64_t t = target[p];
        const double s = c.smoothing;
        if (t != ignored) want = (1 - s) * w(t) * (std::log(sum) - x(t)) + s / static_cast<double>(classes) * rest;
        worst = std::max(worst, std::abs(static_cast<double>(loss[p]) - want));
        if (t == ignored) CHECK(loss[p] == 0);
        for (std::int64_t k = 0; k < classes; ++k) {
            const double q = std::exp(x(k)) / sum;
            double d = t == ignored ? 0
                                    : static_cast<double>(dloss[p]) *
                                          ((1 - s) * w(t) * (q - (k == t)) +
                                           s / static_cast<double>(classes) * (total_weight * q - w(k)));
            if (c.accumulate) d += static_cast<double>(before[static_cast<std::size_t>(at(k))]);
            worst_gradient = std::max(worst_gradient, std::abs(static_cast<double>(dlogits[at(k)]) - d));
        }
    }
    CHECK(worst <= 100 * epsilon);
    CHECK(worst_gradient <= 40 * epsilon);
    CHECK(loss.guards_hold());
    CHECK(dlogits.guards_hold());
}

template <class T>
void check_cross_entropy() {
    for_each_isa([] {
        for (Layout layout : all_layouts)
            for (bool weighted : {false, true})
                for (double smoothing : {0.0, 0.1}) {
                    check<T>({{2, 9, 13, 11}, layout, Layout::dense, weighted, smoothing, weighted});
                    check<T>({{70, 5}, layout, layout, weighted, smoothing, !weighted});
                    check<T>({{1, 40, 3}, layout, Layout::stepped, weighted, smoothing, weighted});
                    check<T>({{0, 4}, layout, Layout::dense, weighted, smoothing, weighted});
                }
    });
}

}  // namespace

TEST_CASE("kernels/cross_entropy: values and gradients against their definitions, every ISA and layout") {
    check_cross_entropy<float>();
    check_cross_entropy<double>();
}

TEST_CASE("kernels/cross_entropy: a target that is no class is an error that names it") {
    Array<float> logits({2, 9, 3, 4}), loss({2, 3, 4});
    Array<std::int64_t> target({2, 3, 4}, Layout::permuted);
    logits.random(1), target.fill([](auto) { return 0; });
    target[17] = 9;
    target[20] = -1;
    abi::CrossEntropyArgs args{logits.abi(), target.abi(), {}, loss.abi(), {}, {}, ignored, 0};
    CHECK_THROWS_WITH_AS(cpu::cross_entropy<float>(call(), args),
                         "test: target 9 at [1,1,1] is not a class (0 to 8) nor ignore_index 255 at here.cpp:7", Error);
}

TEST_CASE("kernels/cross_entropy: what is ignored has no loss and no gradient, whatever its logits") {
    Array<float> logits({1, 3}), loss({1}), dloss({1}), dlogits({1, 3});
    Array<std::int64_t> target({1});
    logits.fill([](auto) { return std::numeric_limits<float>::quiet_NaN(); });
    target[0] = ignored, dloss[0] = 1;
    abi::CrossEntropyArgs args{logits.abi(), target.abi(), {}, loss.abi(), dloss.abi(), dlogits.abi(), ignored, 0.1};
    cpu::cross_entropy<float>(call(), args);
    cpu::cross_entropy_backward<float>(call(), args);
    CHECK(loss[0] == 0);
    CHECK(dlogits.values() == std::vector<float>{0, 0, 0});
}

TEST_CASE("kernels/cross_entropy: one and two threads give the same bits") {
    const Shape shape{2, 9, 101, 67};
    Array<float> logits(shape, Layout::channels_last), one({2, 101, 67}), two({2, 101, 67});
    Array<std::int64_t> target({2, 101, 67});
    logits.random(1), target.fill([](std::int64_t i) { return i % 9; });
    abi::CrossEntropyArgs args{logits.abi(), target.abi(), {}, one.abi(), {}, {}, ignored, 0};
    {
        Threads t(1);
        cpu::cross_entropy<float>(call(), args);
    }
    Threads t(2);
    args.loss = two.abi();
    cpu::cross_entropy<float>(call(), args);
    CHECK(one.same_bits(two));
}

}  // namespace fathom::tests
