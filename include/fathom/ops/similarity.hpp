// cosine_similarity.
#pragma once

#include <limits>

#include "fathom/ops/reduce.hpp"

namespace fathom::inline v0 {

// The cosine of the angle between vectors along dim of two tensors that broadcast; lengths are at least eps:
//   sum(a b) / (max(|a|, eps) max(|b|, eps))
template <FloatElement T>
Tensor<T> cosine_similarity(const Tensor<T>& a, const Tensor<T>& b, int dim = 1, double eps = 1e-8,
                            Where site = Where::here()) {
    const char* name = "cosine_similarity";
    detail::require_defined(a, name, site), detail::require_defined(b, name, site);
    if (!(eps > 0)) fail(name, site, {"eps ", eps, ", expected above 0"});
    const Shape shape = detail::broadcast_shape(a, b, name, site);
    const Shape dims{detail::checked_dim(dim, shape.rank(), name, site)};
    const auto at = [&](const Tensor<T>& x) { return Operand<T>(x, site); };
    // Bounded before the root, whose slope at 0 is infinite.
    const T least = detail::scalar_as<T>(eps * eps, site);
    const auto length = [&](const Tensor<T>& x) {
        const Tensor<T> squares = sum(square(expand(x, shape, site), site), dims, false, site);
        return sqrt(clamp(squares, least, std::numeric_limits<T>::infinity(), site), site);
    };
    const Tensor<T> products = sum(mul(at(a), at(b)), dims, false, site), lengths = mul(at(length(a)), at(length(b)));
    return div(at(products), at(lengths));
}

}  // namespace fathom::inline v0
