// normalize (to length 1), rms_norm, local_response_norm.
#pragma once

#include <limits>

#include "fathom/ops/norm.hpp"
#include "fathom/ops/pad.hpp"
#include "fathom/ops/parts.hpp"

namespace fathom::inline v0 {

// x divided by its p-norms along dim, which are at least eps.
template <FloatElement T>
Tensor<T> normalize(const Tensor<T>& x, double p = 2, int dim = 1, double eps = 1e-12, Where site = Where::here()) {
    const Tensor<T> length = clamp_min(norm(x, p, {dim}, true, site), eps, site);
    return div(Operand<T>(x, site), Operand<T>(length, site));
}

// Zhang and Sennrich, "Root mean square layer normalization", NeurIPS 2019: x / sqrt(mean(x^2) + eps) over the last
// dimensions, which have normalized_shape, times weight, of that shape, if defined.
template <FloatElement T>
Tensor<T> rms_norm(const Tensor<T>& x, const Shape& normalized_shape,
                   const std::type_identity_t<Tensor<T>>& weight = {}, double eps = std::numeric_limits<T>::epsilon(),
                   Where site = Where::here()) {
    const char* name = "rms_norm";
    detail::require_defined(x, name, site);
    const int count = normalized_shape.rank();
    if (count == 0 || count > x.rank() ||
        !(Shape::from(x.shape().end() - count, x.shape().end()) == normalized_shape) ||
        (weight.defined() && !(weight.shape() == normalized_shape)))
        fail(name, site,
             {"input has shape ", x.shape(), ", expected one that ends in ", normalized_shape,
              weight.defined() ? ", and a weight of that shape" : ""});
    Shape dims;
    for (int d = x.rank() - count; d < x.rank(); ++d) dims.push_back(d);
    const Tensor<T> squares = mean(square(x, site), dims, true, site),
                    factor = rsqrt(detail::affine(squares, 1, eps, name, site), site),
                    y = mul(Operand<T>(x, site), Operand<T>(factor, site));
    return weight.defined() ? mul(Operand<T>(y, site), Operand<T>(weight, site)) : y;
}

struct LocalResponseNormOptions {
    double alpha = 1e-4, beta = 0.75, k = 1;
};
// Krizhevsky et al., NeurIPS 2012: x [N, C, ...] / (k + alpha mean(x^2))^beta, the mean over `size` neighbouring
// channels, of which those that do not exist count as zeros.
template <FloatElement T>
Tensor<T> local_response_norm(const Tensor<T>& x, std::int64_t size, const LocalResponseNormOptions& o = {},
                              Where site = Where::here()) {
    const char* name = "local_response_norm";
    detail::require_defined(x, name, site);
    if (x.rank() < 3 || size < 1)
        fail(name, site, {"input has shape ", x.shape(), ", size ", size, ", expected [N,C,L,...] and at least 1"});
    if (x.numel() == 0) return clone(x, site);
    const Tensor<T> channels = reshape(square(x, site), {x.size(0), x.size(1), -1}, site),
                    padded = pad(channels, {0, 0, size / 2, (size - 1) / 2}, Pad::constant, 0, site),
                    means = reshape(mean(unfold(padded, 1, size, 1, site), {-1}, false, site), x.shape(), site),
                    divisor = pow(detail::affine(means, o.alpha, o.k, name, site), o.beta, site);
    return div(Operand<T>(x, site), Operand<T>(divisor, site));
}

}  // namespace fathom::inline v0
