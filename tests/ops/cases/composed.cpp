// Elementwise functions and activations that are made of others.
#include <algorithm>
#include <cmath>
#include <limits>

#include "fathom/ops/composed_activation.hpp"
#include "fathom/ops/functions_of_two.hpp"
#include "tests/ops/cases/elementwise_case.hpp"

namespace fathom::tests {
namespace {

template <class F, class R>
void add_of_one(std::vector<OpCase>& list, const char* name, OpInput x, F f, R reference) {
    OpCase op = unary(name, name, x, f, reference);
    op.golden_file = "composed";
    op.shapes = {{{3, 5}}, {{}}, {{0}}, {{65}}, {{33, 1001}}};
    op.terms = [](const Shapes&, const Shape&) { return 16; };
    list.push_back(op);
}
template <class F, class R>
void add_of_two(std::vector<OpCase>& list, const char* name, F f, R reference) {
    OpCase op = binary(name, name, {.low = -3, .high = 3, .kinks = {0}}, {.low = 0.4, .high = 2.5}, f, reference);
    op.golden_file = "composed";
    op.shapes = {{{2, 3, 4}, {3, 1}}, {{}, {3, 2}}, {{0}, {1}}, {{17}, {17}}, {{33, 1001}, {33, 1}}};
    op.terms = [](const Shapes& in, const Shape& out) {
        return 16 * static_cast<double>(out.numel()) / static_cast<double>(std::max<std::int64_t>(in[1].numel(), 1));
    };
    list.push_back(op);
}

void add_composed_functions(std::vector<OpCase>& list) {
    const OpInput x{.low = -0.9, .high = 0.9}, positive{.low = 0.1, .high = 4}, above{.low = 1.1, .high = 4},
        wide{.low = -3, .high = 3, .kinks = {0, -0.5, 0.5, 1, -1, 2, -2}},
        share{.low = 0.1, .high = 0.9, .kinks = {0.2, 0.8}};
    OpInput tenths = x;
    for (int i = -9; i <= 9; ++i) tenths.kinks.push_back(0.05 + 0.1 * i);
    constexpr double pi = 3.141592653589793;
    add_of_one(
        list, "expm1", x, [](const auto& in) { return expm1(in[0]); }, [](double v) { return std::expm1(v); });
    add_of_one(
        list, "exp2", x, [](const auto& in) { return exp2(in[0]); }, [](double v) { return std::exp2(v); });
    add_of_one(
        list, "tan", x, [](const auto& in) { return tan(in[0]); }, [](double v) { return std::tan(v); });
    add_of_one(
        list, "sinh", x, [](const auto& in) { return sinh(in[0]); }, [](double v) { return std::sinh(v); });
    add_of_one(
        list, "cosh", x, [](const auto& in) { return cosh(in[0]); }, [](double v) { return std::cosh(v); });
    add_of_one(
        list, "asinh", x, [](const auto& in) { return asinh(in[0]); }, [](double v) { return std::asinh(v); });
    add_of_one(
        list, "atanh", x, [](const auto& in) { return atanh(in[0]); }, [](double v) { return std::atanh(v); });
    add_of_one(
        list, "acosh", above, [](const auto& in) { return acosh(in[0]); }, [](double v) { return std::acosh(v); });
    add_of_one(
        list, "log2", positive, [](const auto& in) { return log2(in[0]); }, [](double v) { return std::log2(v); });
    add_of_one(
        list, "log10", positive, [](const auto& in) { return log10(in[0]); }, [](double v) { return std::log10(v); });
    add_of_one(
        list, "deg2rad", x, [](const auto& in) { return deg2rad(in[0]); }, [](double v) { return v * pi / 180; });
    add_of_one(
        list, "rad2deg", x, [](const auto& in) { return rad2deg(in[0]); }, [](double v) { return v * 180 / pi; });
    add_of_one(
        list, "trunc", wide, [](const auto& in) { return trunc(in[0]) + in[0]; },
        [](double v) { return std::trunc(v) + v; });
    add_of_one(
        list, "frac", wide, [](const auto& in) { return frac(in[0]); }, [](double v) { return v - std::trunc(v); });
    add_of_one(
        list, "round_decimals", tenths, [](const auto& in) { return round(in[0], 1) + in[0]; },
        [](double v) { return std::nearbyint(v * 10) / 10 + v; });
    add_of_one(
        list, "sinc", positive, [](const auto& in) { return sinc(in[0]); },
        [](double v) { return std::sin(pi * v) / (pi * v); });
    add_of_one(
        list, "logit", share, [](const auto& in) { return logit(in[0]); },
        [](double v) { return std::log(v / (1 - v)); });
    add_of_one(
        list, "logit_eps", share, [](const auto& in) { return logit(in[0], 0.2); },
        [](double v) {
            const double c = std::clamp(v, 0.2, 0.8);
            return std::log(c / (1 - c));
        });
    OpInput halves = x;
    halves.kinks = {0.5, -0.5};
    add_of_one(
        list, "nan_to_num", halves,
        [](const auto& in) {
            using T = typename std::decay_t<decltype(in[0])>::value_type;
            const auto holed = where(in[0] < T(-0.5), std::numeric_limits<T>::quiet_NaN(), in[0]);
            return nan_to_num(where(in[0] > T(0.5), std::numeric_limits<T>::infinity(), holed), 3, 7);
        },
        [](double v) { return v > 0.5    ? 7
                              : v < -0.5 ? 3
                                         : v; });
}

void add_composed_pairs(std::vector<OpCase>& list) {
    add_of_two(
        list, "div_trunc", [](const auto& in) { return div(in[0], in[1], Rounding::trunc) + in[0] * in[1]; },
        [](double a, double b) { return std::trunc(a / b) + a * b; });
    add_of_two(
        list, "div_floor", [](const auto& in) { return floor_divide(in[0], in[1]) + in[0] * in[1]; },
        [](double a, double b) { return std::floor(a / b) + a * b; });
    add_of_two(
        list, "fmod", [](const auto& in) { return fmod(in[0], in[1]); },
        [](double a, double b) { return std::fmod(a, b); });
    add_of_two(
        list, "remainder", [](const auto& in) { return remainder(in[0], in[1]); },
        [](double a, double b) { return a - b * std::floor(a / b); });
    add_of_two(
        list, "hypot", [](const auto& in) { return hypot(in[0], in[1]); },
        [](double a, double b) { return std::hypot(a, b); });
    add_of_two(
        list, "xlogy", [](const auto& in) { return xlogy(in[0], in[1]); },
        [](double a, double b) { return a == 0 ? 0 : a * std::log(b); });
    add_of_two(
        list, "logaddexp", [](const auto& in) { return logaddexp(in[0], in[1]); },
        [](double a, double b) { return std::log(std::exp(a) + std::exp(b)); });
    add_of_two(
        list, "logaddexp2", [](const auto& in) { return logaddexp2(in[0], in[1]); },
        [](double a, double b) { return std::log2(std::exp2(a) + std::exp2(b)); });
    add_of_two(
        list, "ldexp", [](const auto& in) { return ldexp(in[0], in[1]); },
        [](double a, double b) { return a * std::exp2(b); });
    add_of_two(
        list, "fmax", [](const auto& in) { return fmax(in[0], in[1]); },
        [](double a, double b) { return std::fmax(a, b); });
    add_of_two(
        list, "fmin", [](const auto& in) { return fmin(in[0], in[1]); },
        [](double a, double b) { return std::fmin(a, b); });
    add_of_two(
        list, "copysign", [](const auto& in) { return copysign(in[1], in[0]) * in[0]; },
        [](double a, double b) { return std::copysign(b, a) * a; });
    add_of_two(
        list, "heaviside", [](const auto& in) { return heaviside(in[0].detach(), in[1].detach()) + in[0] * in[1]; },
        [](double a, double b) {
            return (a > 0 ? 1 : a < 0 ? 0 : b) + a * b;
        });
}

void add_composed_activations(std::vector<OpCase>& list) {
    const OpInput wide{.low = -3, .high = 3, .kinks = {0, -0.5, 0.5, 1, -1, 2, -2}};
    add_of_one(
        list, "selu", wide, [](const auto& in) { return selu(in[0]); },
        [](double v) { return 1.0507009873554805 * (v > 0 ? v : 1.6732632423543772 * std::expm1(v)); });
    add_of_one(
        list, "celu", wide, [](const auto& in) { return celu(in[0], 0.5); },
        [](double v) { return v > 0 ? v : 0.5 * std::expm1(v / 0.5); });
    add_of_one(
        list, "mish", wide, [](const auto& in) { return mish(in[0]); },
        [](double v) { return v * std::tanh(std::log1p(std::exp(v))); });
    add_of_one(
        list, "softsign", wide, [](const auto& in) { return softsign(in[0]); },
        [](double v) { return v / (1 + std::fabs(v)); });
    add_of_one(
        list, "tanhshrink", wide, [](const auto& in) { return tanhshrink(in[0]); },
        [](double v) { return v - std::tanh(v); });
    add_of_one(
        list, "hardsigmoid", wide, [](const auto& in) { return hardsigmoid(in[0]); },
        [](double v) { return std::clamp(v / 6 + 0.5, 0.0, 1.0); });
    add_of_one(
        list, "hardshrink", wide, [](const auto& in) { return hardshrink(in[0]); },
        [](double v) { return std::fabs(v) > 0.5 ? v : 0; });
    add_of_one(
        list, "softshrink", wide, [](const auto& in) { return softshrink(in[0]); },
        [](double v) { return v - std::clamp(v, -0.5, 0.5); });
    add_of_one(
        list, "logsigmoid", wide, [](const auto& in) { return logsigmoid(in[0]); },
        [](double v) { return -std::log1p(std::exp(-v)); });
    add_of_one(
        list, "threshold", wide, [](const auto& in) { return threshold(in[0], 0.5, 7); },
        [](double v) { return v > 0.5 ? v : 7; });
    add_of_one(
        list, "hardtanh", wide, [](const auto& in) { return hardtanh(in[0], -0.5, 2); },
        [](double v) { return std::clamp(v, -0.5, 2.0); });
    add_of_one(
        list, "glu", {}, [](const auto& in) { return glu(in[0], 1); }, [](double v) { return v; });
    list.back().shapes = {{{3, 4, 2}}, {{1, 2}}, {{0, 6}}, {{17, 66}}};
    list.back().reference = [](const std::vector<Plain>& in) {
        Shape shape = in[0].shape;
        shape[1] /= 2;
        return plain(shape, [&](const Shape& i) {
            Shape j = i;
            j[1] += shape[1];
            return in[0].at(i) / (1 + std::exp(-in[0].at(j)));
        });
    };
    add_of_one(
        list, "softmin", {}, [](const auto& in) { return softmin(in[0], 1); }, [](double v) { return v; });
    list.back().shapes = {{{3, 5}}, {{17, 66}}};
    list.back().reference = [](const std::vector<Plain>& in) {
        return plain(in[0].shape, [&](const Shape& i) {
            double sum = 0;
            for (std::int64_t k = 0; k < in[0].shape[1]; ++k) sum += std::exp(in[0].at(i) - in[0].at({i[0], k}));
            return 1 / sum;
        });
    };
}

}  // namespace

void add_composed_cases(std::vector<OpCase>& list) {
    add_composed_functions(list);
    add_composed_pairs(list);
    add_composed_activations(list);
}

}  // namespace fathom::tests
