#include "fathom/kernels/conv.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <iterator>
#include <limits>
#include <set>
#include <string>
#include <vector>

#include "fathom/backend/cpu/conv.hpp"
#include "fathom/core/float16.hpp"
#include "tests/kernels/for_each_isa.hpp"
#include "tests/kernels/reference.hpp"

using namespace fathom;
using kernels::ConvAlgorithm;
using kernels::ConvData;
using kernels::ConvForward;
using kernels::ConvPass;
using kernels::ConvWeight;
using kernels::Epilogue;

namespace {

template <class T>
bool same_bits(const std::vector<T>& a, const std::vector<T>& b) {
    return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(T)) == 0);
}

// Runs f(destination) with one and with two threads on copies of `start`, checks that the bits agree, and gives them.
template <class T, class F>
std::vector<T> on_one_and_two_threads(const std::vector<T>& start, F&& f) {
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

// Calls f(algorithm) for each that accepts the pass, and names it in doctest's messages; with bf16 for the one that
// rounds its operands.
template <class F>
void for_each_algorithm(ConvPass pass, const ConvShape& s, F&& f, Precision precision = Precision::fast) {
    for (ConvAlgorithm algorithm : kernels::conv_algorithms) {
        if (!accepts(algorithm, pass, s)) continue;
        if ((algorithm == ConvAlgorithm::tiles) != (precision == Precision::bf16)) continue;
        const std::string name = std::string(name_of(pass)) + " by " + name_of(algorithm);
        CAPTURE(name);
        f(algorithm);
    }
}

// Where the algorithm's roundings count against. Winograd rounds the numbers of a whole tile, and larger ones: in each
// dimension A', G and B' multiply magnitudes by at most 10 (the largest sum over j of |A'|ij |G|j |B'|j, over three
// taps); of the 100 of both, the square root remains, since roundings have random signs.
tests::Reference allowed_for(ConvAlgorithm algorithm, tests::Reference expected) {
    if (algorithm != ConvAlgorithm::winograd || expected.magnitude.empty()) return expected;
    const double largest = *std::max_element(expected.magnitude.begin(), expected.magnitude.end());
    for (double& magnitude : expected.magnitude) magnitude = 10 * largest;
    return expected;
}

// Numbers that bfloat16 holds, if the algorithms round to it: then they only sum otherwise.
template <class T>
std::vector<T> numbers(std::int64_t count, std::uint64_t seed, Precision precision) {
    auto out = tests::test_numbers<T>(count, seed);
    if (precision == Precision::bf16)
        for (T& x : out) x = static_cast<T>(static_cast<float>(bfloat16(static_cast<float>(x))));
    return out;
}

// Every algorithm that accepts the shape against the plain loops, and the chosen one bit by bit against its own.
template <class T>
void check_conv(const ConvShape& s, Precision precision = Precision::fast) {
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
    const auto x = numbers<T>(x_pixels * s.x_step(), 1, precision);
    const auto w = numbers<T>(s.out_channels * per_output, 2, precision);
    const auto bias = numbers<T>(s.out_channels, 3, precision);
    const auto y = numbers<T>(y_pixels * s.y_step(), 4, precision);  // also dy
    const auto other_x = numbers<T>(x_pixels * s.x_step(), 5, precision);
    const auto other_y = numbers<T>(y_pixels * s.y_step(), 6, precision);
    auto gate = numbers<T>(x_pixels * s.x_step(), 7, precision);  // some zeros, where the slope is that of below
    for (std::size_t i = 0; i < gate.size(); i += 5) gate[i] = 0;
    for (const char* added : {"nothing", "the result itself", "another array"}) {
        CAPTURE(added);
        // The array that is added, where the result lies in `out`.
        const auto residual = [&](T* out, const std::vector<T>& other) -> const T* {
            return *added == 'n' ? nullptr : *added == 't' ? out : other.data();
        };
        for (Activation activation : {Activation::none, Activation::relu, Activation::leaky_relu}) {
            CAPTURE(static_cast<int>(activation));
            const T* const b = activation == Activation::relu ? nullptr : bias.data();
            auto start = y;
            const auto expected = tests::reference_conv_forward<T>(x.data(), w.data(), b, y, s,
                                                                   {activation, 0.2, residual(start.data(), other_y)});
            for_each_algorithm(
                ConvPass::forward, s,
                [&](ConvAlgorithm algorithm) {
                    const auto got = on_one_and_two_threads(y, [&](std::vector<T>& out) {
                        const Epilogue<T> epilogue{activation, 0.2, residual(out.data(), other_y)};
                        kernels::run<T>(algorithm, ConvForward<T>{x.data(), w.data(), b, out.data(), s, epilogue});
                    });
                    CHECK(tests::first_difference(got, allowed_for(algorithm, expected), per_output) == -1);
                    if (algorithm != kernels::chosen<T>(ConvPass::forward, s, precision)) return;
                    auto plain = y;
                    kernels::conv_forward<T>(x.data(), w.data(), b, plain.data(), s,
                                             {activation, 0.2, residual(plain.data(), other_y)}, precision);
                    CHECK(same_bits(plain, got));
                },
                precision);
            // The data pass, through the activation that x came out of.
            const T* const side = activation == Activation::none ? nullptr : gate.data();
            auto dx_start = x;
            const auto expected_dx = tests::reference_conv_data<T>(
                y.data(), w.data(), x, s, {activation, 0.2, residual(dx_start.data(), other_x), side});
            for_each_algorithm(
                ConvPass::data, s,
                [&](ConvAlgorithm algorithm) {
                    const auto dx = on_one_and_two_threads(x, [&](std::vector<T>& out) {
                        const Epilogue<T> epilogue{activation, 0.2, residual(out.data(), other_x), side};
                        kernels::run<T>(algorithm, ConvData<T>{y.data(), w.data(), out.data(), s, epilogue});
                    });
                    CHECK(tests::first_difference(dx, allowed_for(algorithm, expected_dx),
                                                  per_output * s.out_channels) == -1);
                    if (algorithm != kernels::chosen<T>(ConvPass::data, s, precision)) return;
                    auto plain = x;
                    kernels::conv_data<T>(y.data(), w.data(), plain.data(), s,
                                          {activation, 0.2, residual(plain.data(), other_x), side}, precision);
                    CHECK(same_bits(plain, dx));
                },
                precision);
        }
    }
    for (bool accumulate : {false, true}) {
        CAPTURE(accumulate);
        const auto expected_dw = tests::reference_conv_weight(x.data(), y.data(), w, bias, s, accumulate);
        for_each_algorithm(
            ConvPass::weight, s,
            [&](ConvAlgorithm algorithm) {
                const auto weight = [&](T* dw, T* dbias) {
                    kernels::run<T>(algorithm, ConvWeight<T>{x.data(), y.data(), dw, dbias, s, accumulate, accumulate});
                };
                std::vector<T> dbias;
                const auto dw = on_one_and_two_threads(w, [&](std::vector<T>& out) {
                    dbias = bias;
                    weight(out.data(), dbias.data());
                });
                CHECK(tests::first_difference(dw, allowed_for(algorithm, expected_dw.w), y_pixels) == -1);
                CHECK(tests::first_difference(dbias, expected_dw.bias, y_pixels) == -1);
                auto alone = bias;
                weight(nullptr, alone.data());
                CHECK(same_bits(alone, dbias));
                auto without_bias = w;
                weight(without_bias.data(), nullptr);
                CHECK(same_bits(without_bias, dw));
                if (algorithm != kernels::chosen<T>(ConvPass::weight, s, precision)) return;
                auto plain = w;
                kernels::conv_weight<T>(x.data(), y.data(), plain.data(), nullptr, s, accumulate, false, precision);
                CHECK(same_bits(plain, dw));
            },
            precision);
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

TEST_CASE("kernels/conv: tiles of bfloat16") {
    tests::for_each_tile_isa([] {
        const auto check = [](const ConvShape& s) { check_conv<float>(s, Precision::bf16); };
        for (std::int64_t width : {1, 16, 17, 33}) check(square(1, 3, width, 16, 16, 3, 1, 1));
        for (std::int64_t channels : {1, 15, 33})
            for (std::int64_t outputs : {3, 17, 33}) check(square(1, 3, 5, channels, outputs, 3, 1, 1));
        check(square(2, 9, 11, 6, 10, 3, 2, 1));
        check(square(1, 8, 8, 3, 20, 7, 2, 3));
        check(square(1, 9, 9, 18, 5, 1, 2));
        check(square(1, 12, 10, 4, 6, 3, 1, 2, 2));
        check(square(1, 9, 9, 8, 12, 3, 1, 1, 1, 4));
        check(square(2, 5, 9, 20, 17, 3, 1, 1, 1, 1, 24, 40));
        check(square(1, 2, 2, 3, 4, 5));
        check(square(0, 5, 5, 3, 4, 3, 1, 1));
        check(square(1, 9, 170, 17, 18, 3, 1, 1));  // strips
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

TEST_CASE("kernels/conv: tiles and blocks of Winograd, images whose weights do not stay in the cache") {
    tests::for_each_isa([] {
        for (std::int64_t width : {5, 50}) check_conv<float>(square(3, 5, width, 17, 33, 3, 1, 1));
        for (std::int64_t padding : {0, 2, 3}) check_conv<float>(square(1, 6, 9, 16, 16, 3, 1, padding));
        check_conv<float>(square(1, 4, 5, 260, 130, 3, 1, 1));  // over winograd_cached_weights
    });
}

TEST_CASE("kernels/conv: NaN and infinity arrive at the outputs that see them, and at no other") {
    tests::for_each_isa([] {
        const ConvShape s = square(1, 5, 9, 5, 6, 3, 1, 1);
        auto x = tests::test_numbers<float>(5 * 9 * 5, 1);
        const auto w = tests::test_numbers<float>(6 * 5 * 9, 2);
        x[(2 * 9 + 4) * 5 + 3] = std::numeric_limits<float>::quiet_NaN();
        for_each_algorithm(ConvPass::forward, s, [&](ConvAlgorithm algorithm) {
            std::vector<float> y(5 * 9 * 6);
            const Epilogue<float> relu{Activation::relu, 0};
            kernels::run<float>(algorithm, ConvForward<float>{x.data(), w.data(), nullptr, y.data(), s, relu});
            for (int h = 0; h < 5; ++h)
                for (int c = 0; c < 9; ++c)
                    for (int k = 0; k < 6; ++k) {
                        const bool sees = h >= 1 && h <= 3 && c >= 3 && c <= 5;
                        // Winograd: the two tiles whose 6x6 inputs hold it.
                        if (algorithm == ConvAlgorithm::winograd && !sees && h < 4 && c < 8) continue;
                        CHECK(std::isnan(y[static_cast<std::size_t>((h * 9 + c) * 6 + k)]) == sees);
                    }
        });
    });
}

TEST_CASE("kernels/conv: what is chosen accepts the shape, and each algorithm is chosen for some") {
    std::uint64_t state = 7;
    const auto one_of = [&](std::initializer_list<std::int64_t> numbers) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        return numbers.begin()[(state >> 33) % numbers.size()];
    };
    std::set<ConvAlgorithm> seen;
    for (int i = 0; i < 20000; ++i) {
        ConvShape s;
        s.n = one_of({0, 1, 2}), s.height = one_of({1, 7, 480}), s.width = one_of({1, 9, 640});
        s.groups = one_of({1, 1, 2, 16});
        s.in_channels = s.groups * one_of({0, 1, 3, 4, 5, 16, 33, 96});
        s.out_channels = s.groups * one_of({0, 1, 2, 4, 16, 64});
        s.kernel_h = one_of({1, 1, 3, 7}), s.kernel_w = one_of({1, 1, 3, 5});
        s.stride_h = one_of({1, 1, 2}), s.stride_w = one_of({1, 1, 3});
        s.padding_h = one_of({0, 0, 1, 3}), s.padding_w = one_of({0, 0, 1, 2});
        s.dilation_h = one_of({1, 2}), s.dilation_w = one_of({1, 3});
        const int lanes = static_cast<int>(one_of({2, 4, 8, 16}));
        for (ConvPass pass : kernels::conv_passes)
            for (Precision precision : {Precision::fast, Precision::strict, Precision::bf16}) {
                const ConvAlgorithm algorithm = choose(pass, s, lanes, precision);
                seen.insert(algorithm);
                CHECK_MESSAGE(accepts(algorithm, pass, s), name_of(algorithm), ", ", name_of(pass));
            }
    }
    CHECK(seen.size() == std::size(kernels::conv_algorithms));
}

TEST_CASE("kernels/conv: what cannot be computed is refused") {
    const ConvShape s = square(1, 5, 5, 3, 4, 3, 1, 1);
    const auto x = tests::test_numbers<float>(5 * 5 * 3, 1), w = tests::test_numbers<float>(4 * 3 * 9, 2);
    std::vector<float> y(5 * 5 * 4);
    CHECK_THROWS_AS(kernels::conv_forward<float>(x.data(), w.data(), nullptr, y.data(), s, {}, Precision::tf32), Error);
    const std::vector<double> wide(5 * 5 * 4);
    std::vector<double> result(5 * 5 * 4);
    CHECK_THROWS_AS(
        kernels::conv_forward<double>(wide.data(), wide.data(), nullptr, result.data(), s, {}, Precision::bf16), Error);
    CHECK_THROWS_WITH_AS(
        kernels::run<float>(ConvAlgorithm::product, ConvForward<float>{x.data(), w.data(), nullptr, y.data(), s, {}}),
        "convolution: product does not accept this shape in the forward pass", Error);
}

TEST_CASE("kernels/conv: the seam's residual and gate arrive, other strides and what is not there are refused") {
    const ConvShape s = square(1, 5, 6, 3, 4, 3, 1, 1);
    auto x = tests::test_numbers<float>(5 * 6 * 3, 1), w = tests::test_numbers<float>(4 * 3 * 9, 2);
    auto y = tests::test_numbers<float>(5 * 6 * 4, 3), other = tests::test_numbers<float>(5 * 6 * 4, 4);
    const auto images = [](std::vector<float>& v, std::int64_t channels) {
        abi::Array a{};
        a.data = v.data(), a.rank = 4;
        const std::int64_t shape[] = {1, channels, 5, 6}, strides[] = {30 * channels, 1, 6 * channels, channels};
        std::copy(shape, shape + 4, a.shape), std::copy(strides, strides + 4, a.strides);
        return a;
    };
    abi::ConvArgs args;
    args.shape = s, args.x = images(x, 3), args.y = images(y, 4);
    args.w.data = w.data();
    args.activation = Activation::relu;
    const abi::Call call{0, nullptr, "test", "here.cpp", 7, nullptr};

    abi::ConvArgs forward = args;
    forward.residual = images(other, 4);
    auto expected = y;
    kernels::conv_forward<float>(x.data(), w.data(), nullptr, expected.data(), s, {Activation::relu, 0, other.data()});
    cpu::conv_forward<float>(call, forward);
    CHECK(same_bits(y, expected));
    forward.y.add = 1;
    CHECK_THROWS_AS(cpu::conv_forward<float>(call, forward), Error);
    forward.y.add = 0, forward.residual.strides[3] = 8;
    CHECK_THROWS_AS(cpu::conv_forward<float>(call, forward), Error);

    abi::ConvArgs data = args;
    std::vector<float> gate = tests::test_numbers<float>(5 * 6 * 3, 5);
    data.gate = images(gate, 3), data.x.add = 1;
    auto expected_dx = x;
    kernels::conv_data<float>(y.data(), w.data(), expected_dx.data(), s,
                              {Activation::relu, 0, expected_dx.data(), gate.data()});
    cpu::conv_data<float>(call, data);
    CHECK(same_bits(x, expected_dx));
    data.precision = Precision::tf32;
    CHECK_THROWS_AS(cpu::conv_data<float>(call, data), Error);
    CHECK_THROWS_AS(cpu::conv_weight<float>(call, forward), Error);
}
