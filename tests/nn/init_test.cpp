#include "fathom/nn/init.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "fathom/nn/conv.hpp"
#include "fathom/nn/linear.hpp"

namespace fathom {
namespace {

using nn::init::FanMode;
using nn::init::Nonlinearity;

struct Moments {
    double mean = 0, std = 0, max = 0;
};

template <class T>
Moments moments(const Tensor<T>& x) {
    Moments m;
    double squares = 0;
    for (std::int64_t i = 0; i < x.numel(); ++i) {
        const auto v = static_cast<double>(x.data()[i]);
        m.mean += v, squares += v * v;
        m.max = std::max(m.max, std::fabs(v));
    }
    const auto n = static_cast<double>(x.numel());
    m.mean /= n;
    m.std = std::sqrt(squares / n - m.mean * m.mean);
    return m;
}

// A uniform or normal sample of n numbers has this standard deviation, to four standard errors.
void check_std(const Moments& m, double expected, std::int64_t n) {
    const double tolerance = 4 / std::sqrt(2 * static_cast<double>(n));
    CHECK(std::fabs(m.std / expected - 1) < tolerance);
    CHECK(std::fabs(m.mean / expected) < 4 / std::sqrt(static_cast<double>(n)));
}

}  // namespace

TEST_CASE("nn/init: ranges and standard deviations") {
    Generator gen(1);
    const Tensor<double> w = zeros<double>({64, 32, 3, 3});  // fan in 288, out 576
    const std::int64_t n = w.numel();

    nn::init::uniform_(w, gen, -2, 4);
    CHECK(moments(w).mean == doctest::Approx(1).epsilon(0.05));
    CHECK(moments(w).max < 4);
    nn::init::normal_(w, gen, 0, 0.5);
    check_std(moments(w), 0.5, n);

    nn::init::kaiming_uniform_(w, gen, {.a = std::sqrt(5.0)});
    check_std(moments(w), 1 / std::sqrt(3 * 288.0), n);
    CHECK(moments(w).max <= 1 / std::sqrt(288.0));
    CHECK(moments(w).max > 0.99 / std::sqrt(288.0));
    nn::init::kaiming_uniform_(w, gen, {.mode = FanMode::fan_out});
    check_std(moments(w), std::sqrt(2 / 576.0), n);
    nn::init::kaiming_normal_(w, gen, {.a = 1});
    check_std(moments(w), std::sqrt(1 / 288.0), n);
    nn::init::kaiming_normal_(w, gen, {.mode = FanMode::fan_out, .nonlinearity = Nonlinearity::tanh});
    check_std(moments(w), 5.0 / 3 / std::sqrt(576.0), n);
    nn::init::xavier_uniform_(w, gen);
    check_std(moments(w), std::sqrt(2 / 864.0), n);
    CHECK(moments(w).max <= std::sqrt(6 / 864.0));
    nn::init::xavier_normal_(w, gen, nn::init::calculate_gain(Nonlinearity::relu));
    check_std(moments(w), std::sqrt(4 / 864.0), n);

    nn::init::ones_(w);
    CHECK(moments(w).mean == 1);
    nn::init::zeros_(w);
    CHECK(moments(w).max == 0);
    CHECK_THROWS_AS(nn::init::kaiming_uniform_(zeros<float>({3}), gen), Error);
}

TEST_CASE("nn/init: truncated normal numbers") {
    Generator gen(4);
    const Tensor<double> w = zeros<double>({100, 1000});
    nn::init::trunc_normal_(w, gen);
    CHECK(moments(w).max <= 2);
    CHECK(moments(w).max > 1.99);
    CHECK(moments(w).std == doctest::Approx(0.8796).epsilon(0.01));  // of a normal distribution cut at two deviations
    CHECK(std::fabs(moments(w).mean) < 0.01);
    nn::init::trunc_normal_(w, gen, 1, 0.5, 1, 10);
    CHECK(moments(w).mean == doctest::Approx(1 + 0.5 * std::sqrt(2 / 3.14159265358979)).epsilon(0.01));
    constexpr double inf = std::numeric_limits<double>::infinity();
    nn::init::trunc_normal_(w, gen, 0, 0.02, -inf, inf);
    check_std(moments(w), 0.02, w.numel());
    CHECK_THROWS_AS(nn::init::trunc_normal_(w, gen, 0, 1, 2, -2), Error);
    CHECK_THROWS_AS(nn::init::trunc_normal_(w, gen, 0, 1, 50, 51), Error);
    const auto rows = zeros<float>({3, 5}), columns = zeros<float>({5, 3}).transpose(0, 1);
    Generator a(5), b(5);
    nn::init::trunc_normal_(rows, a);
    nn::init::trunc_normal_(columns, b);
    CHECK(rows(1, 3) == columns(1, 3));
}

TEST_CASE("nn/init: layers start as PyTorch's do, and the same for a seed") {
    Generator gen(2);
    const nn::Conv2d<float> conv(16, 32, {3, 1, 1, 1, 4}, gen);
    CHECK(conv.weight.shape() == Shape{32, 4, 3, 3});
    CHECK(moments<float>(conv.weight).max <= 1 / std::sqrt(36.0));
    check_std(moments<float>(conv.weight), 1 / std::sqrt(3 * 36.0), conv.weight.numel());
    CHECK(moments<float>(conv.bias).max <= 1 / std::sqrt(36.0));
    CHECK(moments<float>(conv.bias).max > 0);
    const nn::Linear<double> linear(50, 40, gen);
    CHECK(moments<double>(linear.weight).max <= 1 / std::sqrt(50.0));
    check_std(moments<double>(linear.weight), 1 / std::sqrt(150.0), 2000);

    Generator again(2);
    const nn::Conv2d<float> same(16, 32, {3, 1, 1, 1, 4}, again);
    CHECK(same.weight(31, 3, 2, 1) == conv.weight(31, 3, 2, 1));
    CHECK(same.bias(7) == conv.bias(7));
    CHECK(same.bias(0) != same.weight(0, 0, 0, 0));
}

TEST_CASE("nn/init: in logical order, whatever the strides, and counted as a write") {
    Generator a(3), b(3);
    const auto plain = zeros<float>({2, 3, 4, 5}), last = contiguous(plain, MemoryFormat::channels_last);
    const auto version = last.untyped().impl().storage->version();
    nn::init::uniform_(plain, a);
    nn::init::uniform_(last, b);
    CHECK(plain(1, 2, 3, 4) == last(1, 2, 3, 4));
    CHECK(plain(0, 2, 1, 0) == last(0, 2, 1, 0));
    CHECK(a.offset() == b.offset());
    CHECK(last.untyped().impl().storage->version() > version);
    nn::Parameter<float> w(zeros<float>({2, 2}));
    nn::init::kaiming_uniform_(w, a);  // of a leaf that requires a gradient: nothing is recorded
    CHECK(autograd::node_of(w)->sequence == 0);
}

}  // namespace fathom
