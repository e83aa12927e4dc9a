#include "fathom/kernels/fusion_loss.hpp"

#include <cmath>
#include <limits>

#include "fathom/backend/cpu/fusion_loss.hpp"
#include "tests/kernels/arrays.hpp"
#include "tests/kernels/for_each_isa.hpp"

namespace fathom::tests {
namespace {

double sign(double x) { return x > 0 ? 1 : x < 0 ? -1 : 0; }

template <class T>
struct Problem {
    Array<T> fused, visible, infrared, dfused;

    // Multiples of 1/16: sums of them are exact, so that signs are those of the reference, and ties occur.
    Problem(Shape s, Layout layout) : fused(s, layout), visible(s, Layout::stepped), infrared(s), dfused(s, layout) {
        std::uint64_t seed = 1;
        for (auto* a : {&fused, &visible, &infrared}) {
            a->fill([&](std::int64_t i) {
                return std::floor(16 * uniform({seed, 0}, static_cast<std::uint64_t>(i))) / 16;
            });
            ++seed;
        }
        dfused.fill([](std::int64_t i) { return i % 3; });
    }
    double sums[2] = {-1, -1};
    T total = -1, dtotal;  // the gradient of the intensity's sum is a half, that of the texture's a quarter

    static abi::Array scalar(void* data) {
        abi::Array a{};
        a.data = data;
        return a;
    }
    abi::FusionLossArgs args(bool add = false) {
        dtotal = static_cast<T>(0.5 * static_cast<double>(fused.numel()));
        return {fused.abi(),  visible.abi(),  infrared.abi(),  result(dfused, add),
                scalar(sums), scalar(&total), scalar(&dtotal), 0.5};
    }
};

struct Gradient {
    double x, y;
    double magnitude() const { return std::abs(x) + std::abs(y); }
};

constexpr double sobel_x[] = {1, 0, -1, 2, 0, -2, 1, 0, -1}, sobel_y[] = {1, 2, 1, 0, 0, 0, -1, -2, -1};

template <class T>
void check(Shape s, Layout layout, bool accumulate) {
    Problem<T> p(s, layout);
    double want[2] = {0, 0};
    cpu::fusion_loss<T>(call(), p.args());
    cpu::fusion_loss_backward<T>(call(), p.args(accumulate));
    std::vector<double> gradient(static_cast<std::size_t>(p.fused.numel()), 0);
    for (std::int64_t plane = 0; plane < s[0] * s[1]; ++plane)
        for (std::int64_t h = 0; h < s[2]; ++h)
            for (std::int64_t w = 0; w < s[3]; ++w) {
                const auto taps = [&](auto f) {
                    for (std::int64_t k = 0; k < 9; ++k) {
                        const std::int64_t y = h + k / 3 - 1, x = w + k % 3 - 1;
                        if (y >= 0 && x >= 0 && y < s[2] && x < s[3]) f(k, (plane * s[2] + y) * s[3] + x);
                    }
                };
                const auto at = [&](Array<T>& a) {
                    Gradient g{0, 0};
                    taps([&](std::int64_t k, std::int64_t i) {
                        g.x += sobel_x[k] * static_cast<double>(a[i]), g.y += sobel_y[k] * static_cast<double>(a[i]);
                    });
                    return g;
                };
                const std::int64_t i = (plane * s[2] + h) * s[3] + w;
                const double intensity =
                    static_cast<double>(p.fused[i]) - static_cast<double>(std::max(p.visible[i], p.infrared[i]));
                const Gradient g = at(p.fused);
                const double texture = g.magnitude() - std::max(at(p.visible).magnitude(), at(p.infrared).magnitude());
                want[0] += std::abs(intensity);
                want[1] += std::abs(texture);
                gradient[static_cast<std::size_t>(i)] += 0.5 * sign(intensity);
                taps([&](std::int64_t k, std::int64_t q) {
                    gradient[static_cast<std::size_t>(q)] +=
                        0.25 * sign(texture) * (sign(g.x) * sobel_x[k] + sign(g.y) * sobel_y[k]);
                });
            }
    CHECK(p.sums[0] == want[0]);
    CHECK(p.sums[1] == want[1]);
    if (p.fused.numel() == 0)
        CHECK(std::isnan(p.total));  // a mean of nothing
    else
        CHECK(p.total == static_cast<T>((want[0] + 0.5 * want[1]) / static_cast<double>(p.fused.numel())));
    int wrong = 0;
    for (std::int64_t i = 0; i < p.fused.numel(); ++i)
        wrong += static_cast<double>(p.dfused[i]) !=
                 gradient[static_cast<std::size_t>(i)] + (accumulate ? static_cast<double>(i % 3) : 0);
    CHECK(wrong == 0);
    CHECK(p.dfused.guards_hold());
}

template <class T>
void check_fusion_loss() {
    for_each_isa([] {
        for (Layout layout : all_layouts) {
            check<T>({2, 1, 19, 37}, layout, layout == Layout::dense);
            check<T>({1, 1, 16, 16}, layout, false);
            check<T>({1, 1, 1, 1}, layout, false);
            check<T>({1, 1, 1, 20}, layout, true);
            check<T>({1, 1, 33, 1}, layout, false);
            check<T>({1, 3, 17, 18}, layout, false);
            check<T>({0, 1, 5, 5}, layout, false);
        }
        check<T>({1, 1, 18, 2100}, Layout::dense, false);  // two tiles of columns
    });
}

}  // namespace

TEST_CASE("kernels/fusion_loss: sums and gradient against a plain loop, every ISA and layout") {
    check_fusion_loss<float>();
    check_fusion_loss<double>();
}

TEST_CASE("kernels/fusion_loss: one and two threads give the same bits") {
    const Shape s{2, 1, 131, 517};
    Problem<float> one(s, Layout::dense), two(s, Layout::dense);
    one.fused.random(1, 0, 1), two.fused.random(1, 0, 1);
    {
        Threads t(1);
        cpu::fusion_loss<float>(call(), one.args());
        cpu::fusion_loss_backward<float>(call(), one.args());
    }
    Threads t(2);
    cpu::fusion_loss<float>(call(), two.args());
    cpu::fusion_loss_backward<float>(call(), two.args());
    CHECK(one.sums[0] == two.sums[0]);
    CHECK(one.sums[1] == two.sums[1]);
    CHECK(one.total == two.total);
    CHECK(one.dfused.same_bits(two.dfused));
}

}  // namespace fathom::tests
