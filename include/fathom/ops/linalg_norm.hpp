// Norms of matrices, their rank, pseudoinverse and powers, and vecdot, in namespace linalg.
#pragma once

#include <algorithm>
#include <limits>

#include "fathom/ops/linalg.hpp"
#include "fathom/ops/mask.hpp"
#include "fathom/ops/masked.hpp"
#include "fathom/ops/norm.hpp"

namespace fathom::inline v0 {

namespace linalg {

enum class MatrixNorm { frobenius, nuclear };

struct RankOptions {
    double atol = 0;   // a singular value counts if it is above both this
    double rtol = -1;  // and this times the largest one; below 0: max(m, n) epsilon, or 0 where atol is given
};

}  // namespace linalg

namespace detail {

// The least singular value that counts, of s [..., k] in descending order: [..., 1].
template <FloatElement T>
Tensor<T> least_value(const Tensor<T>& s, const Shape& matrix, const linalg::RankOptions& o, Where site) {
    const auto larger = static_cast<double>(std::max(matrix[-1], matrix[-2]));
    const double rtol = o.rtol >= 0  ? o.rtol
                        : o.atol > 0 ? 0
                                     : larger * static_cast<double>(std::numeric_limits<T>::epsilon());
    const Tensor<T> largest =
        affine(narrow(s.detach(), -1, 0, 1, site), rtol, no_constant, "linalg::matrix_rank", site);
    return maximum(largest, scalar_tensor(static_cast<T>(o.atol), s.device(), site), site);
}

// y = v diag(1 / s) u^T, 0 in place of 1 / s where s does not count.
template <FloatElement T>
struct Pinv final : Function {
    static Tensor<T> forward(const Tensor<T>& a, const linalg::RankOptions& o, Where site) {
        const char* name = "linalg::pinv";
        check_matrices(a, false, name, site);
        auto y = new_row_major<T>(matrix_shape(a.shape(), a.size(-1), a.size(-2)), name, site);
        if (a.numel() != 0) {
            const auto p = SvdOp{false}.compute(a, site);
            const Tensor<bool> counts = least_value(p.s, a.shape(), o, site) < p.s;
            const Tensor<T> inverse = where(counts, 1 / where(counts, p.s, 1, site), 0, site);
            y = matmul(turned(p.vh, site) * unsqueeze(inverse, -2, site), turned(p.u, site), site);
        }
        return finish<Pinv>(y, name, site, {a}, [&](Pinv& f) { f.a = Saved(a), f.y = Saved::output(y); });
    }
    void backward(Gradients& g) override { gradient(g, a.get<T>(*this), y.get<T>(*this)); }
    void backward_recorded(Gradients& g) override { gradient(g, a.get_recorded<T>(*this), y.get_recorded<T>(*this)); }
    void release_saved() override { a.release(), y.release(); }

    // While the rank stays the same; with g transposed, as y is:
    //   -y^T g y^T + (1 - a y) g y y^T + y^T y g (1 - y a)
    // Golub and Pereyra, 1973.
    void gradient(Gradients& g, const Tensor<T>& matrix, const Tensor<T>& inverse) {
        const auto product = [&](const Tensor<T>& p, const Tensor<T>& q) { return matmul(p, q, site); };
        const Tensor<T> dy = turned(g.output<T>(), site), transposed = turned(inverse, site);
        const Tensor<T> right = product(product(dy, inverse), transposed),
                        left = product(transposed, product(inverse, dy)),
                        turn = product(product(transposed, turned(dy, site)), transposed);
        g.add(0,
              right - product(matrix, product(inverse, right)) + left - product(product(left, inverse), matrix) - turn);
    }

    Saved a, y;
};

}  // namespace detail

namespace linalg {

// The root of the sum of squares of matrices [..., m, n], or the sum of their singular values: [...].
template <FloatElement T>
Tensor<T> matrix_norm(const Tensor<T>& a, MatrixNorm kind = MatrixNorm::frobenius, bool keepdim = false,
                      Where site = Where::here()) {
    detail::check_matrices(a, false, "linalg::matrix_norm", site);
    if (kind == MatrixNorm::frobenius) return norm(a, 2, {-2, -1}, keepdim, site);
    const Tensor<T> y = sum(svd(a, false, site).s, {-1}, keepdim, site);
    return keepdim ? unsqueeze(y, -1, site) : y;
}
// By vectors: 2 the largest singular value, 1 the largest sum of sizes of a column, infinity of a row; -2, -1 and
// -infinity the smallest.
template <FloatElement T>
Tensor<T> matrix_norm(const Tensor<T>& a, double ord, bool keepdim = false, Where site = Where::here()) {
    const char* name = "linalg::matrix_norm";
    detail::check_matrices(a, false, name, site);
    const double size = ord < 0 ? -ord : ord;
    const auto extreme = [&](const Tensor<T>& x, int dim) {
        return ord > 0 ? amax(x, {dim}, keepdim, site) : amin(x, {dim}, keepdim, site);
    };
    if (size == 2) {
        const Tensor<T> y = extreme(svd(a, false, site).s, -1);
        return keepdim ? unsqueeze(y, -1, site) : y;
    }
    const bool columns = size == 1;
    if (!columns && size != std::numeric_limits<double>::infinity())
        fail(name, site, {"ord ", ord, ", expected 1, 2 or infinity, or one of them negative"});
    const Tensor<T> sums = sum(abs(a, site), {columns ? -2 : -1}, keepdim, site);
    return extreme(sums, columns || keepdim ? (columns ? -1 : -2) : -1);
}

// How many singular values of matrices [..., m, n] are not 0: [...].
template <FloatElement T>
Tensor<std::int64_t> matrix_rank(const Tensor<T>& a, const RankOptions& o = {}, Where site = Where::here()) {
    const Tensor<T> s = svd(a.detach(), false, site).s;
    if (s.size(-1) == 0) return sum(s.template to<std::int64_t>(site), {-1}, false, site);
    const Tensor<T> least = detail::least_value(s, a.shape(), o, site);
    return sum(less(Operand<T>(least, site), Operand<T>(s, site)), {-1}, false, site);
}
// The pseudoinverses of matrices [..., m, n]: [..., n, m].
template <FloatElement T>
Tensor<T> pinv(const Tensor<T>& a, const RankOptions& o = {}, Where site = Where::here()) {
    return detail::Pinv<T>::forward(a, o, site);
}

// Sums of products of vectors along dim; the rest broadcasts.
template <FloatElement T>
Tensor<T> vecdot(const Tensor<T>& a, const Tensor<T>& b, int dim = -1, Where site = Where::here()) {
    return sum(mul(Operand<T>(a, site), Operand<T>(b, site)), {dim}, false, site);
}
// The matrices [..., n, n] times themselves; below 0 their inverses.
template <FloatElement T>
Tensor<T> matrix_power(const Tensor<T>& a, std::int64_t n, Where site = Where::here()) {
    detail::check_matrices(a, true, "linalg::matrix_power", site);
    if (n == 0) return clone(expand(eye<T>(a.size(-1), -1, site), a.shape(), site), site);
    Tensor<T> square = n < 0 ? inv(a, site) : a, y;
    for (std::uint64_t left = n < 0 ? 0 - static_cast<std::uint64_t>(n) : static_cast<std::uint64_t>(n);;) {
        if (left & 1) y = y.defined() ? matmul(y, square, site) : square;
        if ((left >>= 1) == 0) return y;
        square = matmul(square, square, site);
    }
}

}  // namespace linalg
}  // namespace fathom::inline v0
