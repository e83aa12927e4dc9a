#include "fathom/kernels/window.hpp"

#include <cmath>
#include <limits>

#include "fathom/backend/cpu/window.hpp"
#include "tests/kernels/arrays.hpp"
#include "tests/kernels/for_each_isa.hpp"

namespace fathom::tests {
namespace {

struct Geometry {
    std::int64_t kernel, stride, padding;
    std::int64_t size(std::int64_t n) const { return (n + 2 * padding - kernel) / stride + 1; }
};

// Channels [2, 2 + channels) of a wider channels-last array.
abi::Array inner_channels(abi::Array a, std::int64_t channels, std::int64_t bytes) {
    a.shape[1] = channels;
    a.data = static_cast<char*>(a.data) + 2 * bytes;
    return a;
}

template <class T>
struct Problem {
    Shape s, out;
    Array<T> x, y, dy, dx;
    Array<kernels::WindowIndex<T>> index;
    Geometry g;

    // s: of x. x and dx are slices of wider images.
    Problem(Shape shape, Geometry geometry)
        : s(shape),
          out({s[0], s[1], geometry.size(s[2]), geometry.size(s[3])}),
          x({s[0], s[1] + 5, s[2], s[3]}, Layout::channels_last),
          y(out, Layout::channels_last),
          dy(out, Layout::channels_last),
          dx({s[0], s[1] + 5, s[2], s[3]}, Layout::channels_last),
          index(out, Layout::channels_last),
          g(geometry) {
        x.random(1), dy.random(2);
        dx.fill([](std::int64_t i) { return i % 3; });
    }
    std::int64_t at(std::int64_t n, std::int64_t c, std::int64_t h, std::int64_t w) const {
        return ((n * (s[1] + 5) + c + 2) * s[2] + h) * s[3] + w;
    }
    abi::WindowArgs args(bool add = false) {
        abi::WindowArgs a{};
        a.x = inner_channels(x.abi(), s[1], sizeof(T)), a.y = y.abi(), a.index = index.abi();
        a.dy = dy.abi(), a.dx = inner_channels(result(dx, add), s[1], sizeof(T));
        for (int i = 0; i < 2; ++i) a.kernel[i] = g.kernel, a.stride[i] = g.stride, a.padding[i] = g.padding;
        return a;
    }
};

// Plain loops over the windows: the maximum, its place, and where its gradient goes.
template <class T>
void check(Shape s, Geometry g, bool accumulate) {
    Problem<T> p(s, g);
    cpu::max_pool<T>(call(), p.args());
    cpu::max_pool_backward<T>(call(), p.args(accumulate));
    std::vector<double> dx;
    for (std::int64_t i = 0; i < p.dx.numel(); ++i) {
        const std::int64_t c = i / (s[2] * s[3]) % (s[1] + 5) - 2;
        dx.push_back(accumulate || c < 0 || c >= s[1] ? static_cast<double>(i % 3) : 0);
    }
    std::int64_t wrong = 0, i = 0;
    for (std::int64_t n = 0; n < s[0]; ++n)
        for (std::int64_t c = 0; c < s[1]; ++c)
            for (std::int64_t oh = 0; oh < p.out[2]; ++oh)
                for (std::int64_t ow = 0; ow < p.out[3]; ++ow, ++i) {
                    T most = -std::numeric_limits<T>::infinity();
                    std::int64_t place = -1;
                    for (std::int64_t k = 0; k < g.kernel * g.kernel; ++k) {
                        const std::int64_t h = oh * g.stride - g.padding + k / g.kernel,
                                           w = ow * g.stride - g.padding + k % g.kernel;
                        if (h < 0 || w < 0 || h >= s[2] || w >= s[3] || !(p.x[p.at(n, c, h, w)] > most)) continue;
                        most = p.x[p.at(n, c, h, w)], place = h * s[3] + w;
                    }
                    wrong += p.y[i] != most || p.index[i] != place;
                    dx[static_cast<std::size_t>(p.at(n, c, place / s[3], place % s[3]))] +=
                        static_cast<double>(p.dy[i]);
                }
    CHECK(wrong == 0);
    double worst = 0;
    for (std::int64_t k = 0; k < p.dx.numel(); ++k)
        worst = std::max(worst, std::abs(static_cast<double>(p.dx[k]) - dx[static_cast<std::size_t>(k)]));
    CHECK(worst <= 40 * static_cast<double>(std::numeric_limits<T>::epsilon()));
    // Taking by the index gives the maxima again.
    Array<T> again(p.out, Layout::channels_last);
    abi::WindowArgs args = p.args();
    args.y = again.abi();
    cpu::take<T>(call(), args);
    CHECK(again.same_bits(p.y));
    CHECK((p.y.guards_hold() && p.dx.guards_hold() && p.index.guards_hold()));
}

template <class T>
void check_window() {
    for_each_isa([] {
        for (const Geometry g : {Geometry{3, 2, 1}, Geometry{2, 2, 0}, Geometry{3, 1, 1}, Geometry{2, 3, 1}})
            for (std::int64_t channels : {1, 3, 4, 9, 16, 21, 33}) {
                check<T>({2, channels, 9, 12}, g, channels % 2 == 0);
                check<T>({1, channels, 4, 3}, g, channels % 2 == 1);
            }
        check<T>({1, 5, 1, 1}, {3, 2, 1}, false);
        check<T>({0, 5, 4, 4}, {2, 2, 0}, false);
        check<T>({1, 2, 7, 8}, {7, 4, 3}, true);
    });
}

}  // namespace

TEST_CASE("kernels/window: which windows cover an input is which inputs a window covers, turned round") {
    for (std::int64_t kernel : {1, 2, 3, 5})
        for (std::int64_t stride : {1, 2, 3, 7})
            for (std::int64_t padding = 0; padding <= kernel / 2; ++padding)
                for (std::int64_t inputs : {1, 5, 8, 13}) {
                    if (inputs + 2 * padding < kernel) continue;
                    const std::int64_t outputs = (inputs + 2 * padding - kernel) / stride + 1;
                    const kernels::WindowDimension d{inputs, outputs, kernel, stride, padding};
                    for (std::int64_t i = 0; i < inputs; ++i)
                        for (std::int64_t o = 0; o < outputs; ++o) {
                            const auto window = d.inputs_of(o), cover = d.outputs_of(i);
                            CHECK((window.begin <= i && i < window.end) == (cover.begin <= o && o < cover.end));
                        }
                }
}

TEST_CASE("kernels/window: dilated windows reach over what they cover, adaptive ones as they share the inputs") {
    for (const std::int64_t dilation : {2, 3})
        for (const std::int64_t stride : {1, 2})
            for (const std::int64_t padding : {0, 1, 2}) {
                const kernels::WindowDimension d{9, 4, 3, stride, padding, dilation};
                for (std::int64_t o = 0; o < d.outputs; ++o) {
                    const auto window = d.inputs_of(o);
                    for (std::int64_t k = 0; k < d.kernel; ++k) {
                        const std::int64_t i = o * stride - padding + k * dilation;
                        if (i < 0 || i >= d.inputs) continue;
                        CHECK((window.begin <= i && i < window.end && (i - window.begin) % dilation == 0));
                        const auto cover = d.outputs_of(i);
                        CHECK((cover.begin <= o && o < cover.end));
                    }
                    CHECK(window.begin >= 0);
                }
            }
    for (const std::int64_t inputs : {1, 5, 8})
        for (const std::int64_t outputs : {1, 3, 5, 11}) {
            const kernels::WindowDimension d{
                .inputs = inputs, .outputs = outputs, .kernel = 0, .stride = 0, .padding = 0, .adaptive = true};
            for (std::int64_t i = 0; i < inputs; ++i)
                for (std::int64_t o = 0; o < outputs; ++o) {
                    const auto window = d.inputs_of(o), cover = d.outputs_of(i);
                    CHECK((window.begin <= i && i < window.end) == (cover.begin <= o && o < cover.end));
                }
        }
}

TEST_CASE("kernels/window: maxima, their places and gradients against plain loops, every ISA and number of channels") {
    check_window<float>();
    check_window<double>();
}

TEST_CASE("kernels/window: the first of equal ones wins, NaN wins over all, minus infinity is a value") {
    for_each_isa([] {
        Problem<float> p({1, 3, 2, 6}, {2, 2, 0});
        const float inf = std::numeric_limits<float>::infinity(), nan = std::numeric_limits<float>::quiet_NaN();
        const float values[] = {1, 1, -inf, -inf, 5, 7, 1, 1, -inf, -inf, nan, 9};
        for (std::int64_t c = 0; c < 3; ++c)
            for (std::int64_t i = 0; i < 12; ++i) p.x[p.at(0, c, i / 6, i % 6)] = values[i];
        cpu::max_pool<float>(call(), p.args());
        for (std::int64_t c = 0; c < 3; ++c) {
            CHECK(p.y[c * 3] == 1);
            CHECK(p.index[c * 3] == 0);
            CHECK(p.y[c * 3 + 1] == -inf);
            CHECK(p.index[c * 3 + 1] == 2);
            CHECK(std::isnan(p.y[c * 3 + 2]));
            CHECK(p.index[c * 3 + 2] == 10);
        }
        abi::WindowArgs args = p.args();
        args.index = {};
        Array<float> alone(p.out, Layout::channels_last);
        args.y = alone.abi();
        cpu::max_pool<float>(call(), args);
        CHECK(alone.same_bits(p.y));
    });
}

TEST_CASE("kernels/window: one and two threads give the same bits; other layouts are refused") {
    Problem<float> one({2, 20, 70, 61}, {3, 2, 1}), two({2, 20, 70, 61}, {3, 2, 1});
    const auto run = [](Problem<float>& p, int threads) {
        Threads scope(threads);
        cpu::max_pool<float>(call(), p.args());
        cpu::max_pool_backward<float>(call(), p.args(true));
    };
    run(one, 1), run(two, 2);
    CHECK(one.y.same_bits(two.y));
    CHECK(one.dx.same_bits(two.dx));
    Array<float> rows({2, 20, 70, 61});
    abi::WindowArgs args = one.args();
    args.x = rows.abi();
    CHECK_THROWS_WITH(cpu::max_pool<float>(call(), args),
                      "test: an image is not channels-last: its channels are 4270 elements apart at here.cpp:7");
}

}  // namespace fathom::tests
