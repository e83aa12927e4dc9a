// Linear algebra of small matrices, in namespace linalg as torch.linalg: solve, inv, det, eigh, svd. By Eigen, which
// one unit of a header-only program includes through linalg_eigen.hpp; with fathom::compiled nothing is needed.
// Matrices are the last two dimensions, each of those before them is a batch; all on the CPU.
#pragma once

#include "fathom/ops/copy.hpp"
#include "fathom/ops/matmul.hpp"
#include "fathom/tensor/factories.hpp"

namespace fathom::inline v0 {

// Of one dense row-major matrix. What the linker says in a program without the definitions: undefined reference to what
// this is called. False: the matrix is singular, or the method did not converge.
namespace include_fathom_ops_linalg_eigen_hpp_in_one_unit {
bool solve(const float* a, const float* b, float* x, std::int64_t n, std::int64_t columns);
bool solve(const double* a, const double* b, double* x, std::int64_t n, std::int64_t columns);
void det(const float* a, float* y, std::int64_t n);
void det(const double* a, double* y, std::int64_t n);
bool eigh(const float* a, float* values, float* vectors, std::int64_t n);
bool eigh(const double* a, double* values, double* vectors, std::int64_t n);
bool svd(const float* a, float* u, float* s, float* vh, std::int64_t rows, std::int64_t columns, bool full);
bool svd(const double* a, double* u, double* s, double* vh, std::int64_t rows, std::int64_t columns, bool full);
}  // namespace include_fathom_ops_linalg_eigen_hpp_in_one_unit

namespace detail {

namespace matrices = include_fathom_ops_linalg_eigen_hpp_in_one_unit;

// Throws unless x is defined, on the CPU, and has matrices, square ones where asked for.
void check_matrices(const AnyTensor& x, bool square, const char* name, Where site);
// How many matrices lie in a shape that ends in two dimensions, and calls of f(matrix) for ranges of them, in parallel
// where that pays; `work` is an estimate of the operations that one takes.
std::int64_t matrix_count(const Shape& shape);
void for_each_matrix(std::int64_t count, std::int64_t work, void (*f)(const void*, std::int64_t), const void* context);
template <class F>
void for_each_matrix(std::int64_t count, std::int64_t work, const F& f) {
    for_each_matrix(
        count, work, [](const void* context, std::int64_t i) { (*static_cast<const F*>(context))(i); }, &f);
}
[[noreturn]] void fail_matrix(const char* name, Where site, std::int64_t matrix, std::int64_t count,
                              const char* problem);
// A batch's dimensions in front of a matrix's.
Shape matrix_shape(const Shape& like, std::int64_t rows, std::int64_t columns);
// The batch that a and b, shapes that end in matrices, broadcast to.
Shape matrix_batch(const Shape& a, const Shape& b, const char* name, Where site);
Shape joined(Shape batch, const Shape& last);

template <FloatElement T>
Tensor<T> dense(const Tensor<T>& x, Where site) {
    return contiguous(x.detach(), MemoryFormat::row_major, site);
}

// x with a x = b, both with the same batch. db = a^-T dx, da = -db x^T.
template <FloatElement T>
struct Solve final : Function {
    static Tensor<T> forward(const Tensor<T>& a, const Tensor<T>& b, const char* name, Where site) {
        const Tensor<T> p = dense(a, site), q = dense(b, site);
        const auto x = new_row_major<T>(b.shape(), name, site);
        const std::int64_t n = a.shape()[-1], columns = b.shape()[-1], count = matrix_count(a.shape());
        const T *pa = p.data(site), *pb = q.data(site);
        T* px = static_cast<T*>(x.untyped().raw_unchecked());
        if (x.numel() != 0)
            for_each_matrix(count, times(times(n, n), n), [=](std::int64_t i) {
                if (!matrices::solve(pa + i * n * n, pb + i * n * columns, px + i * n * columns, n, columns))
                    fail_matrix(name, site, i, count, "is singular");
            });
        return finish<Solve>(x, name, site, {a, b}, [&](Solve& f) { f.a = Saved(a), f.x = Saved::output(x); });
    }
    void backward(Gradients& g) override { gradients(g, a.get<T>(*this), x.get<T>(*this)); }
    void backward_recorded(Gradients& g) override { gradients(g, a.get_recorded<T>(*this), x.get_recorded<T>(*this)); }
    void release_saved() override { a.release(), x.release(); }

    void gradients(Gradients& g, const Tensor<T>& matrix, const Tensor<T>& solution) const {
        const Tensor<T> db = forward(transpose(matrix, -1, -2, site), g.output<T>(), name, site);
        if (g.needs(0)) g.add(0, -matmul(db, transpose(solution, -1, -2, site), site));
        if (g.needs(1)) g.add(1, db);
    }

