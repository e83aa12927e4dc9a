#include "fathom/kernels/softmax.hpp"

#include <cmath>
#include <limits>

#include "fathom/backend/cpu/softmax.hpp"
#include "tests/kernels/arrays.hpp"
#include "tests/kernels/for_each_isa.hpp"

namespace fathom::tests {
namespace {

// For each position: f(indices of its classes, row-major).
template <class F>
void for_positions(const Shape& shape, int dim, F f) {
    std::int64_t inner = 1;
    for (int d = dim + 1; d < shape.rank(); ++d) inner *= shape[d];
    const std::int64_t outer = inner == 0 || shape[dim] == 0 ? 0 : shape.numel() / inner / shape[dim];
    for (std::int64_t o = 0; o < outer; ++o)
        for (std::int64_t i = 0; i < inner; ++i) {
            std::vector<std::int64_t> at;
            for (std::int64_t c = 0; c < shape[dim]; ++c) at.push_back((o * shape[dim] + c) * inner + i);
            f(at);
        }
}

template <class T>
void check(Shape shape, int dim, Layout layout, Layout other, bool log, bool accumulate) {
    Array<T> x(shape, layout), y(shape, other), dy(shape, layout), dx(shape, other);
    x.random(1, -20, 20), dy.random(2), dx.random(3);
    std::vector<T> before = dx.values();
    cpu::softmax<T>(call(), {x.abi(), y.abi(), {}, {}, dim, log});
    cpu::softmax_backward<T>(call(), {{}, y.abi(), dy.abi(), result(dx, accumulate), dim, log});
    const double epsilon = static_cast<double>(std::numeric_limits<T>::epsilon());
    double worst = 0, worst_gradient = 0;
    for_positions(shape, dim, [&](const std::vector<std::int64_t>& at) {
        double largest = -1e300, sum = 0, dot = 0, scale = 0;
        for (auto i : at) largest = std::max(largest, static_cast<double>(x[i]));
        for (auto i : at) sum += std::exp(static_cast<double>(x[i]) - largest);
        const auto want = [&](std::int64_t i) {
            const double z = static_cast<double>(x[i]) - largest - std::log(sum);
            return log ? z : std::exp(z);
        };
        for (auto i : at)
            dot += static_cast<double>(dy[i]) * (log ? 1 : want(i)), scale += std::abs(static_cast<double>(dy[i]));
        for (auto i : at) {
            worst = std::max(worst, std::abs(static_cast<double>(y[i]) - want(i)) / (log ? 40 : 1));
            const double d = static_cast<double>(dy[i]);
            double gradient = log ? d - std::exp(want(i)) * dot : want(i) * (d - dot);
            if (accumulate) gradient += static_cast<double>(before[static_cast<std::size_t>(i)]);
            worst_gradient = std::max(worst_gradient, std::abs(static_cast<double>(dx[i]) - gradient) / (2 + scale));
        }
    });
    CHECK(worst <= 4 * epsilon);
    CHECK(worst_gradient <= 40 * epsilon);
    CHECK(y.guards_hold());
    CHECK(dx.guards_hold());
}

template <class T>
void check_softmax() {
    for_each_isa([] {
        for (Layout layout : all_layouts)
            for (bool log : {false, true}) {
                check<T>({2, 9, 13, 11}, 1, layout, Layout::dense, log, false);
                check<T>({2, 9, 13, 11}, 1, Layout::channels_last, layout, log, true);
                check<T>({3, 70}, 1, layout, layout, log, false);
                check<T>({3, 70}, 0, layout, layout, log, true);
                check<T>({1, 300}, 1, layout, layout, log, false);
                check<T>({7}, 0, layout, layout, log, false);
                check<T>({0, 5}, 1, layout, layout, log, false);
                check<T>({5, 0}, 1, layout, layout, log, false);
            }
    });
}

}  // namespace

TEST_CASE("kernels/softmax: values and gradients against their definitions, every ISA and layout") {
    check_softmax<float>();
    check_softmax<double>();
}

TEST_CASE("kernels/softmax: large logits neither overflow nor lose the result, minus infinity is probability 0") {
    Array<float> x({1, 4}), y({1, 4});
    const float values[] = {1e4f, 1e4f, -std::numeric_limits<float>::infinity(), -1e30f};
    x.fill([&](std::int64_t i) { return values[i]; });
    cpu::softmax<float>(call(), {x.abi(), y.abi(), {}, {}, 1, 0});
    CHECK(y.values() == std::vector<float>{0.5f, 0.5f, 0, 0});
    x[1] = std::numeric_limits<float>::quiet_NaN();
    cpu::softmax<float>(call(), {x.abi(), y.abi(), {}, {}, 1, 0});
    for (float v : y.values()) CHECK(std::isnan(v));
}

TEST_CASE("kernels/softmax: layouts and threads do not change a bit") {
    const Shape shape{2, 9, 101, 67};
    Array<float> x(shape), want(shape);
    x.random(1);
    {
        Threads one(1);
        cpu::softmax<float>(call(), {x.abi(), want.abi(), {}, {}, 1, 0});
    }
    for (Layout layout : all_layouts) {
        Array<float> in(shape, layout), out(shape, layout);
        in.random(1);
        Threads two(2);
        cpu::softmax<float>(call(), {in.abi(), out.abi(), {}, {}, 1, 0});
        CHECK(out.same_bits(want));
    }
}

}  // namespace fathom::tests
