// Distances: dist of two tensors, pairwise_distance of vectors one by one, cdist and pdist of all pairs. Each is norm()
// of differences, whose gradient is 0 where two are equal.
#pragma once

#include "fathom/ops/index.hpp"
#include "fathom/ops/norm.hpp"

namespace fathom::inline v0 {

namespace detail {
// The p-norm along the last dimension; 0 of vectors without elements, of which there is no largest.
template <FloatElement T>
Tensor<T> last_norm(const Tensor<T>& x, double p, bool keepdim, Where site) {
    return x.size(-1, site) == 0 ? sum(x, Shape{-1}, keepdim, site) : norm(x, p, Shape{-1}, keepdim, site);
}
}  // namespace detail

// The p-norm of a - b, which broadcast, as one vector.
template <FloatElement T>
Tensor<T> dist(const Tensor<T>& a, const Tensor<T>& b, double p = 2, Where site = Where::here()) {
    return norm(sub(Operand<T>(a, site), Operand<T>(b, site)), p, {}, false, site);
}

// The p-norms of a - b + eps along the last dimension; a and b broadcast.
template <FloatElement T>
Tensor<T> pairwise_distance(const Tensor<T>& a, const Tensor<T>& b, double p = 2, double eps = 1e-6,
                            bool keepdim = false, Where site = Where::here()) {
    const char* name = "pairwise_distance";
    const Tensor<T> difference = sub(Operand<T>(a, site), Operand<T>(b, site));
    if (difference.rank() == 0) fail(name, site, {"inputs have shape [], expected vectors"});
    return detail::last_norm(detail::affine(difference, 1, eps, name, site), p, keepdim, site);
}

// The distances of all rows of a [..., P, M] from all of b [..., R, M]: [..., P, R]. The batches broadcast.
template <FloatElement T>
Tensor<T> cdist(const Tensor<T>& a, const Tensor<T>& b, double p = 2, Where site = Where::here()) {
    const char* name = "cdist";
    detail::require_defined(a, name, site), detail::require_defined(b, name, site);
    if (a.rank() < 2 || b.rank() < 2 || a.shape()[-1] != b.shape()[-1])
        fail(name, site, {"inputs have shapes ", a.shape(), " and ", b.shape(), ", expected [...,P,M] and [...,R,M]"});
    if (!(p >= 0)) fail(name, site, {"p ", p, ", expected at least 0"});
    const Tensor<T> difference =
        sub(Operand<T>(unsqueeze(a, -2, site), site), Operand<T>(unsqueeze(b, -3, site), site));
    return detail::last_norm(difference, p, false, site);
}

// The distances of the rows of x [N, M] from those behind each: [N (N - 1) / 2], as cdist(x, x) has them above its
// diagonal, row by row.
template <FloatElement T>
Tensor<T> pdist(const Tensor<T>& x, double p = 2, Where site = Where::here()) {
    const char* name = "pdist";
    detail::require_defined(x, name, site);
    if (x.rank() != 2) fail(name, site, {"input has shape ", x.shape(), ", expected [N,M]"});
    if (!(p >= 0)) fail(name, site, {"p ", p, ", expected at least 0"});
    const std::int64_t n = x.shape()[0], pairs = n < 2 ? 0 : n * (n - 1) / 2;
    const auto first = detail::new_row_major<std::int64_t>({pairs}, name, site),
               second = detail::new_row_major<std::int64_t>({pairs}, name, site);
    auto *i = static_cast<std::int64_t*>(first.untyped().raw_unchecked()),
         *j = static_cast<std::int64_t*>(second.untyped().raw_unchecked());
    for (std::int64_t row = 0; row < n; ++row)
        for (std::int64_t other = row + 1; other < n; ++other) *i++ = row, *j++ = other;
    const Tensor<T> a = index_select(x, 0, first.to(x.device(), site), site),
                    b = index_select(x, 0, second.to(x.device(), site), site);
    return detail::last_norm(sub(Operand<T>(a, site), Operand<T>(b, site)), p, false, site);
}

}  // namespace fathom::inline v0