    Saved a, x;
};

// da = dy det(a) a^-T.
template <FloatElement T>
struct Det final : Function {
    static Tensor<T> forward(const Tensor<T>& a, Where site) {
        const char* name = "linalg::det";
        check_matrices(a, true, name, site);
        const Tensor<T> p = dense(a, site);
        const auto y = new_row_major<T>(Shape::from(a.shape().begin(), a.shape().end() - 2), name, site);
        const std::int64_t n = a.shape()[-1];
        const T* pa = p.data(site);
        T* py = static_cast<T*>(y.untyped().raw_unchecked());
        for_each_matrix(y.numel(), times(times(n, n), n),
                        [=](std::int64_t i) { matrices::det(pa + i * n * n, py + i, n); });
        return finish<Det>(y, name, site, {a}, [&](Det& f) { f.a = Saved(a), f.y = Saved::output(y); });
    }
    void backward(Gradients& g) override { gradient(g, a.get<T>(*this), y.get<T>(*this)); }
    void backward_recorded(Gradients& g) override { gradient(g, a.get_recorded<T>(*this), y.get_recorded<T>(*this)); }
    void release_saved() override { a.release(), y.release(); }

    void gradient(Gradients& g, const Tensor<T>& matrix, const Tensor<T>& value) const;

    Saved a, y;
};

template <FloatElement T>
Tensor<T> inverse(const Tensor<T>& a, const char* name, Where site) {
    check_matrices(a, true, name, site);
    const std::int64_t n = a.shape()[-1];
    const auto unit = full<T>({n, n}, 0, Device::cpu(), site);
    T* p = static_cast<T*>(unit.untyped().raw_unchecked());
    for (std::int64_t i = 0; i < n; ++i) p[i * n + i] = T{1};
    return Solve<T>::forward(a, expand(unit, a.shape(), site), name, site);
}
template <FloatElement T>
void Det<T>::gradient(Gradients& g, const Tensor<T>& matrix, const Tensor<T>& value) const {
    const auto factor = unsqueeze(unsqueeze(g.output<T>() * value, -1, site), -1, site);
    g.add(0, factor * transpose(inverse(matrix, "linalg::det's gradient", site), -1, -2, site));
}

}  // namespace detail

namespace linalg {

// x with a x = b: a [..., n, n], b [..., n, k] -> [..., n, k], or b [..., n], a vector for each matrix -> [..., n]. The
// batches broadcast. A singular matrix throws.
template <FloatElement T>
Tensor<T> solve(const Tensor<T>& a, const Tensor<T>& b, Where site = Where::here()) {
    const char* name = "linalg::solve";
    detail::check_matrices(a, true, name, site);
    detail::require_defined(b, name, site);
    const bool vectors =
        b.rank() == 1 || (b.rank() == a.rank() - 1 && b.shape() == Shape::from(a.shape().begin(), a.shape().end() - 1));
    const Tensor<T> columns = vectors ? unsqueeze(b, -1, site) : b;
    detail::check_matrices(columns, false, name, site);
    if (columns.shape()[-2] != a.shape()[-1])
        fail(name, site, {"right sides of shape ", b.shape(), " do not fit matrices of shape ", a.shape()});
    const Shape batch = detail::matrix_batch(a.shape(), columns.shape(), name, site);
    const std::int64_t n = a.shape()[-1], k = columns.shape()[-1];
    const Tensor<T> x = detail::Solve<T>::forward(expand(a, detail::joined(batch, {n, n}), site),
                                                  expand(columns, detail::joined(batch, {n, k}), site), name, site);
    return vectors ? squeeze(x, -1, site) : x;
}

// The inverses of matrices [..., n, n]. A singular one throws. inv(a) b is solve(a, b), which is faster and more exact.
template <FloatElement T>
Tensor<T> inv(const Tensor<T>& a, Where site = Where::here()) {
    return detail::inverse(a, "linalg::inv", site);
}

// The determinants of matrices: [..., n, n] -> [...]. Its gradient throws where one is singular.
template <FloatElement T>
Tensor<T> det(const Tensor<T>& a, Where site = Where::here()) {
    return detail::Det<T>::forward(a, site);
}

// auto [values, vectors] = linalg::eigh(a)
template <FloatElement T>
struct Eigh {
    Tensor<T> values;   // [..., n], in ascending order
    Tensor<T> vectors;  // [..., n, n]: the k-th column belongs to the k-th value, has length 1 and either sign
};
// auto [u, s, vh] = linalg::svd(a)
template <FloatElement T>
struct Svd {
    Tensor<T> u;   // [..., m, m], or [..., m, min(m, n)]; columns of length 1
    Tensor<T> s;   // [..., min(m, n)], in descending order
    Tensor<T> vh;  // [..., n, n], or [..., min(m, n), n]
};

}  // namespace linalg

namespace detail {

template <FloatElement T>
Tensor<T> turned(const Tensor<T>& x, Where site) {
    return transpose(x, -1, -2, site);
}
// values[j] - values[i] at (i, j), 1 on the diagonal.
template <FloatElement T>
Tensor<T> differences(const Tensor<T>& values, Where site) {
    return unsqueeze(values, -2, site) - unsqueeze(values, -1, site) + eye<T>(values.size(-1), -1, site);
}

// The parts of matrices a, each a node of its own, that compute together: Op::parts(a) makes them without history,
// Op::gradient(which, g, parts) what the gradient g of one of them is for a. The gradient's gradient takes a apart
// again.
template <FloatElement T, class Op>
struct Decomposed final : Function {
    using Parts = typename Op::template Parts<T>;

