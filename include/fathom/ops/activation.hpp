// More activations: ELU, GELU, SiLU, hard swish, ReLU6, PReLU. ReLU, leaky ReLU, sigmoid, tanh, softplus: math.hpp.
#pragma once

#include "fathom/ops/functions.hpp"

namespace fathom::inline v0 {

namespace detail {

template <FractionElement T>
AnyTensor elu_gradient(const Operands& o);
template <FractionElement T>
inline constexpr Rule elu_rule = unary_rule<T, Elementwise::elu_grad>("ga", &elu_gradient<T>);
template <FractionElement T>
AnyTensor gelu_gradient(const Operands& o);
template <FractionElement T>
inline constexpr Rule gelu_rule = unary_rule<T, Elementwise::gelu_grad>("ga", &gelu_gradient<T>);
template <FractionElement T>
AnyTensor gelu_tanh_gradient(const Operands& o);
template <FractionElement T>
inline constexpr Rule gelu_tanh_rule = unary_rule<T, Elementwise::gelu_tanh_grad>("ga", &gelu_tanh_gradient<T>);
template <FractionElement T>
inline constexpr Rule silu_rule = unary_rule<T, Elementwise::silu_grad>("ga", [](const Operands& o) -> AnyTensor {
    const auto x = typed<T>(o.a), s = sigmoid(x);
    return typed<T>(o.g) * (s * (1 + x * (1 - s)));
});
template <FractionElement T>
AnyTensor hardswish_gradient(const Operands& o);
template <FractionElement T>
inline constexpr Rule hardswish_rule = unary_rule<T, Elementwise::hardswish_grad>("ga", &hardswish_gradient<T>);
template <FractionElement T>
inline constexpr Rule relu6_rule = unary_rule<T, Elementwise::relu6_grad>("ga", nullptr);
template <FractionElement T>
AnyTensor prelu_gradient(const Operands& o);
template <FractionElement T>
AnyTensor prelu_weight_gradient(const Operands& o);
template <FractionElement T>
inline constexpr Rule prelu_rule = {{{"gab", cpu::kernel<T, Elementwise::prelu_grad_a>, &prelu_gradient<T>},
                                     {"gab", cpu::kernel<T, Elementwise::prelu_grad_b>, &prelu_weight_gradient<T>}},
                                    &autograd::type_ops<T>};

}  // namespace detail

// x where it is above 0, else alpha (exp(x) - 1).
template <FractionElement T>
Tensor<T> elu(const Tensor<T>& x, double alpha = 1, Where site = Where::here()) {
    return detail::elementwise<T>({"elu", cpu::kernel<T, Elementwise::elu>, &detail::elu_rule<T>, alpha}, x, {}, site);
}

// How GELU's share of x, the normal distribution's below x, is computed: exactly, or as a hyperbolic tangent.
enum class GeluApproximate { none, tanh };

// Hendrycks and Gimpel, Gaussian Error Linear Units, 2016.
//   none: x (1 + erf(x / sqrt(2))) / 2
//   tanh: x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2
template <FractionElement T>
Tensor<T> gelu(const Tensor<T>& x, GeluApproximate approximate = GeluApproximate::none, Where site = Where::here()) {
    constexpr double root_half = 0.7071067811865476, density = 0.3989422804014327;  // sqrt(1 / 2), 1 / sqrt(2 pi)
    if (approximate == GeluApproximate::none)
        return detail::elementwise<T>(
            {"gelu", cpu::kernel<T, Elementwise::gelu>, &detail::gelu_rule<T>, root_half, density}, x, {}, site);
    return detail::elementwise<T>(
        {"gelu", cpu::kernel<T, Elementwise::gelu_tanh>, &detail::gelu_tanh_rule<T>, 2 * density, 0.044715}, x, {},
        site);
}
// x sigmoid(x), also called swish.
template <FractionElement T>
Tensor<T> silu(const Tensor<T>& x, Where site = Where::here()) {
    return detail::elementwise<T>({"silu", cpu::kernel<T, Elementwise::silu>, &detail::silu_rule<T>}, x, {}, site);
}
// x min(max(x + 3, 0), 6) / 6
template <FractionElement T>
Tensor<T> hardswish(const Tensor<T>& x, Where site = Where::here()) {
    return detail::elementwise<T>(
        {"hardswish", cpu::kernel<T, Elementwise::hardswish>, &detail::hardswish_rule<T>, 3, 6}, x, {}, site);
}
// min(max(x, 0), 6)
template <FractionElement T>
Tensor<T> relu6(const Tensor<T>& x, Where site = Where::here()) {
    return detail::elementwise<T>(detail::clamp_op<T>("relu6", detail::relu6_rule<T>, 0, 6), x, {}, site);
}

namespace detail {
// weight as a tensor that broadcasts to x of `shape`, checked.
Shape prelu_weight_shape(const Shape& shape, const Shape& weight, Where site);
}  // namespace detail

// x where it is above 0, else weight x. weight: one number, or one for each channel, dimension 1 of x.
template <FractionElement T>
Tensor<T> prelu(const Tensor<T>& x, const Tensor<T>& weight, Where site = Where::here()) {
    detail::require_defined(x, "prelu", site), detail::require_defined(weight, "prelu", site);
    const Tensor<T> w = weight.rank() == 0
                            ? weight
                            : reshape(weight, detail::prelu_weight_shape(x.shape(), weight.shape(), site), site);
    return detail::binary<T, Elementwise::prelu>("prelu", &detail::prelu_rule<T>, Operand<T>(x, site),
                                                 Operand<T>(w, site));
}

namespace detail {
template <FractionElement T>
AnyTensor elu_gradient(const Operands& o) {
    const auto x = typed<T>(o.a), g = typed<T>(o.g);
    const auto bent = x <= 0;
    // Elsewhere the exponential may be infinite, and nothing times that is no number.
    const auto below = fathom::where(bent, x, scalar_tensor(T{}, o.g.device(), {}));
    return fathom::where(bent, g * (o.p0 * exp(below)), g);
}
template <FractionElement T>
AnyTensor gelu_gradient(const Operands& o) {
    const auto x = typed<T>(o.a);
    return typed<T>(o.g) * (0.5 * (1 + erf(x * o.p0)) + o.p1 * x * exp(-0.5 * square(x)));
}
template <FractionElement T>
AnyTensor gelu_tanh_gradient(const Operands& o) {
    const auto x = typed<T>(o.a), z = square(x), t = tanh(o.p0 * (x + o.p1 * x * z));
    return typed<T>(o.g) * (0.5 * (1 + t) * (1 + x * (1 - t) * (o.p0 * (1 + 3 * o.p1 * z))));
}
template <FractionElement T>
AnyTensor hardswish_gradient(const Operands& o) {
    const auto x = typed<T>(o.a), g = typed<T>(o.g), zero = scalar_tensor(T{}, o.g.device(), {});
    const auto inside = fathom::where(x > -o.p0, g * (x / o.p0 + 0.5), zero);
    return fathom::where(x < o.p0, inside, g);
}
template <FractionElement T>
AnyTensor prelu_gradient(const Operands& o) {
    const auto g = typed<T>(o.g);
    return fathom::where(typed<T>(o.a) > 0, g, g * typed<T>(o.b));
}
template <FractionElement T>
AnyTensor prelu_weight_gradient(const Operands& o) {
    const auto x = typed<T>(o.a);
    return fathom::where(x > 0, scalar_tensor(T{}, o.g.device(), {}), typed<T>(o.g) * x);
}
}  // namespace detail

}  // namespace fathom::inline v0

#ifndef FATHOM_COMPILED
#include "fathom/ops/activation.inl.hpp"
#endif
