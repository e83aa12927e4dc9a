// Elementwise functions: exp, log, sqrt, pow, activations, clamp, maximum, minimum, where.
// Gradients at kinks: |x| 0 at 0; ReLU and leaky ReLU take the negative side at 0; clamp none at exactly its bounds; a
// tie of maximum or minimum gives each side half.
#pragma once

#include "fathom/ops/arithmetic.hpp"

namespace fathom::inline v0 {

namespace detail {

template <FloatElement T, Elementwise grad>
constexpr Rule unary_rule(const char* operands, AnyTensor (*recorded)(const Operands&)) {
    return {{{operands, cpu::kernel<T, grad>, recorded}, {}}, &autograd::type_ops<T>, &mul_recorded<T>};
}
template <FloatElement T>
inline constexpr Rule exp_rule = unary_rule<T, Elementwise::exp_grad>("gy", [](const Operands& o) {
    return mul_recorded<T>(o.g, o.y);
});
template <FloatElement T>
inline constexpr Rule log_rule = unary_rule<T, Elementwise::log_grad>("ga", [](const Operands& o) -> AnyTensor {
    return typed<T>(o.g) / typed<T>(o.a);
});
template <FloatElement T>
inline constexpr Rule sqrt_rule = unary_rule<T, Elementwise::sqrt_grad>("gy", [](const Operands& o) -> AnyTensor {
    return typed<T>(o.g) / (2 * typed<T>(o.y));
});
template <FloatElement T>
inline constexpr Rule square_rule = unary_rule<T, Elementwise::square_grad>("ga", [](const Operands& o) -> AnyTensor {
    return 2 * typed<T>(o.g) * typed<T>(o.a);
});
template <FloatElement T>
AnyTensor pow_gradient(const Operands& o);
template <FloatElement T>
inline constexpr Rule pow_rule = unary_rule<T, Elementwise::pow_grad>("ga", &pow_gradient<T>);
template <FloatElement T>
inline constexpr Rule sigmoid_rule = unary_rule<T, Elementwise::sigmoid_grad>("gy", [](const Operands& o) -> AnyTensor {
    return typed<T>(o.g) * typed<T>(o.y) * (1 - typed<T>(o.y));
});
template <FloatElement T>
inline constexpr Rule tanh_rule = unary_rule<T, Elementwise::tanh_grad>("gy", [](const Operands& o) -> AnyTensor {
    return typed<T>(o.g) * (1 - typed<T>(o.y) * typed<T>(o.y));
});
template <FloatElement T>
AnyTensor softplus_gradient(const Operands& o);
template <FloatElement T>
inline constexpr Rule softplus_rule = unary_rule<T, Elementwise::softplus_grad>("ga", &softplus_gradient<T>);
// Piecewise linear: the slope is constant where it exists.
template <FloatElement T>
inline constexpr Rule abs_rule = unary_rule<T, Elementwise::abs_grad>("ga", nullptr);
template <FloatElement T>
inline constexpr Rule relu_rule = unary_rule<T, Elementwise::relu_grad>("gy", nullptr);
template <FloatElement T>
inline constexpr Rule leaky_relu_rule = unary_rule<T, Elementwise::leaky_relu_grad>("ga", nullptr);
template <FloatElement T>
inline constexpr Rule clamp_rule = unary_rule<T, Elementwise::clamp_grad>("ga", nullptr);
template <FloatElement T>
inline constexpr Rule maximum_rule = {
    {{"gab", cpu::kernel<T, Elementwise::maximum_grad_a>}, {"gba", cpu::kernel<T, Elementwise::maximum_grad_a>}},
    &autograd::type_ops<T>,
    &mul_recorded<T>};
template <FloatElement T>
inline constexpr Rule minimum_rule = {
    {{"gab", cpu::kernel<T, Elementwise::minimum_grad_a>}, {"gba", cpu::kernel<T, Elementwise::minimum_grad_a>}},
    &autograd::type_ops<T>,
    &mul_recorded<T>};

}  // namespace detail

template <FloatElement T>
Tensor<T> exp(const Tensor<T>& x, Where site = Where::here()) {
    return detail::elementwise<T>({"exp", cpu::kernel<T, Elementwise::exp>, &detail::exp_rule<T>}, x, {}, site);
}
template <FloatElement T>
Tensor<T> log(const Tensor<T>& x, Where site = Where::here()) {
    return detail::elementwise<T>({"log", cpu::kernel<T, Elementwise::log>, &detail::log_rule<T>}, x, {}, site);
}
template <FloatElement T>
Tensor<T> sqrt(const Tensor<T>& x, Where site = Where::here()) {
    return detail::elementwise<T>({"sqrt", cpu::kernel<T, Elementwise::sqrt>, &detail::sqrt_rule<T>}, x, {}, site);
}
template <FloatElement T>
Tensor<T> square(const Tensor<T>& x, Where site = Where::here()) {
    return detail::elementwise<T>({"square", cpu::kernel<T, Elementwise::square>, &detail::square_rule<T>}, x, {},
                                  site);
}
template <FloatElement T>
Tensor<T> pow(const Tensor<T>& x, double exponent, Where site = Where::here()) {
    return detail::elementwise<T>({"pow", cpu::kernel<T, Elementwise::pow>, &detail::pow_rule<T>, exponent}, x, {},
                                  site);
}
template <FloatElement T>
Tensor<T> abs(const Tensor<T>& x, Where site = Where::here()) {
    return detail::elementwise<T>({"abs", cpu::kernel<T, Elementwise::abs>, &detail::abs_rule<T>}, x, {}, site);
}
template <FloatElement T>
Tensor<T> relu(const Tensor<T>& x, Where site = Where::here()) {
    return detail::elementwise<T>({"relu", cpu::kernel<T, Elementwise::relu>, &detail::relu_rule<T>}, x, {}, site);
}
template <FloatElement T>
Tensor<T> leaky_relu(const Tensor<T>& x, double negative_slope = 0.01, Where site = Where::here()) {
    return detail::elementwise<T>(
        {"leaky_relu", cpu::kernel<T, Elementwise::leaky_relu>, &detail::leaky_relu_rule<T>, negative_slope}, x, {},
        site);
}
template <FloatElement T>
Tensor<T> sigmoid(const Tensor<T>& x, Where site = Where::here()) {
    return detail::elementwise<T>({"sigmoid", cpu::kernel<T, Elementwise::sigmoid>, &detail::sigmoid_rule<T>}, x, {},
                                  site);
}
template <FloatElement T>
Tensor<T> tanh(const Tensor<T>& x, Where site = Where::here()) {
    return detail::elementwise<T>({"tanh", cpu::kernel<T, Elementwise::tanh>, &detail::tanh_rule<T>}, x, {}, site);
}
// log(1 + exp(x)), a smooth ReLU.
template <FloatElement T>
Tensor<T> softplus(const Tensor<T>& x, Where site = Where::here()) {
    return detail::elementwise<T>({"softplus", cpu::kernel<T, Elementwise::softplus>, &detail::softplus_rule<T>}, x, {},
                                  site);
}
// To [min, max]; min <= max.
template <FloatElement T>
Tensor<T> clamp(const Tensor<T>& x, std::type_identity_t<T> min, std::type_identity_t<T> max,
                Where site = Where::here()) {
    if (!(min <= max)) fail("clamp", site, {"min ", min, " is above max ", max});
    return detail::elementwise<T>({"clamp", cpu::kernel<T, Elementwise::clamp>, &detail::clamp_rule<T>, min, max}, x,
                                  {}, site);
}
template <FloatElement T>
Tensor<T> maximum(const Tensor<T>& a, const Tensor<T>& b, Where site = Where::here()) {
    return detail::binary<T, Elementwise::maximum>("maximum", &detail::maximum_rule<T>, Operand<T>(a, site),
                                                   Operand<T>(b, site));
}
template <FloatElement T>
Tensor<T> minimum(const Tensor<T>& a, const Tensor<T>& b, Where site = Where::here()) {
    return detail::binary<T, Elementwise::minimum>("minimum", &detail::minimum_rule<T>, Operand<T>(a, site),
                                                   Operand<T>(b, site));
}

namespace detail {
template <FloatElement T>
AnyTensor softplus_gradient(const Operands& o) {
    return typed<T>(o.g) * sigmoid(typed<T>(o.a));
}
template <FloatElement T>
AnyTensor pow_gradient(const Operands& o) {
    if (o.p0 == 0) return expand(scalar_tensor(T{}, o.g.device(), {}), o.g.shape(), {});  // 0 / x is not a number at 0
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
    if constexpr (FloatElement<T>)
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

}  // namespace fathom::inline v0

#ifndef FATHOM_COMPILED
#include "fathom/ops/math.inl.hpp"
#endif
