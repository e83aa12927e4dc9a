// More elementwise functions: log1p, rsqrt, sin, cos, erf, powers of tensors, lerp; sign, floor, ceil and round, whose
// gradient is 0 everywhere; isnan, isinf, isfinite. Next: activation.hpp.
#pragma once

#include <limits>

#include "fathom/ops/math.hpp"

namespace fathom::inline v0 {

namespace detail {

template <FractionElement T>
inline constexpr Rule no_gradient_rule = unary_rule<T, Elementwise::fill>("", &no_gradient<T>);
template <FractionElement T>
inline constexpr Rule log1p_rule = unary_rule<T, Elementwise::log1p_grad>("ga", [](const Operands& o) -> AnyTensor {
    return typed<T>(o.g) / (typed<T>(o.a) + 1);
});
template <FractionElement T>
inline constexpr Rule rsqrt_rule = unary_rule<T, Elementwise::rsqrt_grad>("gy", [](const Operands& o) -> AnyTensor {
    const auto y = typed<T>(o.y);
    return -0.5 * typed<T>(o.g) * (y * y * y);
});
template <FractionElement T>
inline constexpr Rule sin_rule = unary_rule<T, Elementwise::sin_grad>("ga", [](const Operands& o) -> AnyTensor {
    return typed<T>(o.g) * cos(typed<T>(o.a));
});
template <FractionElement T>
inline constexpr Rule cos_rule = unary_rule<T, Elementwise::cos_grad>("ga", [](const Operands& o) -> AnyTensor {
    return typed<T>(o.g) * -sin(typed<T>(o.a));
});
template <FractionElement T>
inline constexpr Rule erf_rule = unary_rule<T, Elementwise::erf_grad>("ga", [](const Operands& o) -> AnyTensor {
    return typed<T>(o.g) * (o.p0 * exp(-square(typed<T>(o.a))));
});
template <FractionElement T>
inline constexpr Rule lerp_rule = {
    {{"g", cpu::kernel<T, Elementwise::lerp_grad_a>, [](const Operands& o) { return scaled<T>(o.g, 1 - o.p0, {}); }},
     {"g", cpu::kernel<T, Elementwise::affine>, [](const Operands& o) { return scaled<T>(o.g, o.p0, {}); }, false}},
    &autograd::type_ops<T>};
template <FractionElement T>
AnyTensor power_gradient(const Operands& o);
template <FractionElement T>
AnyTensor exponent_gradient(const Operands& o);
template <FractionElement T>
inline constexpr Rule power_rule = {{{"gab", cpu::kernel<T, Elementwise::power_grad_a>, &power_gradient<T>},
                                     {"gab", cpu::kernel<T, Elementwise::power_grad_b>, &exponent_gradient<T>}},
                                    &autograd::type_ops<T>};

}  // namespace detail

// log(1 + x), exact for small x.
template <FractionElement T>
Tensor<T> log1p(const Tensor<T>& x, Where site = Where::here()) {
    return detail::elementwise<T>({"log1p", cpu::kernel<T, Elementwise::log1p>, &detail::log1p_rule<T>}, x, {}, site);
}
// 1 / sqrt(x)
template <FractionElement T>
Tensor<T> rsqrt(const Tensor<T>& x, Where site = Where::here()) {
    return detail::elementwise<T>({"rsqrt", cpu::kernel<T, Elementwise::rsqrt>, &detail::rsqrt_rule<T>}, x, {}, site);
}
template <FractionElement T>
Tensor<T> sin(const Tensor<T>& x, Where site = Where::here()) {
    return detail::elementwise<T>({"sin", cpu::kernel<T, Elementwise::sin>, &detail::sin_rule<T>}, x, {}, site);
}
template <FractionElement T>
Tensor<T> cos(const Tensor<T>& x, Where site = Where::here()) {
    return detail::elementwise<T>({"cos", cpu::kernel<T, Elementwise::cos>, &detail::cos_rule<T>}, x, {}, site);
}
// The error function.
template <FractionElement T>
Tensor<T> erf(const Tensor<T>& x, Where site = Where::here()) {
    constexpr double slope = 1.1283791670955126;  // 2 / sqrt(pi), at 0
    return detail::elementwise<T>({"erf", cpu::kernel<T, Elementwise::erf>, &detail::erf_rule<T>, slope}, x, {}, site);
}
// -1, 0 or 1; 0 of NaN.
template <Element T>
Tensor<T> sign(const Tensor<T>& x, Where site = Where::here()) {
    const detail::Rule* rule = nullptr;
    if constexpr (FractionElement<T>) rule = &detail::no_gradient_rule<T>;
    return detail::elementwise<T>({"sign", cpu::kernel<T, Elementwise::sign>, rule}, x, {}, site);
}
template <FractionElement T>
Tensor<T> floor(const Tensor<T>& x, Where site = Where::here()) {
    return detail::elementwise<T>({"floor", cpu::kernel<T, Elementwise::floor>, &detail::no_gradient_rule<T>}, x, {},
                                  site);
}
template <FractionElement T>
Tensor<T> ceil(const Tensor<T>& x, Where site = Where::here()) {
    return detail::elementwise<T>({"ceil", cpu::kernel<T, Elementwise::ceil>, &detail::no_gradient_rule<T>}, x, {},
                                  site);
}
// To the nearest integer, of two the even one.
template <FractionElement T>
Tensor<T> round(const Tensor<T>& x, Where site = Where::here()) {
    return detail::elementwise<T>({"round", cpu::kernel<T, Elementwise::round>, &detail::no_gradient_rule<T>}, x, {},
                                  site);
}

// a + weight (b - a)
template <FractionElement T>
Tensor<T> lerp(const Tensor<T>& a, const Tensor<T>& b, double weight, Where site = Where::here()) {
    detail::require_defined(b, "lerp", site);
    return detail::elementwise<T>({"lerp", cpu::kernel<T, Elementwise::lerp>, &detail::lerp_rule<T>, weight}, a, b,
                                  site);
}
template <FractionElement T>
Tensor<T> lerp(const Tensor<T>& a, const Tensor<T>& b, const Tensor<T>& weight, Where site = Where::here()) {
    const auto with = [&](const Tensor<T>& x) { return Operand<T>(x, site); };
    const Tensor<T> way = sub(with(b), with(a)), rest = sub(Operand<T>(1, site), with(weight));
    const Tensor<T> from_a = add(with(a), with(mul(with(weight), with(way)))),
                    from_b = sub(with(b), with(mul(with(way), with(rest))));
    return where(less(with(weight), Operand<T>(0.5, site)), from_a, from_b, site);
}

// x to the power of a tensor; the two broadcast.
template <FractionElement T>
Tensor<T> pow(const Tensor<T>& x, const Tensor<T>& exponent, Where site = Where::here()) {
    return detail::binary<T, Elementwise::power>("pow", &detail::power_rule<T>, Operand<T>(x, site),
                                                 Operand<T>(exponent, site));
}
template <FractionElement T, ScalarFor<T> S>
Tensor<T> pow(S x, const Tensor<T>& exponent, Where site = Where::here()) {
    return detail::binary<T, Elementwise::power>("pow", &detail::power_rule<T>, Operand<T>(x, site),
                                                 Operand<T>(exponent, site));
}

// What is no number, is infinite, is a finite number; integers are all the last.
template <Element T>
Tensor<bool> isnan(const Tensor<T>& x, Where site = Where::here()) {
    return not_equal(Operand<T>(x, site), Operand<T>(x, site));
}
template <Element T>
Tensor<bool> isinf(const Tensor<T>& x, Where site = Where::here()) {
    if constexpr (FractionElement<T>)
        return equal(Operand<T>(abs(x, site), site),
                     Operand<T>(std::numeric_limits<ArithmeticOf<T>>::infinity(), site));
    else
        return not_equal(Operand<T>(x, site), Operand<T>(x, site));
}
template <Element T>
Tensor<bool> isfinite(const Tensor<T>& x, Where site = Where::here()) {
    if constexpr (FractionElement<T>)
        return less(Operand<T>(abs(x, site), site), Operand<T>(std::numeric_limits<ArithmeticOf<T>>::infinity(), site));
    else
        return equal(Operand<T>(x, site), Operand<T>(x, site));
}

namespace detail {
// b a^(b - 1), and a^b log a. None where b is 0, and where a power of 0 is 0 for exponents nearby too.
template <FractionElement T>
AnyTensor power_gradient(const Operands& o) {
    const auto a = typed<T>(o.a), b = typed<T>(o.b);
    return fathom::where(b == 0, scalar_tensor(T{}, o.g.device(), {}), typed<T>(o.g) * (b * fathom::pow(a, b - 1)));
}
template <FractionElement T>
AnyTensor exponent_gradient(const Operands& o) {
    const auto a = typed<T>(o.a), b = typed<T>(o.b);
    const Tensor<bool> of_zero = a == 0, none = fathom::where(of_zero, b >= 0, of_zero);
    return fathom::where(none, scalar_tensor(T{}, o.g.device(), {}), typed<T>(o.g) * (fathom::pow(a, b) * log(a)));
}
}  // namespace detail

}  // namespace fathom::inline v0
