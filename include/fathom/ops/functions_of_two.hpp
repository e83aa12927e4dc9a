// Elementwise functions of two tensors, which broadcast: quotients and their rests, sums of exponentials, choices.
#pragma once

#include "fathom/ops/composed_functions.hpp"

namespace fathom::inline v0 {

enum class Rounding { trunc, floor };

// a / b, rounded; no gradient.
template <FractionElement T>
Tensor<T> div(const Tensor<T>& a, const Tensor<T>& b, Rounding rounding, Where site = Where::here()) {
    const Tensor<T> quotient = div(Operand<T>(a, site), Operand<T>(b, site));
    return rounding == Rounding::trunc ? trunc(quotient, site) : floor(quotient, site);
}
template <FractionElement T>
Tensor<T> floor_divide(const Tensor<T>& a, const Tensor<T>& b, Where site = Where::here()) {
    return div(a, b, Rounding::floor, site);
}
// a - b trunc(a / b), with the sign of a; a - b floor(a / b), with the sign of b.
template <FractionElement T>
Tensor<T> fmod(const Tensor<T>& a, const Tensor<T>& b, Where site = Where::here()) {
    const Tensor<T> whole = mul(Operand<T>(b, site), Operand<T>(div(a, b, Rounding::trunc, site), site));
    return sub(Operand<T>(a, site), Operand<T>(whole, site));
}
template <FractionElement T>
Tensor<T> remainder(const Tensor<T>& a, const Tensor<T>& b, Where site = Where::here()) {
    const Tensor<T> whole = mul(Operand<T>(b, site), Operand<T>(div(a, b, Rounding::floor, site), site));
    return sub(Operand<T>(a, site), Operand<T>(whole, site));
}

// sqrt(a^2 + b^2), without overflow.
template <FractionElement T>
Tensor<T> hypot(const Tensor<T>& a, const Tensor<T>& b, Where site = Where::here()) {
    const auto at = [&](const Tensor<T>& v) { return Operand<T>(v, site); };
    const Tensor<T> larger = maximum(abs(a.detach(), site), abs(b.detach(), site), site);
    const Tensor<bool> scales = logical_and(Operand<bool>(isfinite(larger, site), site),
                                            Operand<bool>(not_equal(at(larger), Operand<T>(0, site)), site));
    const Tensor<T> scale = where(scales, larger, 1, site), p = square(div(at(a), at(scale)), site),
                    q = square(div(at(b), at(scale)), site), root = sqrt(add(at(p), at(q)), site);
    return mul(at(root), at(scale));
}
// x log(y), 0 where x is 0.
template <FractionElement T>
Tensor<T> xlogy(const Tensor<T>& x, const Tensor<T>& y, Where site = Where::here()) {
    const Tensor<bool> none = logical_and(Operand<bool>(equal(Operand<T>(x, site), Operand<T>(0, site)), site),
                                          Operand<bool>(equal(Operand<T>(y, site), Operand<T>(y, site)), site));
    const Tensor<T> logarithm = log(where(none, 1, y, site), site);
    return where(none, 0, mul(Operand<T>(x, site), Operand<T>(logarithm, site)), site);
}
// log(exp(a) + exp(b)), and to base 2.
template <FractionElement T>
Tensor<T> logaddexp(const Tensor<T>& a, const Tensor<T>& b, Where site = Where::here()) {
    const auto at = [&](const Tensor<T>& v) { return Operand<T>(v, site); };
    // Equal infinities have no difference.
    const Tensor<T> apart = where(equal(at(a), at(b)), 0, abs(sub(at(a), at(b)), site), site),
                    larger = maximum(a, b, site), rest = log1p(exp(neg(at(apart)), site), site);
    return add(at(larger), at(rest));
}
template <FractionElement T>
Tensor<T> logaddexp2(const Tensor<T>& a, const Tensor<T>& b, Where site = Where::here()) {
    constexpr double log_2 = 0.6931471805599453;
    const auto scaled = [&](const Tensor<T>& x, double factor) {
        return detail::multiple(x, factor, "logaddexp2", site);
    };
    return scaled(logaddexp(scaled(a, log_2), scaled(b, log_2), site), 1 / log_2);
}
// a 2^b.
template <FractionElement T>
Tensor<T> ldexp(const Tensor<T>& a, const Tensor<T>& b, Where site = Where::here()) {
    return mul(Operand<T>(a, site), Operand<T>(exp2(b, site), site));
}
// a with the sign of b.
template <FractionElement T>
Tensor<T> copysign(const Tensor<T>& a, const Tensor<T>& b, Where site = Where::here()) {
    const Tensor<T> size = abs(a, site);
    return where(signbit(b.detach(), site), neg(Operand<T>(size, site)), size, site);
}
// 0 below 0, 1 above it, `at_zero` at 0.
template <FractionElement T>
Tensor<T> heaviside(const Tensor<T>& x, const Tensor<T>& at_zero, Where site = Where::here()) {
    const Tensor<T> steps = to<T>(less(Operand<T>(0, site), Operand<T>(x, site)), site);
    return where(isnan(x, site), x.detach(),
                 where(equal(Operand<T>(x, site), Operand<T>(0, site)), at_zero, steps, site), site);
}
// As maximum and minimum, but of a NaN and a number the number.
template <FractionElement T>
Tensor<T> fmax(const Tensor<T>& a, const Tensor<T>& b, Where site = Where::here()) {
    return where(isnan(a, site), b, where(isnan(b, site), a, maximum(a, b, site), site), site);
}
template <FractionElement T>
Tensor<T> fmin(const Tensor<T>& a, const Tensor<T>& b, Where site = Where::here()) {
    return where(isnan(a, site), b, where(isnan(b, site), a, minimum(a, b, site), site), site);
}

// Where |a - b| is at most atol + rtol |b|; equal infinities are close, NaN only with equal_nan.
template <FractionElement T>
Tensor<bool> isclose(const Tensor<T>& a, const Tensor<T>& b, double rtol = 1e-5, double atol = 1e-8,
                     bool equal_nan = false, Where site = Where::here()) {
    const auto at = [&](const Tensor<T>& v) { return Operand<T>(v, site); };
    const auto mask = [&](const Tensor<bool>& m) { return Operand<bool>(m, site); };
    const Tensor<T> p = a.detach(), q = b.detach(), apart = abs(sub(at(p), at(q)), site),
                    allowed = detail::affine(abs(q, site), rtol, atol, "isclose", site);
    const Tensor<bool> within = logical_and(mask(less_equal(at(apart), at(allowed))), mask(isfinite(apart, site))),
                       close = logical_or(mask(within), mask(equal(at(p), at(q))));
    if (!equal_nan) return close;
    return logical_or(mask(close), mask(logical_and(mask(isnan(p, site)), mask(isnan(q, site)))));
}
// Whether all are.
template <FractionElement T>
bool allclose(const Tensor<T>& a, const Tensor<T>& b, double rtol = 1e-5, double atol = 1e-8, bool equal_nan = false,
              Where site = Where::here()) {
    return all(isclose(a, b, rtol, atol, equal_nan, site), {}, false, site).item(site);
}

}  // namespace fathom::inline v0
