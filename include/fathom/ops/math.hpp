// Elementwise functions: exp, log, sqrt, pow, activations, clamp, maximum, minimum, where. More of them: functions.hpp,
// activation.hpp.
// Gradients at kinks: |x| 0 at 0; ReLU and leaky ReLU take the negative side at 0; clamp none at exactly its bounds;
// a tie of maximum or minimum gives each side half.
#pragma once

#include <limits>

#include "fathom/ops/arithmetic.hpp"

namespace fathom::inline v0 {

namespace detail {

template <FractionElement T, Elementwise grad>
constexpr Rule unary_rule(const char* operands, AnyTensor (*recorded)(const Operands&)) {
    return {{{operands, cpu::kernel<T, grad>, recorded}, {}}, &autograd::type_ops<T>, &mul_recorded<T>};
}
template <FractionElement T>
inline constexpr Rule exp_rule = unary_rule<T, Elementwise::exp_grad>("gy", [](const Operands& o) {
    return mul_recorded<T>(o.g, o.y);
});
template <FractionElement T>
inline constexpr Rule log_rule = unary_rule<T, Elementwise::log_grad>("ga", [](const Operands& o) -> AnyTensor {
    return typed<T>(o.g) / typed<T>(o.a);
});
template <FractionElement T>
inline constexpr Rule sqrt_rule = unary_rule<T, Elementwise::sqrt_grad>("gy", [](const Operands& o) -> AnyTensor {
    return typed<T>(o.g) / (2 * typed<T>(o.y));
});
template <FractionElement T>
inline constexpr Rule square_rule = unary_rule<T, Elementwise::square_grad>("ga", [](const Operands& o) -> AnyTensor {
    return 2 * typed<T>(o.g) * typed<T>(o.a);
});
template <FractionElement T>
AnyTensor pow_gradient(const Operands& o);
template <FractionElement T>
inline constexpr Rule pow_rule = unary_rule<T, Elementwise::pow_grad>("ga", &pow_gradient<T>);
template <FractionElement T>
inline constexpr Rule sigmoid_rule = unary_rule<T, Elementwise::sigmoid_grad>("gy", [](const Operands& o) -> AnyTensor {
    return typed<T>(o.g) * typed<T>(o.y) * (1 - typed<T>(o.y));
});
template <FractionElement T>
inline constexpr Rule tanh_rule = unary_rule<T, Elementwise::tanh_grad>("gy", [](const Operands& o) -> AnyTensor {
    return typed<T>(o.g) * (1 - typed<T>(o.y) * typed<T>(o.y));
});
template <FractionElement T>
AnyTensor softplus_gradient(const Operands& o);
template <FractionElement T>
inline constexpr Rule softplus_rule = unary_rule<T, Elementwise::softplus_grad>("ga", &softplus_gradient<T>);
// Piecewise linear: the slope is constant where it exists.
template <FractionElement T>
inline constexpr Rule abs_rule = unary_rule<T, Elementwise::abs_grad>("ga", nullptr);
template <FractionElement T>
inline constexpr Rule relu_rule = unary_rule<T, Elementwise::relu_grad>("gy", nullptr);
template <FractionElement T>
inline constexpr Rule leaky_relu_rule = unary_rule<T, Elementwise::leaky_relu_grad>("ga", nullptr);
template <FractionElement T>
inline constexpr Rule clamp_rule = unary_rule<T, Elementwise::clamp_grad>("ga", nullptr);
template <FractionElement T>
inline constexpr Rule clamp_min_rule = unary_rule<T, Elementwise::clamp_min_grad>("ga", nullptr);
template <FractionElement T>
inline constexpr Rule clamp_max_rule = unary_rule<T, Elementwise::clamp_max_grad>("ga", nullptr);
template <FractionElement T>
inline constexpr Rule maximum_rule = {
    {{"gab", cpu::kernel<T, Elementwise::maximum_grad_a>}, {"gba", cpu::kernel<T, Elementwise::maximum_grad_a>}},
    &autograd::type_ops<T>,
    &mul_recorded<T>};
template <FractionElement T>
inline constexpr Rule minimum_rule = {
    {{"gab", cpu::kernel<T, Elementwise::minimum_grad_a>}, {"gba", cpu::kernel<T, Elementwise::minimum_grad_a>}},
    &autograd::type_ops<T>,
    &mul_recorded<T>};
// Integers have none.
template <Element T>
constexpr const Rule* abs_rule_of() {
    if constexpr (FractionElement<T>)
        return &abs_rule<T>;
    else
        return nullptr;
}
template <Elementwise op, Element T>
constexpr const Rule* extremum_rule_of() {
    if constexpr (FractionElement<T>)
        return op == Elementwise::maximum ? &maximum_rule<T> : &minimum_rule<T>;
    else
        return nullptr;
}

}  // namespace detail

template <FractionElement T>
Tensor<T> exp(const Tensor<T>& x, Where site = Where::here()) {
    return detail::elementwise<T>({"exp", cpu::kernel<T, Elementwise::exp>, &detail::exp_rule<T>}, x, {}, site);
}
template <FractionElement T>
Tensor<T> log(const Tensor<T>& x, Where site = Where::here()) {
    return detail::elementwise<T>({"log", cpu::kernel<T, Elementwise::log>, &detail::log_rule<T>}, x, {}, site);
}
template <FractionElement T>
Tensor<T> sqrt(const Tensor<T>& x, Where site = Where::here()) {
    return detail::elementwise<T>({"sqrt", cpu::kernel<T, Elementwise::sqrt>, &detail::sqrt_rule<T>}, x, {}, site);
}
template <FractionElement T>
Tensor<T> square(const Tensor<T>& x, Where site = Where::here()) {
    return detail::elementwise<T>({"square", cpu::kernel<T, Elementwise::square>, &detail::square_rule<T>}, x, {},
                                  site);
}
template <FractionElement T>
Tensor<T> pow(const Tensor<T>& x, double exponent, Where site = Where::here()) {
    return detail::elementwise<T>({"pow", cpu::kernel<T, Elementwise::pow>, &detail::pow_rule<T>, exponent}, x, {},
                                  site);
}
template <Element T>
Tensor<T> abs(const Tensor<T>& x, Where site = Where::here()) {
    return detail::elementwise<T>({"abs", cpu::kernel<T, Elementwise::abs>, detail::abs_rule_of<T>()}, x, {}, site);
}
template <FractionElement T>
Tensor<T> relu(const Tensor<T>& x, Where site = Where::here()) {
    return detail::elementwise<T>({"relu", cpu::kernel<T, Elementwise::relu>, &detail::relu_rule<T>}, x, {}, site);
}
template <FractionElement T>
Tensor<T> leaky_relu(const Tensor<T>& x, double negative_slope = 0.01, Where site = Where::here()) {
    return detail::elementwise<T>(
        {"leaky_relu", cpu::kernel<T, Elementwise::leaky_relu>, &detail::leaky_relu_rule<T>, negative_slope}, x, {},
        site);
}
template <FractionElement T>
Tensor<T> sigmoid(const Tensor<T>& x, Where site = Where::here()) {
    return detail::elementwise<T>({"sigmoid", cpu::kernel<T, Elementwise::sigmoid>, &detail::sigmoid_rule<T>}, x, {},
                                  site);
}
template <FractionElement T>
Tensor<T> tanh(const Tensor<T>& x, Where site = Where::here()) {
    return detail::elementwise<T>({"tanh", cpu::kernel<T, Elementwise::tanh>, &detail::tanh_rule<T>}, x, {}, site);
}
// log(1 + exp(beta x)) / beta, a smooth ReLU; x itself where beta x is above the threshold.
template <FractionElement T>
Tensor<T> softplus(const Tensor<T>& x, double beta = 1, double threshold = 20, Where site = Where::here()) {
    return detail::elementwise<T>(
        {"softplus", cpu::kernel<T, Elementwise::softplus>, &detail::softplus_rule<T>, beta, threshold}, x, {}, site);
}
template <Element T>
Tensor<T> maximum(const Tensor<T>& a, const Tensor<T>& b, Where site = Where::here()) {
    return detail::binary<T, Elementwise::maximum>("maximum", detail::extremum_rule_of<Elementwise::maximum, T>(),
                                                   Operand<T>(a, site), Operand<T>(b, site));
}
template <Element T, ScalarFor<T> S>
Tensor<T> maximum(const Tensor<T>& a, S b, Where site = Where::here()) {
    return detail::binary<T, Elementwise::maximum>("maximum", detail::extremum_rule_of<Elementwise::maximum, T>(),
                                                   Operand<T>(a, site), Operand<T>(b, site));
}
template <Element T, ScalarFor<T> S>
Tensor<T> maximum(S a, const Tensor<T>& b, Where site = Where::here()) {
    return maximum(b, a, site);
}
template <Element T>
Tensor<T> minimum(const Tensor<T>& a, const Tensor<T>& b, Where site = Where::here()) {
    return detail::binary<T, Elementwise::minimum>("minimum", detail::extremum_rule_of<Elementwise::minimum, T>(),
                                                   Operand<T>(a, site), Operand<T>(b, site));
}
template <Element T, ScalarFor<T> S>
Tensor<T> minimum(const Tensor<T>& a, S b, Where site = Where::here()) {
    return detail::binary<T, Elementwise::minimum>("minimum", detail::extremum_rule_of<Elementwise::minimum, T>(),
                                                   Operand<T>(a, site), Operand<T>(b, site));
}
template <Element T, ScalarFor<T> S>
Tensor<T> minimum(S a, const Tensor<T>& b, Where site = Where::here()) {
    return minimum(b, a, site);
}

namespace detail {
// A clamp's kernel takes doubles, which hold every bound but those of int64.
template <FractionElement T>
ElementwiseOp clamp_op(const char* name, const Rule& rule, double min, double max) {
    return {name, cpu::kernel<T, Elementwise::clamp>, &rule, min, max};
}
template <Element T>
void check_bounds(const char* name, T min, T max, Where site) {
    if (!(min <= max))
        fail(name, site,
             {"min ", static_cast<ArithmeticOf<T>>(min), " is above max ", static_cast<ArithmeticOf<T>>(max)});
}
}  // namespace detail

// To [min, max]; min <= max.
template <Element T, ScalarFor<T> Min, ScalarFor<T> Max>
Tensor<T> clamp(const Tensor<T>& x, Min min, Max max, Where site = Where::here()) {
    const T low = detail::scalar_as<T>(min, site), high = detail::scalar_as<T>(max, site);
    detail::check_bounds("clamp", low, high, site);
    if constexpr (FractionElement<T>)
        return detail::elementwise<T>(detail::clamp_op<T>("clamp", detail::clamp_rule<T>, low, high), x, {}, site);
    else
        return minimum(maximum(x, low, site), high, site);
}
// With one bound.
template <Element T, ScalarFor<T> S>
Tensor<T> clamp_min(const Tensor<T>& x, S min, Where site = Where::here()) {
    const T low = detail::scalar_as<T>(min, site);
    if constexpr (FractionElement<T>)
        return detail::elementwise<T>(
            detail::clamp_op<T>("clamp_min", detail::clamp_min_rule<T>, low, std::numeric_limits<double>::infinity()),
            x, {}, site);
    else
        return maximum(x, low, site);
}
template <Element T, ScalarFor<T> S>
Tensor<T> clamp_max(const Tensor<T>& x, S max, Where site = Where::here()) {
    const T high = detail::scalar_as<T>(max, site);
    if constexpr (FractionElement<T>)
        return detail::elementwise<T>(
            detail::clamp_op<T>("clamp_max", detail::clamp_max_rule<T>, -std::numeric_limits<double>::infinity(), high),
            x, {}, site);
    else
        return minimum(x, high, site);
}

namespace detail {
// Of a function that is constant where it has a derivative: nothing flows back, not even from NaN.
template <FractionElement T>
AnyTensor no_gradient(const Operands& o) {
    return expand(scalar_tensor(T{}, o.g.device(), {}), o.g.shape(), {});
}
template <FractionElement T>
AnyTensor pow_gradient(const Operands& o) {
    if (o.p0 == 0) return no_gradient<T>(o);  // 0 / x is not a number at 0
    return typed<T>(o.g) * (o.p0 * pow(typed<T>(o.a), o.p0 - 1));
}

template <Element T>
struct WhereFunction final : Function {
    static Tensor<T> forward(const Tensor<bool>& condition, const Tensor<T>& a, const Tensor<T>& b, Where site);
    // where(condition, g, 0) for a, where(condition, 0, g) for b: the same in both modes.
    void backward(Gradients& g) override {
        const auto mask = condition.get<bool>(*this);
        const auto dy = g.output<T>(), zero = scalar_tensor(T{}, output.device, site);
        for (int i = 0; i < 2; ++i)
            if (g.needs(i))
                g.add(i, sum_to(i == 0 ? forward(mask, dy, zero, site) : forward(mask, zero, dy, site), shapes[i], ops,
                                site));
    }
    void release_saved() override { condition.release(); }
    Saved condition;
    Shape shapes[2];
};

// The strides of where's result, everything checked.
AnyTensor new_where(const AnyTensor& condition, const AnyTensor& a, const AnyTensor& b, Where site);

template <Element T>
Tensor<T> WhereFunction<T>::forward(const Tensor<bool>& condition, const Tensor<T>& a, const Tensor<T>& b, Where site) {
    const auto out = typed<T>(new_where(condition, a, b, site));
    run_elementwise(cpu::kernel<T, Elementwise::where>, {out}, {&condition.untyped(), &a.untyped(), &b.untyped()},
                    "where", site);
    if constexpr (FractionElement<T>)
        return finish<WhereFunction>(out, "where", site, {a, b}, [&](WhereFunction& f) {
            f.condition = Saved(condition), f.shapes[0] = a.shape(), f.shapes[1] = b.shape();
        });
    observe(out, "where", site, {condition, a, b});
    return out;
}
}  // namespace detail

// a where the condition holds, else b; all three broadcast.
template <Element T>
Tensor<T> where(const Tensor<bool>& condition, const Tensor<T>& a, const Tensor<T>& b, Where site = Where::here()) {
    return detail::WhereFunction<T>::forward(condition, a, b, site);
}

namespace detail {
template <FractionElement T>
AnyTensor softplus_gradient(const Operands& o) {
    const auto g = typed<T>(o.g), z = typed<T>(o.a) * o.p0;
    return fathom::where(z > o.p1, g, g * sigmoid(z));
}
}  // namespace detail

}  // namespace fathom::inline v0

#ifndef FATHOM_COMPILED
#include "fathom/ops/math.inl.hpp"
#endif
