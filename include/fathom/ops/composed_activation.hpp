// More activations, made of those in math.hpp and activation.hpp.
#pragma once

#include <limits>

#include "fathom/ops/activation.hpp"
#include "fathom/ops/mask.hpp"
#include "fathom/ops/masked.hpp"
#include "fathom/ops/parts.hpp"
#include "fathom/ops/softmax.hpp"

namespace fathom::inline v0 {

// Barron 2017: x, or alpha (exp(x / alpha) - 1) below 0.
template <FractionElement T>
Tensor<T> celu(const Tensor<T>& x, double alpha = 1, Where site = Where::here()) {
    const char* name = "celu";
    if (alpha == 0) fail(name, site, {"alpha is 0"});
    const Tensor<T> y = elu(detail::affine(x, 1 / alpha, detail::no_constant, name, site), 1, site);
    return detail::affine(y, alpha, detail::no_constant, name, site);
}
// Klambauer et al., "Self-normalizing neural networks", NeurIPS 2017.
template <FractionElement T>
Tensor<T> selu(const Tensor<T>& x, Where site = Where::here()) {
    constexpr double alpha = 1.6732632423543772, scale = 1.0507009873554805;
    return detail::affine(elu(x, alpha, site), scale, detail::no_constant, "selu", site);
}
// x tanh(softplus(x)). Misra, "Mish", BMVC 2020.
template <FractionElement T>
Tensor<T> mish(const Tensor<T>& x, Where site = Where::here()) {
    const Tensor<T> gate = tanh(softplus(x, 1, std::numeric_limits<double>::infinity(), site), site);
    return mul(Operand<T>(x, site), Operand<T>(gate, site));
}
// x / (1 + |x|)
template <FractionElement T>
Tensor<T> softsign(const Tensor<T>& x, Where site = Where::here()) {
    const Tensor<T> divisor = detail::affine(abs(x, site), 1, 1, "softsign", site);
    return div(Operand<T>(x, site), Operand<T>(divisor, site));
}
template <FractionElement T>
Tensor<T> tanhshrink(const Tensor<T>& x, Where site = Where::here()) {
    return sub(Operand<T>(x, site), Operand<T>(tanh(x, site), site));
}
// x above the threshold, else the value.
template <FloatElement T>
Tensor<T> threshold(const Tensor<T>& x, double threshold, double value, Where site = Where::here()) {
    return where(less(Operand<T>(threshold, site), Operand<T>(x, site)), x, static_cast<T>(value), site);
}
// (x + 3) / 6, bounded to [0, 1].
template <FractionElement T>
Tensor<T> hardsigmoid(const Tensor<T>& x, Where site = Where::here()) {
    const char* name = "hardsigmoid";
    return detail::affine(relu6(detail::affine(x, 1, 3, name, site), site), 1.0 / 6, detail::no_constant, name, site);
}
template <FloatElement T>
Tensor<T> hardtanh(const Tensor<T>& x, double min = -1, double max = 1, Where site = Where::here()) {
    return clamp(x, static_cast<T>(min), static_cast<T>(max), site);
}
// x, or 0 within [-lambd, lambd].
template <FloatElement T>
Tensor<T> hardshrink(const Tensor<T>& x, double lambd = 0.5, Where site = Where::here()) {
    const Operand<T> in(x, site);
    const Tensor<bool> inside = logical_and(Operand<bool>(less_equal(Operand<T>(-lambd, site), in), site),
                                            Operand<bool>(less_equal(in, Operand<T>(lambd, site)), site));
    return where(inside, 0, x, site);
}
// Nearer to 0 by lambd; 0 within [-lambd, lambd].
template <FloatElement T>
Tensor<T> softshrink(const Tensor<T>& x, double lambd = 0.5, Where site = Where::here()) {
    if (!(lambd >= 0)) fail("softshrink", site, {"lambd ", lambd, ", expected at least 0"});
    const Tensor<T> inner = clamp(x, static_cast<T>(-lambd), static_cast<T>(lambd), site);
    return sub(Operand<T>(x, site), Operand<T>(inner, site));
}
// log(sigmoid(x))
template <FractionElement T>
Tensor<T> logsigmoid(const Tensor<T>& x, Where site = Where::here()) {
    const Tensor<T> y = softplus(neg(Operand<T>(x, site)), 1, std::numeric_limits<double>::infinity(), site);
    return neg(Operand<T>(y, site));
}
// a sigmoid(b) of the halves of x along dim. Dauphin et al., 2017.
template <FractionElement T>
Tensor<T> glu(const Tensor<T>& x, int dim = -1, Where site = Where::here()) {
    detail::require_defined(x, "glu", site);
    const std::int64_t size = x.size(dim, site), middle = size / 2;
    if (size % 2 != 0) fail("glu", site, {"dimension ", dim, " of ", x.shape(), " has an odd size"});
    const Tensor<T> a = narrow(x, dim, 0, middle, site), gate = sigmoid(narrow(x, dim, middle, middle, site), site);
    return mul(Operand<T>(a, site), Operand<T>(gate, site));
}
// softmax(-x)
template <FractionElement T>
Tensor<T> softmin(const Tensor<T>& x, int dim, Where site = Where::here()) {
    return softmax(neg(Operand<T>(x, site)), dim, site);
}

}  // namespace fathom::inline v0
