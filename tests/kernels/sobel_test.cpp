#include "fathom/kernels/sobel.hpp"

#include <cmath>
#include <limits>
#include <utility>

#include "fathom/backend/cpu/sobel.hpp"
#include "tests/kernels/arrays.hpp"
#include "tests/kernels/for_each_isa.hpp"

namespace fathom::tests {
namespace {

constexpr double exact_x[] = {1, 0, -1, 2, 0, -2, 1, 0, -1}, exact_y[] = {1, 2, 1, 0, 0, 0, -1, -2, -1};

// Element (n, c, h, w) in row-major order, or -1 outside the image.
std::int64_t at(const Shape& s, std::int64_t n, std::int64_t c, std::int64_t h, std::int64_t w) {
    return h < 0 || w < 0 || h >= s[2] || w >= s[3] ? -1 : ((n * s[1] + c) * s[2] + h) * s[3] + w;
}

template <class T>
struct Problem {
    Array<T> x, wx, wy, y, dy, dx, dwx, dwy;

    Problem(Shape s, Layout layout, Layout other, bool exact)
        : x(s, layout),
          wx({s[1], 1, 3, 3}),
          wy({s[1], 1, 3, 3}),
          y(s, other),
          dy(s, other),
          dx(s, layout),
          dwx({s[1], 1, 3, 3}),
          dwy({s[1], 1, 3, 3}) {
        x.random(1), dy.random(2);
        wx.fill([&](std::int64_t i) {
            return exact_x[i % 9] + (exact ? 0 : uniform({3, 0}, static_cast<std::uint64_t>(i)) - 0.5);
        });
        wy.fill([&](std::int64_t i) {
            return exact_y[i % 9] + (exact ? 0 : uniform({4, 0}, static_cast<std::uint64_t>(i)) - 0.5);
        });
        for (auto* a : {&y, &dx, &dwx, &dwy}) a->fill([](std::int64_t i) { return i % 3; });
    }
    abi::SobelArgs args(bool add = false) {
        return {.x = x.abi(),
                .wx = wx.abi(),
                .wy = wy.abi(),
                .y = result(y, add),
                .dy = dy.abi(),
                .dx = result(dx, add),
                .dwx = result(dwx, add),
                .dwy = result(dwy, add)};
    }
};

template <class T>
void check(Shape s, Layout layout, Layout other, bool exact, bool accumulate) {
    Problem<T> p(s, layout, other, exact);
    cpu::sobel<T>(call(), p.args(accumulate));
    cpu::sobel_backward<T>(call(), p.args(accumulate));
    std::vector<double> dx(static_cast<std::size_t>(p.x.numel()), 0), dwx(static_cast<std::size_t>(p.wx.numel()), 0),
        dwy = dwx;
    const double epsilon = static_cast<double>(std::numeric_limits<T>::epsilon());
    double worst = 0, worst_dx = 0, worst_dw = 0;
    for (std::int64_t n = 0; n < s[0]; ++n)
        for (std::int64_t c = 0; c < s[1]; ++c)
            for (std::int64_t h = 0; h < s[2]; ++h)
                for (std::int64_t w = 0; w < s[3]; ++w) {
                    double gx = 0, gy = 0;
                    const auto taps = [&](auto f) {
                        for (std::int64_t k = 0; k < 9; ++k)
                            if (const std::int64_t q = at(s, n, c, h + k / 3 - 1, w + k % 3 - 1); q >= 0)
                                f(c * 9 + k, q);
                    };
                    taps([&](std::int64_t k, std::int64_t q) {
                        gx += static_cast<double>(p.wx[k]) * static_cast<double>(p.x[q]);
                        gy += static_cast<double>(p.wy[k]) * static_cast<double>(p.x[q]);
                    });
                    const std::int64_t i = at(s, n, c, h, w);
                    const double d = static_cast<double>(p.dy[i]),
                                 ax = gx > 0   ? d
                                      : gx < 0 ? -d
                                               : 0,
                                 ay = gy > 0   ? d
                                      : gy < 0 ? -d
                                               : 0;
                    worst = std::max(worst, std::abs(static_cast<double>(p.y[i]) - std::abs(gx) - std::abs(gy) -
                                                     (accumulate ? static_cast<double>(i % 3) : 0)));
                    taps([&](std::int64_t k, std::int64_t q) {
                        dx[static_cast<std::size_t>(q)] +=
                            ax * static_cast<double>(p.wx[k]) + ay * static_cast<double>(p.wy[k]);
                        dwx[static_cast<std::size_t>(k)] += ax * static_cast<double>(p.x[q]);
                        dwy[static_cast<std::size_t>(k)] += ay * static_cast<double>(p.x[q]);
                    });
                }
    const auto difference = [&](Array<T>& got, const std::vector<double>& want) {
        double largest = 0;
        for (std::int64_t i = 0; i < got.numel(); ++i)
            largest = std::max(largest, std::abs(static_cast<double>(got[i]) - want[static_cast<std::size_t>(i)] -
                                                 (accumulate ? static_cast<double>(i % 3) : 0)));
        return largest;
    };
    worst_dx = difference(p.dx, dx);
    worst_dw = std::max(difference(p.dwx, dwx), difference(p.dwy, dwy));
    CHECK(worst <= 40 * epsilon);
    CHECK(worst_dx <= 80 * epsilon);
    CHECK(worst_dw <= 4 * epsilon * static_cast<double>(s[0] * s[2] * s[3] + 10));
    for (auto* a : {&p.y, &p.dx, &p.dwx, &p.dwy}) CHECK(a->guards_hold());
}

template <class T>
void check_all() {
    for_each_isa([] {
        for (bool exact : {true, false})
            for (Layout layout : all_layouts) {
                const Layout other = layout == Layout::channels_last ? Layout::dense : Layout::channels_last;
                for (std::int64_t channels : {1, 3, 8, 16, 21, 32})
                    check<T>({2, channels, 19, 13}, layout, other, exact, channels % 2 == 0);
                check<T>({1, 1, 1, 1}, layout, layout, exact, false);
                check<T>({1, 2, 1, 9}, layout, layout, exact, false);
                check<T>({1, 5, 9, 1}, layout, layout, exact, true);
                check<T>({0, 4, 5, 6}, layout, layout, exact, false);
                check<T>({1, 4, 0, 6}, layout, layout, exact, false);
            }
        for (bool exact : {true, false})  // in place: rows and columns at every border
            for (std::int64_t width : {1, 2, 3, 13})
                check<T>({2, 32, 19, width}, Layout::channels_last, Layout::channels_last, exact, width % 2 == 0);
        check<T>({1, 64, 18, 70}, Layout::channels_last, Layout::channels_last, false,
                 false);  // several tiles of columns
        check<T>({1, 1, 17, 2100}, Layout::dense, Layout::dense, true, false);
    });
}

}  // namespace

TEST_CASE("kernels/sobel: forward and all gradients against a plain loop, every ISA, layout and number of channels") {
    check_all<float>();
    check_all<double>();
}

TEST_CASE("kernels/sobel: a band of rows is that part of the whole") {
    for (std::int64_t channels : {3, 32}) {
        Problem<float> whole({2, channels, 40, 9}, Layout::channels_last, Layout::channels_last, false);
        cpu::sobel<float>(call(), whole.args());
        for (const auto& [first, rows] : {std::pair<std::int64_t, std::int64_t>{0, 40}, {0, 1}, {7, 20}, {39, 1}}) {
            Array<float> band({2, channels, rows, 9}, Layout::channels_last);
            abi::SobelArgs args = whole.args();
            args.y = result(band, false), args.first_row = first;
            cpu::sobel<float>(call(), args);
            CHECK(band.guards_hold());
            std::int64_t differ = 0;
            for (std::int64_t i = 0; i < band.numel(); ++i) {
                const std::int64_t plane = i / (rows * 9), row = i / 9 % rows, column = i % 9;
                differ += band[i] != whole.y[(plane * 40 + first + row) * 9 + column];
            }
            CHECK(differ == 0);
        }
    }
}

TEST_CASE("kernels/sobel: where a convolution is 0 no gradient passes") {
    Problem<float> p({1, 3, 5, 5}, Layout::dense, Layout::dense, true);
    p.x.fill([](auto) { return 0; });
    cpu::sobel_backward<float>(call(), p.args());
    for (auto* a : {&p.dx, &p.dwx, &p.dwy})
        for (float v : a->values()) CHECK(v == 0);
}

TEST_CASE("kernels/sobel: one and two threads give the same bits; absent gradients are left out") {
    const Shape s{2, 16, 70, 150};
    Problem<float> one(s, Layout::channels_last, Layout::channels_last, false),
        two(s, Layout::channels_last, Layout::channels_last, false);
    {
        Threads t(1);
        cpu::sobel<float>(call(), one.args());
        cpu::sobel_backward<float>(call(), one.args());
    }
    Threads t(2);
    cpu::sobel<float>(call(), two.args());
    cpu::sobel_backward<float>(call(), two.args());
    CHECK(one.y.same_bits(two.y));
    CHECK(one.dx.same_bits(two.dx));
    CHECK(one.dwx.same_bits(two.dwx));
    CHECK(one.dwy.same_bits(two.dwy));
    abi::SobelArgs args = two.args();
    args.dwx.data = args.dwy.data = nullptr;
    cpu::sobel_backward<float>(call(), args);
    CHECK(one.dx.same_bits(two.dx));
    args = two.args();
    args.dx.data = args.dwx.data = nullptr;
    cpu::sobel_backward<float>(call(), args);
    CHECK(one.dwy.same_bits(two.dwy));
}

}  // namespace fathom::tests
