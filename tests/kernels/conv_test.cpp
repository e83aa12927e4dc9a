#include "fathom/kernels/conv.hpp"

#include <doctest/doctest.h>

#include <cstring>
#include <vector>

#include "tests/kernels/for_each_isa.hpp"
#include "tests/kernels/reference.hpp"

using namespace fathom;
using kernels::Epilogue;

namespace {

template <class T>
bool same_bits(const std::vector<T>& a, const std::vector<T>& b) {
    return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(T)) == 0);
}

// Runs f(destination) with one and with two threads on copies of `start`, checks that the bits agree, and gives them.
template <class T, class F>
std::vector<T> run(const std::vector<T>& start, F&& f) {
    std::vector<T> one = start, two = start;
    {
        tests::Threads threads(1);
        f(one);
    }
    {
        tests::Threads threads(2);
        f(two);
    }
    CHECK(same_bits(one, two));
    return one;
}

template <class T>
void check_conv(const ConvShape& s) {
    CAPTURE(s.n);
    CAPTURE(s.height);
    CAPTURE(s.width);
    CAPTURE(s.in_channels);
    CAPTURE(s.out_channels);
    CAPTURE(s.kernel_h);
    CAPTURE(s.kernel_w);
    CAPTURE(s.stride_h);
    CAPTURE(s.stride_w);
    CAPTURE(s.padding_h);
    CAPTURE(s.padding_w);
    CAPTURE(s.dilation_h);
    CAPTURE(s.dilation_w);
    CAPTURE(s.groups);
    CAPTURE(sizeof(T));
    const std::int64_t x_pixels = s.n * s.height * s.width, y_pixels = s.n * s.out_height() * s.out_width();
    const std::int64_t per_output = s.in_channels / s.groups * s.kernel_h * s.kernel_w;
    const auto x = tests::test_numbers<T>(x_pixels * s.x_step(), 1);
    const auto w = tests::test_numbers<T>(s.out_channels * per_output, 2);
    const auto bias = tests::test_numbers<T>(s.out_channels, 3);
    const auto y = tests::test_numbers<T>(y_pixels * s.y_step(), 4);  // also dy
    for (bool accumulate : {false, true}) {
        CAPTURE(accumulate);
        for (Activation activation : {Activation::none, Activation::relu, Activation::leaky_relu}) {
            CAPTURE(static_cast<int>(activation));
            const Epilogue epilogue{activation, 0.2, accumulate};
            const T* const b = activation == Activation::relu ? nullptr : bias.data();
            const auto expected = tests::reference_conv_forward(x.data(), w.data(), b, y, s, epilogue);
            const auto got = run(
                y, [&](std::vector<T>& out) { kernels::conv_forward(x.data(), w.data(), b, out.data(), s, epilogue); });
            CHECK(tests::first_difference(got, expected, per_output) == -1);
        }
        const auto expected_dx = tests::reference_conv_data(y.data(), w.data(), x, s, accumulate);
        const auto dx =
            run(x, [&](std::vector<T>& out) { kernels::conv_data(y.data(), w.data(), out.data(), s, accumulate); });
        CHECK(tests::first_difference(dx, expected_dx, per_output * s.out_channels) == -1);

        const auto expected_dw = tests::reference_conv_weight(x.data(), y.data(), w, bias, s, accumulate);
        std::vector<T> dbias;
        const auto dw = run(w, [&](std::vector<T>& out) {
            dbias = bias;
            kernels::conv_weight(x.data(), y.data(), out.data(), dbias.data(), s, accumulate);
        });
        CHECK(tests::first_difference(dw, expected_dw.w, y_pixels) == -1);
        CHECK(tests::first_difference(dbias, expected_dw.bias, y_pixels) == -1);
        auto alone = bias;
        kernels::conv_weight<T>(x.data(), y.data(), nullptr, alone.data(), s, accumulate);
        CHECK(same_bits(alone, dbias));
        auto without_bias = w;
        kernels::conv_weight<T>(x.data(), y.data(), without_bias.data(), nullptr, s, accumulate);
        CHECK(same_bits(without_bias, dw));
    }
}

// n, height, width, in, out, kernel, stride, padding, dilation, groups, pixel strides
ConvShape square(std::int64_t n, std::int64_t height, std::int64_t width, std::int64_t in, std::int64_t out,
                 std::int64_t kernel, std::int64_t stride = 1, std::int64_t padding = 0, std::int64_t dilation = 1,
                 std::int64_t groups = 1, std::int64_t x_step = 0, std::int64_t y_step = 0) {
    return {n,      height,  width,   in,       out,      kernel, kernel, stride,
            stride, padding, padding, dilation, dilation, groups, x_step, y_step};
}

}  // namespace

