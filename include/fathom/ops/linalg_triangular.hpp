// linalg::solve_triangular, by linalg.hpp's solve.
#pragma once

#include "fathom/ops/arrange.hpp"
#include "fathom/ops/linalg.hpp"

namespace fathom::inline v0::linalg {

struct TriangularOptions {
    bool left = true;            // false: x a = b
    bool unitriangular = false;  // the diagonal counts as ones, whatever stands there
};

// x with a x = b for triangular matrices a [..., n, n], of which the other triangle is not read, and b [..., n, k]; the
// batches broadcast. A zero on the diagonal throws.
template <FloatElement T>
Tensor<T> solve_triangular(const Tensor<T>& a, const Tensor<T>& b, bool upper, const TriangularOptions& o = {},
                           Where site = Where::here()) {
    const char* name = "linalg::solve_triangular";
    detail::check_matrices(a, true, name, site), detail::check_matrices(b, false, name, site);
    const std::int64_t n = a.size(-1);
    if (b.size(o.left ? -2 : -1) != n)
        fail(name, site, {"right sides of shape ", b.shape(), " do not fit matrices of shape ", a.shape()});
    Tensor<T> triangle = upper ? triu(a, o.unitriangular ? 1 : 0, site) : tril(a, o.unitriangular ? -1 : 0, site);
    if (o.unitriangular) {
        const Tensor<T> unit = eye<T>(n, -1, site);
        triangle = add(Operand<T>(triangle, site), Operand<T>(unit, site));
    }
    // x a = b is a^T x^T = b^T.
    const Tensor<T> matrix = o.left ? triangle : transpose(triangle, -1, -2, site),
                    sides = o.left ? b : transpose(b, -1, -2, site);
    const Shape batch = detail::matrix_batch(a.shape(), b.shape(), name, site);
    const Tensor<T> x =
        detail::Solve<T>::forward(expand(matrix, detail::joined(batch, {n, n}), site),
                                  expand(sides, detail::joined(batch, {n, sides.size(-1)}), site), name, site);
    return o.left ? x : transpose(x, -1, -2, site);
}

}  // namespace fathom::inline v0::linalg
