// Elementwise functions made of those in math.hpp and functions.hpp: exponentials, hyperbolic functions, logarithms to
// other bases, parts of numbers. Of two numbers: functions_of_two.hpp.
#pragma once

#include <cmath>
#include <limits>

#include "fathom/ops/functions.hpp"
#include "fathom/ops/mask.hpp"
#include "fathom/ops/masked.hpp"

namespace fathom::inline v0 {

namespace detail {
template <FractionElement T>
Tensor<T> multiple(const Tensor<T>& x, double factor, const char* name, Where site) {
    return affine(x, factor, no_constant, name, site);
}
// |x| with slope 1 at 0, for what makes an odd function of its positive side.
template <FractionElement T>
Tensor<T> size_of(const Tensor<T>& x, const Tensor<bool>& below, Where site) {
    return where(below, neg(Operand<T>(x, site)), x, site);
}
}  // namespace detail

// exp(x) - 1, exact for small x too: tanh(x / 2) (exp(x) + 1).
template <FractionElement T>
Tensor<T> expm1(const Tensor<T>& x, Where site = Where::here()) {
    const Tensor<T> tangent = tanh(detail::multiple(x, 0.5, "expm1", site), site),
                    more = detail::affine(exp(x, site), 1, 1, "expm1", site);
    return mul(Operand<T>(tangent, site), Operand<T>(more, site));
}
template <FractionElement T>
Tensor<T> exp2(const Tensor<T>& x, Where site = Where::here()) {
    return pow(2, x, site);
}
template <FractionElement T>
Tensor<T> log2(const Tensor<T>& x, Where site = Where::here()) {
    return detail::multiple(log(x, site), 1.4426950408889634, "log2", site);
}
template <FractionElement T>
Tensor<T> log10(const Tensor<T>& x, Where site = Where::here()) {
    return detail::multiple(log(x, site), 0.4342944819032518, "log10", site);
}

template <FractionElement T>
Tensor<T> tan(const Tensor<T>& x, Where site = Where::here()) {
    const Tensor<T> s = sin(x, site), c = cos(x, site);
    return div(Operand<T>(s, site), Operand<T>(c, site));
}
template <FractionElement T>
Tensor<T> cosh(const Tensor<T>& x, Where site = Where::here()) {
    const Tensor<T> up = exp(x, site), down = exp(neg(Operand<T>(x, site)), site);
    return detail::multiple(add(Operand<T>(up, site), Operand<T>(down, site)), 0.5, "cosh", site);
}
template <FractionElement T>
Tensor<T> sinh(const Tensor<T>& x, Where site = Where::here()) {
    const Tensor<T> c = cosh(x, site), t = tanh(x, site);
    return mul(Operand<T>(t, site), Operand<T>(c, site));
}
// sign(x) log(|x| + sqrt(x^2 + 1)), by log1p(|x| + x^2 / (1 + sqrt(x^2 + 1))); of large numbers, whose squares may
// overflow, log(2 |x|).
template <FractionElement T>
Tensor<T> asinh(const Tensor<T>& x, Where site = Where::here()) {
    const auto at = [&](const Tensor<T>& v) { return Operand<T>(v, site); };
    const Tensor<bool> below = less(at(x), Operand<T>(0, site));
    const Tensor<T> size = detail::size_of(x, below, site);
    const Tensor<bool> large = less(Operand<T>(1e9, site), at(size));
    const Tensor<T> bounded = where(large, 1, size, site), squares = square(bounded, site),
                    root = sqrt(detail::affine(squares, 1, 1, "asinh", site), site),
                    rest = div(at(squares), at(detail::affine(root, 1, 1, "asinh", site))),
                    of_small = log1p(add(at(bounded), at(rest)), site),
                    of_large =
                        detail::affine(log(where(large, size, 1, site), site), 1, 0.6931471805599453, "asinh", site);
    return detail::size_of(where(large, of_large, of_small, site), below, site);
}
// log(x + sqrt(x^2 - 1)), for x from 1 on, by log1p of what is above 1.
template <FractionElement T>
Tensor<T> acosh(const Tensor<T>& x, Where site = Where::here()) {
    const auto at = [&](const Tensor<T>& v) { return Operand<T>(v, site); };
    const Tensor<T> above = detail::affine(x, 1, -1, "acosh", site),
                    more = sqrt(detail::affine(x, 1, 1, "acosh", site), site),
                    root = mul(at(sqrt(above, site)), at(more));
    return log1p(add(at(above), at(root)), site);
}
// log((1 + x) / (1 - x)) / 2.
template <FractionElement T>
Tensor<T> atanh(const Tensor<T>& x, Where site = Where::here()) {
    const Tensor<T> up = log1p(x, site), down = log1p(neg(Operand<T>(x, site)), site);
    return detail::multiple(sub(Operand<T>(up, site), Operand<T>(down, site)), 0.5, "atanh", site);
}

// Towards zero, and what that leaves.
template <FractionElement T>
Tensor<T> trunc(const Tensor<T>& x, Where site = Where::here()) {
    return where(less(Operand<T>(x, site), Operand<T>(0, site)), ceil(x, site), floor(x, site), site);
}
template <FractionElement T>
Tensor<T> frac(const Tensor<T>& x, Where site = Where::here()) {
    return sub(Operand<T>(x, site), Operand<T>(trunc(x, site), site));
}
// To so many decimal places, of two numbers the even one; below 0 to tens, hundreds, ...
template <FractionElement T>
Tensor<T> round(const Tensor<T>& x, int decimals, Where site = Where::here()) {
    const double ten = std::pow(10.0, decimals < 0 ? -decimals : decimals);
    const auto by = [&](const Tensor<T>& v, bool up) {
        return up ? detail::multiple(v, ten, "round", site) : div(Operand<T>(v, site), Operand<T>(ten, site));
    };
    return by(round(by(x, decimals >= 0), site), decimals < 0);
}
// Whether the sign is minus, of -0 too.
template <FractionElement T>
Tensor<bool> signbit(const Tensor<T>& x, Where site = Where::here()) {
    const Tensor<T> zero_shown =
        where(equal(Operand<T>(x, site), Operand<T>(0, site)), div(Operand<T>(1, site), Operand<T>(x, site)), x, site);
    return less(Operand<T>(zero_shown, site), Operand<T>(0, site));
}
template <FractionElement T>
Tensor<bool> isposinf(const Tensor<T>& x, Where site = Where::here()) {
    return equal(Operand<T>(x, site), Operand<T>(std::numeric_limits<ArithmeticOf<T>>::infinity(), site));
}
template <FractionElement T>
Tensor<bool> isneginf(const Tensor<T>& x, Where site = Where::here()) {
    return equal(Operand<T>(x, site), Operand<T>(-std::numeric_limits<ArithmeticOf<T>>::infinity(), site));
}
// Other numbers in place of NaN and the infinities.
template <FloatElement T>
Tensor<T> nan_to_num(const Tensor<T>& x, double nan = 0, double posinf = std::numeric_limits<T>::max(),
                     double neginf = std::numeric_limits<T>::lowest(), Where site = Where::here()) {
    const Tensor<T> numbers = where(isnan(x, site), static_cast<T>(nan), x, site),
                    bounded = where(isposinf(numbers, site), static_cast<T>(posinf), numbers, site);
    return where(isneginf(numbers, site), static_cast<T>(neginf), bounded, site);
}

template <FractionElement T>
Tensor<T> deg2rad(const Tensor<T>& x, Where site = Where::here()) {
    return detail::multiple(x, 0.017453292519943295, "deg2rad", site);
}
template <FractionElement T>
Tensor<T> rad2deg(const Tensor<T>& x, Where site = Where::here()) {
    return detail::multiple(x, 57.29577951308232, "rad2deg", site);
}
// sin(pi x) / (pi x), 1 at 0; of second gradients there is none at 0.
template <FractionElement T>
Tensor<T> sinc(const Tensor<T>& x, Where site = Where::here()) {
    const Tensor<bool> zero = equal(Operand<T>(x, site), Operand<T>(0, site));
    const Tensor<T> angle = detail::multiple(where(zero, 1, x, site), 3.141592653589793, "sinc", site),
                    s = sin(angle, site);
    return where(zero, 1, div(Operand<T>(s, site), Operand<T>(angle, site)), site);
}
// log(x / (1 - x)).
template <FractionElement T>
Tensor<T> logit(const Tensor<T>& x, Where site = Where::here()) {
    const Tensor<T> up = log(x, site), down = log1p(neg(Operand<T>(x, site)), site);
    return sub(Operand<T>(up, site), Operand<T>(down, site));
}
// Of x bounded to [eps, 1 - eps].
template <FloatElement T>
Tensor<T> logit(const Tensor<T>& x, double eps, Where site = Where::here()) {
    if (!(eps >= 0 && eps <= 0.5)) fail("logit", site, {"eps ", eps, ", expected one in [0, 0.5]"});
    return logit(clamp(x, static_cast<T>(eps), static_cast<T>(1 - eps), site), site);
}

}  // namespace fathom::inline v0