TEST_CASE("kernels/conv: 3x3, stride 1, padding 1, widths and channels around the register tiles") {
    tests::for_each_isa([] {
        for (std::int64_t width : {1, 2, 5, 6, 7, 11, 12, 13, 23, 24, 25, 49})
            check_conv<float>(square(1, 3, width, 5, 7, 3, 1, 1));
        for (std::int64_t channels : {1, 3, 4, 5, 8, 15, 16, 17, 33})
            for (std::int64_t outputs : {1, 2, 4, 8, 9, 16, 17, 32, 33, 50})
                check_conv<float>(square(1, 4, 7, channels, outputs, 3, 1, 1));
        for (std::int64_t channels : {1, 4, 17})
            for (std::int64_t outputs : {1, 2, 7, 8, 9, 17})
                check_conv<double>(square(2, 4, 7, channels, outputs, 3, 1, 1));
    });
}

TEST_CASE("kernels/conv: strides, paddings, dilations, kernels, groups, pixel strides") {
    tests::for_each_isa([] {
        const auto shapes = {
            square(2, 9, 11, 6, 10, 3, 2, 1),
            square(1, 8, 8, 3, 20, 7, 2, 3),
            square(1, 9, 9, 18, 5, 1, 2),
            square(1, 8, 7, 18, 33, 1),
            square(1, 12, 10, 4, 6, 3, 1, 2, 2),
            square(1, 15, 13, 5, 3, 3, 3, 1, 2),
            square(1, 9, 9, 8, 12, 3, 1, 1, 1, 4),
            square(1, 9, 9, 6, 6, 3, 1, 1, 1, 6),
            square(2, 10, 9, 19, 19, 3, 2, 1, 1, 19, 21, 24),
            square(1, 7, 8, 4, 8, 3, 1, 1, 1, 4),
            square(2, 5, 9, 20, 17, 3, 1, 1, 1, 1, 24, 40),
            square(1, 6, 6, 16, 1, 3, 1, 1, 1, 1, 20, 4),
            square(1, 6, 6, 7, 5, 2, 1, 4),  // outputs that see only padding
            square(1, 5, 5, 3, 4, 1, 1, 2),
            square(1, 5, 30, 2, 3, 5, 4, 0),  // input pixels that no output sees
            square(1, 2, 2, 3, 4, 5),         // the kernel does not fit
            square(0, 5, 5, 3, 4, 3, 1, 1),
            square(1, 3, 400, 2, 3, 3, 1, 1),  // several strips
            square(1, 70, 5, 20, 3, 3, 1, 1),
            ConvShape{1, 7, 9, 5, 6, 1, 5, 1, 3, 0, 2, 1, 1, 1, 0, 0},
            ConvShape{1, 9, 7, 5, 6, 4, 2, 3, 1, 1, 0, 2, 3, 1, 0, 0},
        };
        for (const ConvShape& s : shapes) check_conv<float>(s);
        for (const ConvShape& s : shapes) check_conv<double>(s);
    });
}

TEST_CASE("kernels/conv: more channels than go through the registers at once") {
    tests::for_each_isa([] {
        check_conv<float>(square(1, 3, 5, 700, 20, 3, 1, 1));
        check_conv<double>(square(1, 3, 3, 300, 9, 3, 2, 1));
    });
}

TEST_CASE("kernels/conv: several strips of a wide image with many channels") {
    tests::for_each_isa([] { check_conv<float>(square(1, 21, 200, 34, 18, 3, 1, 1)); });
}

TEST_CASE("kernels/conv: conv3x3 is the 3x3 convolution of stride 1 and padding 1") {
    const auto x = tests::test_numbers<float>(2 * 5 * 6 * 3, 1), w = tests::test_numbers<float>(4 * 3 * 9, 2);
    const auto bias = tests::test_numbers<float>(4, 3);
    std::vector<float> y(2 * 5 * 6 * 4), expected(y.size());
    kernels::conv3x3(x.data(), w.data(), bias.data(), y.data(), {2, 5, 6, 3, 4});
    kernels::conv_forward<float>(x.data(), w.data(), bias.data(), expected.data(), square(2, 5, 6, 3, 4, 3, 1, 1));
    CHECK(same_bits(y, expected));
}

TEST_CASE("kernels/conv: NaN and infinity arrive at the outputs that see them, and at no other") {
    tests::for_each_isa([] {
        const ConvShape s = square(1, 5, 9, 5, 6, 3, 1, 1);
        auto x = tests::test_numbers<float>(5 * 9 * 5, 1);
        const auto w = tests::test_numbers<float>(6 * 5 * 9, 2);
        x[(2 * 9 + 4) * 5 + 3] = std::numeric_limits<float>::quiet_NaN();
        std::vector<float> y(5 * 9 * 6);
        kernels::conv_forward<float>(x.data(), w.data(), nullptr, y.data(), s, {Activation::relu, 0, false});
        for (int h = 0; h < 5; ++h)
            for (int c = 0; c < 9; ++c)
                for (int k = 0; k < 6; ++k)
                    CHECK(std::isnan(y[static_cast<std::size_t>((h * 9 + c) * 6 + k)]) ==
                          (h >= 1 && h <= 3 && c >= 3 && c <= 5));
    });
}