    static Tensor<T> record(const Tensor<T>& a, const Op& op, const Parts& parts, int which, Where site) {
        std::vector<Saved> saved;
        for (const Tensor<T>& part : Op::list(parts)) saved.push_back(Saved(part));
        return finish<Decomposed>(
            Op::list(parts)[static_cast<std::size_t>(which)], Op::name, site, {a},
            [&](Decomposed& f) { f.a = Saved(a), f.parts = std::move(saved), f.op = op, f.which = which; });
    }
    void backward(Gradients& g) override {
        std::vector<Tensor<T>> list;
        for (const Saved& part : parts) list.push_back(part.get<T>(*this));
        g.add(0, op.gradient(which, g.output<T>(), Op::template of<T>(list), site));
    }
    void backward_recorded(Gradients& g) override {
        g.add(0, op.gradient(which, g.output<T>(), op.recorded(a.get_recorded<T>(*this), site), site));
    }
    void release_saved() override {
        a.release();
        for (Saved& part : parts) part.release();
    }

    Saved a;
    std::vector<Saved> parts;
    Op op;
    int which;
};

struct EighOp {
    static constexpr const char* name = "linalg::eigh";
    template <FloatElement T>
    using Parts = linalg::Eigh<T>;

    template <FloatElement T>
    static std::vector<Tensor<T>> list(const Parts<T>& p) {
        return {p.values, p.vectors};
    }
    template <FloatElement T>
    static Parts<T> of(const std::vector<Tensor<T>>& list) {
        return {list[0], list[1]};
    }
    template <FloatElement T>
    Parts<T> compute(const Tensor<T>& a, Where site) const {
        const Tensor<T> p = dense(a, site);
        const Parts<T> result{new_row_major<T>(Shape::from(a.shape().begin(), a.shape().end() - 1), name, site),
                              new_row_major<T>(a.shape(), name, site)};
        const std::int64_t n = a.shape()[-1], count = matrix_count(a.shape());
        const T* pa = p.data(site);
        T *values = static_cast<T*>(result.values.untyped().raw_unchecked()),
          *vectors = static_cast<T*>(result.vectors.untyped().raw_unchecked());
        if (a.numel() != 0)
            for_each_matrix(count, times(times(n, n), n), [=](std::int64_t i) {
                if (!matrices::eigh(pa + i * n * n, values + i * n, vectors + i * n * n, n))
                    fail_matrix(name, site, i, count, "has numbers that are not finite, or did not converge");
            });
        return result;
    }
    template <FloatElement T>
    Parts<T> recorded(const Tensor<T>& a, Where site) const {
        const Parts<T> p = compute(a, site);
        return {Decomposed<T, EighOp>::record(a, *this, p, 0, site),
                Decomposed<T, EighOp>::record(a, *this, p, 1, site)};
    }
    // V diag(g) V^T of values, V (V^T g / differences, 0 on the diagonal) V^T of vectors.
    template <FloatElement T>
    Tensor<T> gradient(int which, const Tensor<T>& g, const Parts<T>& p, Where site) const {
        const Tensor<T>&v = p.vectors, vt = turned(v, site);
        if (which == 0) return matmul(v * unsqueeze(g, -2, site), vt, site);
        const Tensor<T> others = 1 - eye<T>(v.size(-1), -1, site);
        const Tensor<T> inner = matmul(vt, g, site) * (others / differences(p.values, site));
        return matmul(matmul(v, inner, site), vt, site);
    }
};

struct SvdOp {
    static constexpr const char* name = "linalg::svd";
    template <FloatElement T>
    using Parts = linalg::Svd<T>;

