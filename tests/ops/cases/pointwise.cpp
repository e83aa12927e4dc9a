// Elementwise operations, unary and with broadcasting.
#include <cmath>

#include "fathom/ops/math.hpp"
#include "tests/ops/cases/elementwise_case.hpp"

namespace fathom::tests {
void add_pointwise_cases(std::vector<OpCase>& list) {
    const OpInput any{.low = -2, .high = 2}, positive{.low = 0.3, .high = 3}, kink{.low = -2, .high = 2, .kinks = {0}};
    list.push_back(unary(
        "exp", "exp", any, [](const auto& in) { return exp(in[0]); }, [](double x) { return std::exp(x); }));
    list.push_back(unary(
        "softplus", "", any, [](const auto& in) { return softplus(in[0]); },
        [](double x) { return std::log1p(std::exp(x)); }));
    list.push_back(unary(
        "log", "log", positive, [](const auto& in) { return log(in[0]); }, [](double x) { return std::log(x); }));
    list.push_back(unary(
        "sqrt", "sqrt", positive, [](const auto& in) { return sqrt(in[0]); }, [](double x) { return std::sqrt(x); }));
    list.push_back(unary(
        "square", "", any, [](const auto& in) { return square(in[0]); }, [](double x) { return x * x; }));
    list.push_back(unary(
        "abs", "abs", kink, [](const auto& in) { return abs(in[0]); }, [](double x) { return std::fabs(x); }));
    list.push_back(unary(
        "relu", "relu", kink, [](const auto& in) { return relu(in[0]); }, [](double x) { return x > 0 ? x : 0; }));
    list.push_back(unary(
        "leaky_relu", "leaky_relu", kink, [](const auto& in) { return leaky_relu(in[0], 0.2); },
        [](double x) { return x > 0 ? x : 0.2 * x; }));
    list.push_back(unary(
        "sigmoid", "sigmoid", {.low = -6, .high = 6}, [](const auto& in) { return sigmoid(in[0]); },
        [](double x) { return 1 / (1 + std::exp(-x)); }));
    list.push_back(unary(
        "tanh", "tanh", {.low = -3, .high = 3}, [](const auto& in) { return tanh(in[0]); },
        [](double x) { return std::tanh(x); }));
    list.push_back(unary(
        "clamp", "clamp", {.low = -2, .high = 2, .kinks = {-0.5, 0.7}},
        [](const auto& in) { return clamp(in[0], decltype(in[0].item())(-0.5), decltype(in[0].item())(0.7)); },
        [](double x) { return x < -0.5  ? -0.5
                              : x > 0.7 ? 0.7
                                        : x; }));
    list.push_back(unary(
        "pow_2_5", "pow_2_5", positive, [](const auto& in) { return pow(in[0], 2.5); },
        [](double x) { return std::pow(x, 2.5); }));
    list.push_back(unary(
        "pow_3", "", any, [](const auto& in) { return pow(in[0], 3); }, [](double x) { return x * x * x; }));
    list.push_back(unary(
        "neg", "", any, [](const auto& in) { return -in[0]; }, [](double x) { return -x; }));
    list.push_back(unary(
        "add_scalar", "", any, [](const auto& in) { return in[0] + 1.5; }, [](double x) { return x + 1.5; }));
    list.push_back(unary(
        "scalar_sub", "", any, [](const auto& in) { return 1.5 - in[0]; }, [](double x) { return 1.5 - x; }));
    list.push_back(unary(
        "sub_scalar", "", any, [](const auto& in) { return in[0] - 1.5; }, [](double x) { return x - 1.5; }));
    list.push_back(unary(
        "mul_scalar", "", any, [](const auto& in) { return -2.5 * in[0]; }, [](double x) { return -2.5 * x; }));
    list.push_back(unary(
        "div_scalar", "", any, [](const auto& in) { return in[0] / 1.5; }, [](double x) { return x / 1.5; }));
    list.push_back(unary(
        "scalar_div", "", positive, [](const auto& in) { return 1.5 / in[0]; }, [](double x) { return 1.5 / x; }));

    const OpInput x{.low = -2, .high = 2};
    list.push_back(binary(
        "add", "add_broadcast", x, x, [](const auto& in) { return in[0] + in[1]; },
        [](double a, double b) { return a + b; }));
    list.push_back(binary(
        "sub", "sub_broadcast", x, x, [](const auto& in) { return in[0] - in[1]; },
        [](double a, double b) { return a - b; }));
    list.push_back(binary(
        "mul", "mul_broadcast", x, x, [](const auto& in) { return in[0] * in[1]; },
        [](double a, double b) { return a * b; }));
    list.push_back(binary(
        "div", "div_broadcast", x, positive, [](const auto& in) { return in[0] / in[1]; },
        [](double a, double b) { return a / b; }));
    list.push_back(binary(
        "maximum", "maximum_broadcast", x, x, [](const auto& in) { return maximum(in[0], in[1]); },
        [](double a, double b) { return a > b ? a : b; }));
    list.push_back(binary(
        "minimum", "minimum_broadcast", x, x, [](const auto& in) { return minimum(in[0], in[1]); },
        [](double a, double b) { return a < b ? a : b; }));
    list.push_back(binary(
        "where", "where", x, x, [](const auto& in) { return where(in[0] > in[1], 2 * in[0], in[1]); },
        [](double a, double b) { return a > b ? 2 * a : b; }));

    // At the kinks themselves there is nothing to difference: golden values only.
    const auto golden_only = [&](OpCase op, const char* name, const char* golden, const char* file) {
        op.name = name, op.golden = golden, op.golden_file = file, op.shapes.clear();
        list.push_back(std::move(op));
    };
    const auto named = [&](const char* name) {
        for (const OpCase& op : list)
            if (op.name == name) return op;
        return OpCase{};
    };
    golden_only(named("maximum"), "maximum_ties", "maximum_ties", "ops");
    golden_only(named("relu"), "relu_at_kink", "relu_at_kink", "edges");
    golden_only(named("leaky_relu"), "leaky_relu_at_kink", "leaky_relu_at_kink", "edges");
    golden_only(named("abs"), "abs_at_kink", "abs_at_kink", "edges");
    golden_only(named("clamp"), "clamp_at_kink", "clamp_at_kink", "edges");
    list.back().golden_in_float = false;  // .7 in float is an input exactly, .7 in double lies above it
    OpCase bounds = unary(
        "clamp_at_bounds", "", any, [](const auto& in) { return clamp(in[0], -0.5f, 0.75f); },
        [](double v) { return v < -0.5   ? -0.5
                              : v > 0.75 ? 0.75
                                         : v; });
    golden_only(bounds, "clamp_at_bounds", "clamp_at_bounds", "edges");
}

}  // namespace fathom::tests
