#include "fathom/backend/cpu/elementwise.hpp"

#include <cmath>
#include <limits>

#include "tests/kernels/arrays.hpp"
#include "tests/kernels/for_each_isa.hpp"

namespace fathom::tests {
namespace {

using E = Elementwise;

// The operations as elementwise.list.hpp words them, in double: those of ops/functions.hpp and ops/activation.hpp.
double functions(E op, double a, double b, double c, double p0, double p1) {
    const double slope = 1 / (1 + std::exp(-b));
    switch (op) {
        case E::sign:
            return a > 0 ? 1 : a < 0 ? -1 : 0;
        case E::rsqrt:
            return 1 / std::sqrt(a);
        case E::log1p:
            return std::log1p(a);
        case E::sin:
            return std::sin(a);
        case E::cos:
            return std::cos(a);
        case E::erf:
            return std::erf(a);
        case E::floor:
            return std::floor(a);
        case E::ceil:
            return std::ceil(a);
        case E::round:
            return std::nearbyint(a);
        case E::elu:
            return a > 0 || std::isnan(a) ? a : p0 * std::expm1(a);
        case E::gelu:
            return a / 2 * (1 + std::erf(a * p0));
        case E::gelu_tanh:
            return a / 2 * (1 + std::tanh(p0 * (a + p1 * a * a * a)));
        case E::silu:
            return a / (1 + std::exp(-a));
        case E::hardswish:
            return std::isnan(a) ? a : a * std::min(std::max(a + p0, 0.0), p1) / p1;
        case E::prelu:
            return a > 0 ? a : a * b;
        case E::lerp:
            return p0 < 0.5 ? a + p0 * (b - a) : b - (b - a) * (1 - p0);
        case E::power:
            return std::pow(a, b);
        case E::clamp_min_grad:
            return b > p0 ? a : 0;
        case E::clamp_max_grad:
            return b < p1 ? a : 0;
        case E::relu6_grad:
            return std::isnan(b) || (b > p0 && b < p1) ? a : 0;
        case E::rsqrt_grad:
            return -a / 2 * (b * b * b);
        case E::log1p_grad:
            return a / (b + 1);
        case E::sin_grad:
            return a * std::cos(b);
        case E::cos_grad:
            return -a * std::sin(b);
        case E::erf_grad:
            return a * p0 * std::exp(-b * b);
        case E::elu_grad:
            return b > 0 || std::isnan(b) ? a : a * p0 * std::exp(b);
        case E::gelu_grad:
            return a * ((1 + std::erf(b * p0)) / 2 + b * p1 * std::exp(-b * b / 2));
        case E::gelu_tanh_grad: {
            const double t = std::tanh(p0 * (b + p1 * b * b * b));
            return a * (1 + t) / 2 * (1 + b * (1 - t) * (p0 * (1 + 3 * p1 * b * b)));
        }
        case E::silu_grad:
            return a * slope * (1 + b * (1 - slope));
        case E::hardswish_grad:
            return std::isnan(b) || b >= p0 ? a : b > -p0 ? a * (b / p0 + 0.5) : 0;
        case E::prelu_grad_a:
            return b > 0 ? a : a * c;
        case E::prelu_grad_b:
            return b > 0 ? 0 : a * b;
        case E::lerp_grad_a:
            return a * (1 - p0);
        case E::power_grad_a:
            return c == 0 ? 0 : a * (c * std::pow(b, c - 1));
        case E::power_grad_b:
            return b == 0 && c >= 0 ? 0 : a * (std::pow(b, c) * std::log(b));
        default:
            return NAN;
    }
}

// The others.
double reference(E op, double a, double b, double c, double p0, double p1) {
    const bool nan = std::isnan(a) || std::isnan(b);
    switch (op) {
        case E::add:
            return a + b;
        case E::sub:
            return a - b;
        case E::mul:
            return a * b;
        case E::div:
            return a / b;
        case E::maximum:
            return nan ? NAN : std::max(a, b);
        case E::minimum:
            return nan ? NAN : std::min(a, b);
        case E::affine:
            return a * p0 + p1;
        case E::reciprocal:
            return p0 / a;
        case E::pow:
            return std::pow(a, p0);
        case E::neg:
            return -a;
        case E::abs:
            return std::abs(a);
        case E::exp:
            return std::exp(a);
        case E::log:
            return std::log(a);
        case E::sqrt:
            return std::sqrt(a);
        case E::square:
            return a * a;
        case E::relu:
            return std::isnan(a) ? a : a > 0 ? a : 0;
        case E::sigmoid:
            return 1 / (1 + std::exp(-a));
        case E::tanh:
            return std::tanh(a);
        case E::leaky_relu:
            return a > 0 ? a : a * p0;
        case E::clamp:
            return std::isnan(a) ? a : a < p0 ? p0 : a > p1 ? p1 : a;
        case E::div_grad_b:
            return -a * b / (c * c);
        case E::maximum_grad_a:
            return b == c ? a / 2 : b < c ? 0 : a;
        case E::minimum_grad_a:
            return b == c ? a / 2 : b > c ? 0 : a;
        case E::abs_grad:
            return b > 0 ? a : b < 0 ? -a : 0;
        case E::log_grad:
            return a / b;
        case E::relu_grad:
            return b > 0 || std::isnan(b) ? a : 0;
        case E::pow_grad:
            return p0 == 0 ? 0 : a * p0 * std::pow(b, p0 - 1);
        case E::leaky_relu_grad:
            return b > 0 ? a : a * p0;
        case E::clamp_grad:
            return b > p0 && b < p1 ? a : 0;
        case E::exp_grad:
            return a * b;
        case E::sqrt_grad:
            return a / (2 * b);
        case E::sigmoid_grad:
            return a * (1 - b) * b;
        case E::tanh_grad:
            return a * (1 - b * b);
        case E::softplus:
            return a * p0 > p1 ? a : std::log1p(std::exp(a * p0)) / p0;
        case E::softplus_grad:
            return b * p0 > p1 ? a : a / (1 + std::exp(-b * p0));
        case E::reciprocal_grad:
            return -a * p0 / (b * b);
        case E::square_grad:
            return 2 * a * b;
        default:
            return functions(op, a, b, c, p0, p1);
    }
}

template <class T>
bool near(T got, double want) {
    if (std::isnan(want)) return std::isnan(got);
    if (std::isinf(want) || std::isinf(got)) return static_cast<double>(got) == want || std::abs(want) > 1e38;
    return std::abs(static_cast<double>(got) - want) <=
           6 * static_cast<double>(std::numeric_limits<T>::epsilon()) * std::max(std::abs(want), 1e-30);
}

// Values with ties, kinks and, for floating types, what is not finite.
template <class T>
void values(Array<T>& x, std::uint64_t seed) {
    x.fill([&](std::int64_t i) -> T {
        if constexpr (std::is_floating_point_v<T>) {
            constexpr T special[] = {0, T(-0.5), T(0.75), std::numeric_limits<T>::quiet_NaN(),
                                     std::numeric_limits<T>::infinity()};
            const auto pick = static_cast<std::uint64_t>(i) * 7 + seed * 3;
            if (pick % 11 < 5) return special[(pick / 11) % 5];
            return static_cast<T>(uniform({seed, 0}, static_cast<std::uint64_t>(i)) * 4 - 2);
        } else {
            return static_cast<T>((i * 37 + static_cast<std::int64_t>(seed) * 11) % 19 - (std::is_signed_v<T> ? 9 : 0));
        }
    });
}

template <class T, E op>
void check_case(Shape shape, Layout out_layout, Layout in_layout, std::initializer_list<int> repeated,
                bool accumulate) {
    const double p0 = std::is_floating_point_v<T> ? (op == E::pow || op == E::pow_grad ? 2.5
                                                     : op == E::leaky_relu             ? 0.2
                                                                                       : -0.5)
                                                  : 2;
    const double p1 = std::is_floating_point_v<T> ? 0.75 : 5;
    Array<T> out(shape, out_layout), a(shape, in_layout), b(shape, Layout::dense, repeated), c(shape, out_layout);
    values(a, 1), values(b, 2), values(c, 3), out.random(4);
    if (std::is_integral_v<T> && op == E::div) b.fill([](std::int64_t i) { return i % 5 + 1; });
    const std::vector<T> before = out.values();
    abi::ElementwiseArgs args{result(out, accumulate), {a.abi(), b.abi(), c.abi()}, {p0, p1}};
    cpu::elementwise<T, op>(call(), args);
    std::int64_t wrong = 0;
    for (std::int64_t i = 0; i < out.numel(); ++i) {
        const double x = static_cast<double>(a[i]), y = static_cast<double>(b[i]), z = static_cast<double>(c[i]);
        const double first = accumulate ? static_cast<double>(before[static_cast<std::size_t>(i)]) : 0;
        double want =
            reference(op, x, y, z, static_cast<double>(static_cast<T>(p0)), static_cast<double>(static_cast<T>(p1)));
        if constexpr (std::is_integral_v<T>) {
            const auto whole = static_cast<std::int64_t>(std::trunc(want) + first);
            wrong += out[i] != static_cast<T>(whole);
        } else {
            // What is nearly 0 because its terms cancel is exact to their size.
            constexpr bool cancels =
                op == E::gelu || op == E::gelu_grad || op == E::gelu_tanh || op == E::gelu_tanh_grad || op == E::lerp;
            const double margin = (accumulate ? std::abs(first) + std::abs(want) : 0) +
                                  (cancels ? std::abs(x) + (std::isfinite(y) ? std::abs(y) : 0) : 0);
            wrong +=
                !near(out[i], want + first) && !(std::abs(static_cast<double>(out[i]) - want - first) <= margin * 1e-6);
        }
    }
    CHECK(wrong == 0);
    CHECK(out.guards_hold());
}

template <class T, E op>
void check() {
    CAPTURE(static_cast<int>(op));
    for_each_isa([] {
        check_case<T, op>({}, Layout::dense, Layout::dense, {}, false);
        check_case<T, op>({1}, Layout::dense, Layout::dense, {}, false);
        check_case<T, op>({0, 3}, Layout::dense, Layout::dense, {}, false);
        check_case<T, op>({67}, Layout::stepped, Layout::dense, {0}, false);
        check_case<T, op>({3, 129}, Layout::dense, Layout::dense, {0}, true);
        check_case<T, op>({3, 129}, Layout::permuted, Layout::stepped, {1}, false);
        check_case<T, op>({2, 5, 7, 9}, Layout::channels_last, Layout::dense, {0, 2, 3}, false);
        check_case<T, op>({2, 5, 7, 9}, Layout::permuted, Layout::channels_last, {0, 1, 2, 3}, true);
        check_case<T, op>({2, 70, 3, 9}, Layout::channels_last, Layout::channels_last, {0, 2, 3}, true);
    });
}

// Every formula of the list that T has.
template <class T>
void check_elementwise() {
#define FATHOM_FORMULA(name, inputs, set, cost, formula) \
    if constexpr ((abi::info_of(E::name).dtypes & abi::dtypes(dtype_of<T>)) != 0) check<T, E::name>();
#include "fathom/abi/elementwise.list.hpp"
}

}  // namespace

TEST_CASE("kernels/elementwise: every operation, layout and ISA against its definition") {
    SUBCASE("float") { check_elementwise<float>(); }
    SUBCASE("double") { check_elementwise<double>(); }
    SUBCASE("int64") { check_elementwise<std::int64_t>(); }
    SUBCASE("int32") { check_elementwise<std::int32_t>(); }
    SUBCASE("uint8") { check_elementwise<std::uint8_t>(); }
}

TEST_CASE("kernels/elementwise: layouts and threads do not change a bit") {
    for_each_isa([] {
        const Shape shape{3, 33, 41, 37};
        Array<float> reference_out(shape), x(shape), y(shape, Layout::dense, {0, 2, 3});
        x.random(1), y.random(2);
        abi::ElementwiseArgs args{reference_out.abi(), {x.abi(), y.abi(), {}}, {}};
        {
            Threads one(1);
            cpu::elementwise<float, E::div>(call(), args);
        }
        for (Layout layout : all_layouts) {
            Array<float> out(shape, layout), in(shape, layout);
            in.random(1);
            args.out = out.abi(), args.in[0] = in.abi();
            Threads two(2);
            cpu::elementwise<float, E::div>(call(), args);
            CHECK(out.same_bits(reference_out));
        }
    });
}

TEST_CASE("kernels/elementwise: some channels of a wider image, in chunks that begin inside a pixel") {
    // [pixels, channels] of [pixels, 50], and a bias of the channels; 32768 elements are a chunk.
    constexpr std::int64_t pixels = 2'999, wide = 50;
    std::vector<float> a(pixels * wide), b(wide), start(pixels * wide, 9);
    for (std::size_t i = 0; i < a.size(); ++i) a[i] = static_cast<float>(i % 977) - 400;
    for (std::size_t i = 0; i < b.size(); ++i) b[i] = static_cast<float>(i) + 0.5f;
    for (const std::int64_t channels : {15, 16, 17, 33, 48}) {
        CAPTURE(channels);
        const std::int64_t shape[] = {pixels, channels}, image[] = {wide, 1}, row[] = {0, 1};
        const std::int64_t* strides[] = {image, image, row};
        const kernels::Loop loop = kernels::make_loop(3, 2, shape, strides, kernels::LoopOrder::by_stride);
        for (const int count : {1, 2}) {
            const Threads threads(count);
            std::vector<float> out = start;
            void* const arrays[] = {out.data() + 1, a.data() + 2, b.data()};
            constexpr DType dtypes[] = {DType::float32, DType::float32, DType::float32};
            CHECK(kernels::elementwise(loop, E::add, kernels::elementwise_kernel<float, E::add>(), dtypes, arrays, 0, 0,
                                       false));
            std::int64_t wrong = 0;
            for (std::int64_t p = 0; p < pixels; ++p)
                for (std::int64_t c = 0; c < wide; ++c) {
                    const std::int64_t i = p * wide + c - 1;  // of the slice
                    const bool inside = c >= 1 && c <= channels;
                    const float expected =
                        inside ? a[static_cast<std::size_t>(i + 2)] + b[static_cast<std::size_t>(c - 1)] : 9;
                    wrong += out[static_cast<std::size_t>(p * wide + c)] != expected;
                }
            CHECK(wrong == 0);
        }
    }
}

TEST_CASE("kernels/elementwise: in place") {
    Array<float> x({5, 101}, Layout::permuted), y({5, 101});
    x.random(1), y.random(1);
    abi::ElementwiseArgs args{x.abi(), {x.abi(), {}, {}}, {}};
    cpu::elementwise<float, E::square>(call(), args);
    for (std::int64_t i = 0; i < x.numel(); ++i) CHECK(x[i] == y[i] * y[i]);
}

TEST_CASE("kernels/elementwise: integer division by zero is an error, the smallest number by -1 wraps") {
    Array<std::int32_t> out({3}), a({3}), b({3});
    a.fill([](auto) { return std::numeric_limits<std::int32_t>::min(); });
    b.fill([](auto) { return -1; });
    abi::ElementwiseArgs args{out.abi(), {a.abi(), b.abi(), {}}, {}};
    cpu::elementwise<std::int32_t, E::div>(call(), args);
    CHECK(out[2] == std::numeric_limits<std::int32_t>::min());
    b[1] = 0;
    CHECK_THROWS_WITH_AS((cpu::elementwise<std::int32_t, E::div>(call(), args)),
                         "test: an integer is divided by zero at here.cpp:7", Error);
}

TEST_CASE("kernels/elementwise: uint8 affine wraps") {
    Array<std::uint8_t> out({256}), a({256});
    a.fill([](std::int64_t i) { return i; });
    abi::ElementwiseArgs args{out.abi(), {a.abi(), {}, {}}, {-1, 255}};
    cpu::elementwise<std::uint8_t, E::affine>(call(), args);
    for (std::int64_t i = 0; i < 256; ++i) CHECK(out[i] == 255 - i);
}

}  // namespace fathom::tests
