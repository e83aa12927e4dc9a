// More products: outer, cross, kron, bilinear.
#pragma once

#include "fathom/ops/arrange.hpp"
#include "fathom/ops/matmul.hpp"

namespace fathom::inline v0 {

// a [m], b [n] -> [m, n]
template <FloatElement T>
Tensor<T> outer(const Tensor<T>& a, const Tensor<T>& b, Where site = Where::here()) {
    detail::require_defined(a, "outer", site), detail::require_defined(b, "outer", site);
    if (a.rank() != 1 || b.rank() != 1)
        fail("outer", site, {"inputs have shapes ", a.shape(), " and ", b.shape(), ", expected two vectors"});
    return mul(Operand<T>(unsqueeze(a, 1, site), site), Operand<T>(b, site));
}
// Perpendicular to both vectors of three elements along dim; the other dimensions broadcast.
template <FloatElement T>
Tensor<T> cross(const Tensor<T>& a, const Tensor<T>& b, int dim = -1, Where site = Where::here()) {
    const char* name = "cross";
    detail::require_defined(a, name, site), detail::require_defined(b, name, site);
    const Shape shape = detail::broadcast_shape(a, b, name, site);
    if (a.rank() != b.rank() || a.rank() == 0 || a.size(dim, site) != 3 || b.size(dim, site) != 3)
        fail(name, site,
             {"inputs have shapes ", a.shape(), " and ", b.shape(), ", expected three elements along dimension ", dim});
    const Tensor<T> p = expand(a, shape, site), q = expand(b, shape, site);
    const auto product = [&](int i, int j) {
        return mul(Operand<T>(roll(p, i, dim, site), site), Operand<T>(roll(q, j, dim, site), site));
    };
    return sub(Operand<T>(product(-1, -2), site), Operand<T>(product(-2, -1), site));
}
// Every element of a times all of b, block by block; of fewer dimensions in front ones of size 1.
template <FloatElement T>
Tensor<T> kron(const Tensor<T>& a, const Tensor<T>& b, Where site = Where::here()) {
    const char* name = "kron";
    detail::require_defined(a, name, site), detail::require_defined(b, name, site);
    Shape of_a = a.shape(), of_b = b.shape(), shape;
    while (of_a.rank() < of_b.rank()) of_a.insert(0, 1);
    while (of_b.rank() < of_a.rank()) of_b.insert(0, 1);
    if (2 * of_a.rank() > max_rank)
        fail(name, site, {"inputs have shapes ", a.shape(), " and ", b.shape(), ", expected at most 4 dimensions"});
    Shape blocks, within;
    for (int d = 0; d < of_a.rank(); ++d) {
        blocks.push_back(of_a[d]), blocks.push_back(1);
        within.push_back(1), within.push_back(of_b[d]);
        shape.push_back(of_a[d] * of_b[d]);
    }
    const Tensor<T> p = reshape(a, blocks, site), q = reshape(b, within, site);
    return reshape(mul(Operand<T>(p, site), Operand<T>(q, site)), shape, site);
}
// y[..., k] = a^T weight[k] b + bias[k] of a [..., m], b [..., n], weight [K, m, n].
template <FloatElement T>
Tensor<T> bilinear(const Tensor<T>& a, const Tensor<T>& b, const Tensor<T>& weight,
                   const std::type_identity_t<Tensor<T>>& bias = {}, Where site = Where::here()) {
    const char* name = "bilinear";
    for (const Tensor<T>* x : {&a, &b, &weight}) detail::require_defined(*x, name, site);
    if (weight.rank() != 3 || a.rank() < 1 || a.rank() != b.rank() || a.size(-1) != weight.size(1) ||
        b.size(-1) != weight.size(2) ||
        !(Shape::from(a.shape().begin(), a.shape().end() - 1) == Shape::from(b.shape().begin(), b.shape().end() - 1)))
        fail(name, site,
             {"inputs have shapes ", a.shape(), " and ", b.shape(), ", weight ", weight.shape(),
              ", expected [...,m], [...,n] and [K,m,n]"});
    const Shape& w = weight.shape();
    Shape result = a.shape();
    result[-1] = w[0];
    const std::int64_t rows = Shape::from(result.begin(), result.end() - 1).numel();
    // [rows, K, n]: a's product with every matrix, then with b.
    const Tensor<T> matrices = reshape(permute(weight, {1, 0, 2}, site), {w[1], w[0] * w[2]}, site),
                    halves = reshape(matmul(reshape(a, {rows, w[1]}, site), matrices, site), {rows, w[0], w[2]}, site),
                    beside = reshape(b, {rows, 1, w[2]}, site);
    const Tensor<T> y =
        reshape(sum(mul(Operand<T>(halves, site), Operand<T>(beside, site)), {-1}, false, site), result, site);
    return bias.defined() ? add(Operand<T>(y, site), Operand<T>(bias, site)) : y;
}

}  // namespace fathom::inline v0