    template <FloatElement T>
    static std::vector<Tensor<T>> list(const Parts<T>& p) {
        return {p.u, p.s, p.vh};
    }
    template <FloatElement T>
    static Parts<T> of(const std::vector<Tensor<T>>& list) {
        return {list[0], list[1], list[2]};
    }
    template <FloatElement T>
    Parts<T> compute(const Tensor<T>& a, Where site) const {
        const Tensor<T> p = dense(a, site);
        const std::int64_t m = a.shape()[-2], n = a.shape()[-1], k = m < n ? m : n, rows = full ? m : k,
                           columns = full ? n : k, count = matrix_count(a.shape());
        Shape values = a.shape();
        values.erase(values.rank() - 1);
        values[-1] = k;
        const Shape left = matrix_shape(a.shape(), m, rows), right = matrix_shape(a.shape(), columns, n);
        // Of nothing, any directions will do.
        if (k == 0)
            return {clone(expand(eye<T>(m, rows, site), left, site), site), new_row_major<T>(values, name, site),
                    clone(expand(eye<T>(columns, n, site), right, site), site)};
        const Parts<T> result{new_row_major<T>(left, name, site), new_row_major<T>(values, name, site),
                              new_row_major<T>(right, name, site)};
        const T* pa = p.data(site);
        T *u = static_cast<T*>(result.u.untyped().raw_unchecked()),
          *s = static_cast<T*>(result.s.untyped().raw_unchecked()),
          *vh = static_cast<T*>(result.vh.untyped().raw_unchecked());
        const bool square = full;
        for_each_matrix(count, times(times(m, n), k), [=](std::int64_t i) {
            if (!matrices::svd(pa + i * m * n, u + i * m * rows, s + i * k, vh + i * columns * n, m, n, square))
                fail_matrix(name, site, i, count, "has numbers that are not finite, or did not converge");
        });
        return result;
    }
    template <FloatElement T>
    Parts<T> recorded(const Tensor<T>& a, Where site) const {
        const Parts<T> p = compute(a, site);
        return {Decomposed<T, SvdOp>::record(a, *this, p, 0, site), Decomposed<T, SvdOp>::record(a, *this, p, 1, site),
                Decomposed<T, SvdOp>::record(a, *this, p, 2, site)};
    }
    // With U and V^T the k vectors that belong to values, D the differences of their squares, G = U^T g and H = V^T g:
    //   values: U diag(g) V^T
    //   u:      U ((G - G^T) / D diag(s)) V^T + (1 - U U^T) g diag(1 / s) V^T
    //   vh:     U (diag(s) (H - H^T) / D) V^T + U diag(1 / s) g^T (1 - V V^T)
    // Townsend, "Differentiating the singular value decomposition", 2016. What belongs to no value gets no gradient.
    template <FloatElement T>
    Tensor<T> gradient(int which, const Tensor<T>& g, const Parts<T>& p, Where site) const {
        const std::int64_t k = p.s.size(-1);
        const Tensor<T> u = narrow(p.u, -1, 0, k, site), vh = narrow(p.vh, -2, 0, k, site);
        if (which == 1) return matmul(u * unsqueeze(g, -2, site), vh, site);
        const auto rotation = [&](const Tensor<T>& x) { return (x - turned(x, site)) / differences(p.s * p.s, site); };
        if (which == 0) {
            const Tensor<T> du = narrow(g, -1, 0, k, site), s = unsqueeze(p.s, -2, site), ut = turned(u, site);
            Tensor<T> inner = matmul(u, rotation(matmul(ut, du, site)) * s, site);
            if (u.size(-2) > k) inner = inner + (du / s - matmul(u, matmul(ut, du / s, site), site));
            return matmul(inner, vh, site);
        }
        const Tensor<T> dvh = narrow(g, -2, 0, k, site), s = unsqueeze(p.s, -1, site), v = turned(vh, site);
        Tensor<T> inner = matmul(s * rotation(matmul(vh, turned(dvh, site), site)), vh, site);
        if (v.size(-2) > k) inner = inner + (dvh / s - matmul(matmul(dvh / s, v, site), vh, site));
        return matmul(u, inner, site);
    }

    bool full = true;
};

}  // namespace detail

namespace linalg {

// Of symmetric matrices [..., n, n], whose lower triangle alone is read. The gradient of vectors is infinite where two
// values are equal, and means something only for what does not depend on their signs.
template <FloatElement T>
Eigh<T> eigh(const Tensor<T>& a, Where site = Where::here()) {
    detail::check_matrices(a, true, detail::EighOp::name, site);
    return detail::EighOp{}.recorded(a, site);
}

// a = u diag(s) vh of matrices [..., m, n]. full_matrices: u and vh are square. Gradients of u and vh as of eigh's
// vectors; those that belong to no value have none.
template <FloatElement T>
Svd<T> svd(const Tensor<T>& a, bool full_matrices = true, Where site = Where::here()) {
    detail::check_matrices(a, false, detail::SvdOp::name, site);
    return detail::SvdOp{full_matrices}.recorded(a, site);
}

}  // namespace linalg
}  // namespace fathom::inline v0

#ifndef FATHOM_COMPILED
#include "fathom/ops/linalg.inl.hpp"
#endif
