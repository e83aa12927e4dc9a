// More elementwise functions and activations.
#include <algorithm>
#include <cmath>

#include "fathom/ops/activation.hpp"
#include "fathom/ops/functions.hpp"
#include "tests/ops/cases/elementwise_case.hpp"

namespace fathom::tests {
namespace {

// Fewer than of the first operations, which share their ways through memory; the last is for two threads.
std::vector<Shapes> few_unary() { return {{{3, 5}}, {{2, 3, 4, 5}}, {{}}, {{1}}, {{0}}, {{17}}, {{65}}, {{33, 1001}}}; }
std::vector<Shapes> few_binary() {
    return {{{2, 3, 4}, {2, 3, 4}}, {{2, 3, 4, 5}, {3, 1, 5}}, {{4, 1}, {1, 5}},     {{}, {3, 2}}, {{0}, {1}},
            {{17}, {17}},           {{3, 65}, {3, 1}},         {{33, 1001}, {33, 1}}};
}

double normal_below(double x) { return (1 + std::erf(x * std::sqrt(0.5))) / 2; }
double gelu_tanh_of(double x) {
    return x * (1 + std::tanh(std::sqrt(2 / 3.141592653589793) * (x + 0.044715 * x * x * x))) / 2;
}

std::vector<double> whole_and_half() {
    std::vector<double> all;
    for (int i = -8; i <= 8; ++i) all.push_back(0.5 * i);
    return all;
}

OpCase prelu_case() {
    OpCase op{.name = "prelu",
              .inputs = {{.low = -2, .high = 2, .kinks = {0}}, {.name = "weight"}},
              .shapes = {{{2, 3, 4}, {3}},
                         {{5}, {1}},
                         {{2, 3}, {1}},
                         {{0, 3, 2}, {3}},
                         {{}, {1}},
                         {{2, 17, 33}, {17}},
                         {{3, 11, 1001}, {11}}},
              .golden = "prelu",
              .golden_file = "functions",
              .terms = [](const Shapes& in, const Shape& out) {
                  return static_cast<double>(out.numel()) / static_cast<double>(in[1].numel());
              }};
    set_function(op, [](const auto& in) { return prelu(in[0], in[1]); });
    op.reference = [](const std::vector<Plain>& in) {
        return plain(in[0].shape, [&](const Shape& i) {
            const double x = in[0].at(i),
                         w = in[1].values[in[1].values.size() == 1 ? 0 : static_cast<std::size_t>(i[1])];
            return x > 0 ? x : w * x;
        });
    };
    return op;
}

OpCase lerp_tensor_case() {
    OpCase op{
        .name = "lerp_tensor",
        .inputs = {{.name = "a", .low = -2, .high = 2},
                   {.name = "b", .low = -2, .high = 2},
                   {.name = "c", .low = 0, .high = 1, .kinks = {0.5}}},
        .shapes = {{{2, 3}, {2, 3}, {2, 3}}, {{3}, {2, 1}, {2, 3}}, {{}, {}, {4}}, {{0}, {1}, {1}}, {{17}, {17}, {17}}},
        .golden = "lerp_tensor",
        .golden_file = "functions"};
    set_function(op, [](const auto& in) { return lerp(in[0], in[1], in[2]); });
    op.reference = [](const std::vector<Plain>& in) {
        Shape shape;
        detail::broadcast_shapes(in[0].shape, in[1].shape, shape);
        detail::broadcast_shapes(Shape(shape), in[2].shape, shape);
        return plain(shape, [&](const Shape& i) {
            const double a = broadcast_at(in[0], i), b = broadcast_at(in[1], i);
            return a + broadcast_at(in[2], i) * (b - a);
        });
    };
    return op;
}

}  // namespace

void add_function_cases(std::vector<OpCase>& list) {
    const auto add = [&](OpCase op, std::vector<Shapes> shapes) {
        op.golden_file = "functions";
        op.shapes = std::move(shapes);
        list.push_back(std::move(op));
    };
    const auto add_unary = [&](const char* name, OpInput input, auto f, auto reference) {
        add(unary(name, name, input, f, reference), few_unary());
    };
    const auto add_binary = [&](const char* name, OpInput a, OpInput b, auto f, auto reference) {
        add(binary(name, name, a, b, f, reference), few_binary());
    };
    // At the kinks themselves there is nothing to difference: golden values only.
    const auto at_kink = [&](const char* name, auto f) {
        OpCase op{.name = name, .inputs = {{}}, .golden = name, .golden_file = "functions"};
        set_function(op, f);
        list.push_back(std::move(op));
    };
    const OpInput any{.low = -4, .high = 4}, positive{.low = 0.3, .high = 3}, kink{.low = -2, .high = 2, .kinks = {0}},
        integers{.low = -4, .high = 4, .kinks = whole_and_half()};

    add_unary(
        "log1p", {.low = -0.9, .high = 3}, [](const auto& in) { return log1p(in[0]); },
        [](double x) { return std::log1p(x); });
    add_unary(
        "rsqrt", positive, [](const auto& in) { return rsqrt(in[0]); }, [](double x) { return 1 / std::sqrt(x); });
    add_unary(
        "sin", any, [](const auto& in) { return sin(in[0]); }, [](double x) { return std::sin(x); });
    add_unary(
        "cos", any, [](const auto& in) { return cos(in[0]); }, [](double x) { return std::cos(x); });
    add_unary(
        "erf", any, [](const auto& in) { return erf(in[0]); }, [](double x) { return std::erf(x); });
    // Times x: their own gradient is 0.
    add_unary(
        "sign", kink, [](const auto& in) { return in[0] * sign(in[0]); }, [](double x) { return std::fabs(x); });
    add_unary(
        "floor", integers, [](const auto& in) { return in[0] * floor(in[0]); },
        [](double x) { return x * std::floor(x); });
    add_unary(
        "ceil", integers, [](const auto& in) { return in[0] * ceil(in[0]); },
        [](double x) { return x * std::ceil(x); });
    add_unary(
        "round", integers, [](const auto& in) { return in[0] * round(in[0]); },
        [](double x) { return x * std::nearbyint(x); });

    const OpInput steps{.low = -4, .high = 4, .kinks = {-3, 0, 3}};
    add_unary(
        "elu", steps, [](const auto& in) { return elu(in[0], 1.5); },
        [](double x) { return x > 0 ? x : 1.5 * std::expm1(x); });
    add_unary(
        "gelu", any, [](const auto& in) { return gelu(in[0]); }, [](double x) { return x * normal_below(x); });
    add_unary(
        "gelu_tanh", any, [](const auto& in) { return gelu(in[0], GeluApproximate::tanh); }, gelu_tanh_of);
    add_unary(
        "silu", any, [](const auto& in) { return silu(in[0]); }, [](double x) { return x / (1 + std::exp(-x)); });
    add_unary(
        "hardswish", steps, [](const auto& in) { return hardswish(in[0]); },
        [](double x) { return x * std::min(std::max(x + 3, 0.0), 6.0) / 6; });
    add_unary(
        "relu6", {.low = -3, .high = 9, .kinks = {0, 6}}, [](const auto& in) { return relu6(in[0]); },
        [](double x) { return std::min(std::max(x, 0.0), 6.0); });
    add(unary(
            "softplus_beta", "softplus", {.low = -4, .high = 4, .kinks = {1.5}},
            [](const auto& in) { return softplus(in[0], 2, 3); },
            [](double x) { return 2 * x > 3 ? x : std::log1p(std::exp(2 * x)) / 2; }),
        few_unary());
    add_unary(
        "pow_base", any, [](const auto& in) { return pow(1.7, in[0]); }, [](double x) { return std::pow(1.7, x); });
    add_unary(
        "clamp_min", {.low = -2, .high = 2, .kinks = {-0.5}}, [](const auto& in) { return clamp_min(in[0], -0.5); },
        [](double x) { return std::max(x, -0.5); });
    add_unary(
        "clamp_max", {.low = -2, .high = 2, .kinks = {0.75}}, [](const auto& in) { return clamp_max(in[0], 0.75); },
        [](double x) { return std::min(x, 0.75); });
    add_unary(
        "maximum_scalar", {.low = -2, .high = 2, .kinks = {0.5}}, [](const auto& in) { return maximum(in[0], 0.5); },
        [](double x) { return std::max(x, 0.5); });
    add_unary(
        "minimum_scalar", {.low = -2, .high = 2, .kinks = {0.5}}, [](const auto& in) { return minimum(0.5, in[0]); },
        [](double x) { return std::min(x, 0.5); });

    const OpInput x{.low = -2, .high = 2};
    add_binary(
        "lerp", x, x, [](const auto& in) { return lerp(in[0], in[1], 0.3); },
        [](double a, double b) { return a + 0.3 * (b - a); });
    add_binary(
        "lerp_far", x, x, [](const auto& in) { return lerp(in[0], in[1], 0.8); },
        [](double a, double b) { return a + 0.8 * (b - a); });
    add_binary(
        "pow_tensor", positive, x, [](const auto& in) { return pow(in[0], in[1]); },
        [](double a, double b) { return std::pow(a, b); });

    at_kink("elu_at_kink", [](const auto& in) { return elu(in[0]); });
    at_kink("hardswish_at_kink", [](const auto& in) { return hardswish(in[0]); });
    at_kink("relu6_at_kink", [](const auto& in) { return relu6(in[0]); });
    at_kink("clamp_min_at_kink", [](const auto& in) { return clamp_min(in[0], 0.5); });
    at_kink("clamp_max_at_kink", [](const auto& in) { return clamp_max(in[0], 0.5); });
    at_kink("softplus_at_threshold", [](const auto& in) { return softplus(in[0], 2, 3); });
    at_kink("round_at_half", [](const auto& in) { return in[0] * round(in[0]); });
    OpCase at_zero = list.back();  // of two inputs
    at_zero.inputs = {{.name = "a"}, {.name = "b"}};
    at_zero.name = at_zero.golden = "pow_of_zero";
    set_function(at_zero, [](const auto& in) { return pow(in[0], in[1]); });
    list.push_back(at_zero);
    at_zero.name = at_zero.golden = "lerp_at_half";
    set_function(at_zero, [](const auto& in) { return lerp(in[0], in[1], 0.5); });
    list.push_back(at_zero);
}

// Whose inputs are not one shape, so that the list of special values cannot try all pairs.
void add_shaped_function_cases(std::vector<OpCase>& list) {
    list.push_back(prelu_case());
    for (const char* golden : {"prelu_one", "prelu_at_kink"}) {
        OpCase op = prelu_case();
        op.name = op.golden = golden, op.shapes.clear();
        list.push_back(op);
    }
    list.push_back(lerp_tensor_case());
}

}  // namespace fathom::tests
