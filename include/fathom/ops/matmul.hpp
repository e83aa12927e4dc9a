// matmul (vectors, matrices, batches that broadcast) and linear. Next: einsum.hpp.
#pragma once

#include "fathom/backend/cpu/matmul.hpp"
#include "fathom/ops/arithmetic.hpp"

namespace fathom::inline v0 {

namespace detail {
// The last two dimensions exchanged: a view.
AnyTensor matrix_transpose(const AnyTensor& x, Where site);
// Throws unless torch.matmul would take both: vectors and matrices whose inner sizes agree.
void check_product(const AnyTensor& a, const AnyTensor& b, const char* name, Where site);
// Of a product [..., m, n] the dimensions that vectors were given for its operands: gone.
AnyTensor without_vectors(const AnyTensor& y, bool a_is_vector, bool b_is_vector, Where site);
// The shape of a b, or of a b^T where `transposed`, everything checked.
Shape product_shape(const AnyTensor& a, const AnyTensor& b, bool transposed, const char* name, Where site);
// out (+)= a b + bias: the two last dimensions are matrices, the others broadcast; bias may be undefined.
void matmul_into(const Target& out, const AnyTensor& a, const AnyTensor& b, const AnyTensor& bias,
                 CpuKernel<abi::MatmulArgs> cpu, const char* name, Where site);

// y = a b + bias, or a b^T + bias where `transposed`.
template <FractionElement T>
struct Matmul final : Function {
    static Tensor<T> forward(const AnyTensor& a, const AnyTensor& b, const AnyTensor& bias, bool transposed,
                             const char* name, Where site) {
        const Shape shape = product_shape(a, b, transposed, name, site);
        const auto y = new_tensor<T>(shape, row_major_strides(shape), a.device(), name, site);
        matmul_into({y}, a, transposed ? matrix_transpose(detached(b), site) : b, bias, &cpu::matmul<T>, name, site);
        return finish<Matmul>(y, name, site, {a, b, bias}, [&](Matmul& f) {
            f.transposed = transposed;
            f.shapes[0] = a.shape(), f.shapes[1] = b.shape();
            if (bias.defined()) f.shapes[2] = bias.shape();
            if (autograd::requires_grad(b)) f.a = Saved(a);
            if (autograd::requires_grad(a)) f.b = Saved(b);
        });
    }
    // The gradients of a b and of a b^T:
    //   da = dy b^T
    //   db = a^T dy
    // and:
    //   da = dy b
    //   db = dy^T a
    void backward(Gradients& g) override {
        const AnyTensor dy = g.output();
        if (g.needs(0)) product_into(g.target_in_turn(0), dy, right_factor(b.get(*this)));
        if (g.needs(1)) {
            const AnyTensor x = a.get(*this), x_t = matrix_transpose(transposed ? dy : x, site);
            product_into(g.target_in_turn(1), x_t, transposed ? x : dy);
        }
        if (g.needs(2)) sum_into(dy, g.target_in_turn(2), ops->sum, name, site);
    }
    void backward_recorded(Gradients& g) override {
        const AnyTensor dy = g.output();
        const auto add = [&](int i, const AnyTensor& p, const AnyTensor& q) {
            g.add(i, sum_to(forward(p, q, {}, false, name, site), shapes[i], ops, site));
        };
        if (g.needs(0)) add(0, dy, right_factor(b.get_recorded(*this)));
        if (g.needs(1)) {
            const AnyTensor x = a.get_recorded(*this), x_t = matrix_transpose(transposed ? dy : x, site);
            add(1, x_t, transposed ? x : dy);
        }
        if (g.needs(2)) g.add(2, sum_to(dy, shapes[2], ops, site));
    }
    void release_saved() override { a.release(), b.release(); }

    AnyTensor right_factor(const AnyTensor& weight) const {
        return transposed ? weight : matrix_transpose(weight, site);
    }
    // Through a temporary where the batch was broadcast.
    void product_into(const Target& target, const AnyTensor& p, const AnyTensor& q) const {
        const Shape shape = product_shape(p, q, false, name, site);
        if (shape == target.view.shape()) return matmul_into(target, p, q, {}, &cpu::matmul<T>, name, site);
        const AnyTensor whole = new_tensor(shape, row_major_strides(shape), output.dtype, output.device, name, site);
        matmul_into({whole}, p, q, {}, &cpu::matmul<T>, name, site);
        sum_into(whole, target, ops->sum, name, site);
    }

    Saved a, b;
    Shape shapes[3];
    bool transposed;
};
}  // namespace detail

// a [..., m, k], b [..., k, n] -> [..., m, n]; the leading dimensions broadcast. A vector is a row on the left and a
// column on the right, and has no dimension in the result.
template <FractionElement T>
Tensor<T> matmul(const Tensor<T>& a, const Tensor<T>& b, Where site = Where::here()) {
    detail::check_product(a, b, "matmul", site);
    const bool row = a.rank() == 1, column = b.rank() == 1;
    const Tensor<T> rows = row ? unsqueeze(a, 0, site) : a, columns = column ? unsqueeze(b, 1, site) : b;
    if (rows.rank() == 2 || columns.rank() > 2) {
        const Tensor<T> y = detail::Matmul<T>::forward(rows, columns, {}, false, "matmul", site);
        return Tensor<T>::adopt(detail::without_vectors(y, row, column, site));
    }
    // One matrix for a whole batch: its rows are those of one product, whose gradient needs no sum over the batch.
    Shape shape = rows.shape();
    const std::int64_t k = shape[-1], count = Shape::from(shape.begin(), shape.end() - 1).numel();
    const Tensor<T> y = detail::Matmul<T>::forward(reshape(rows, {count, k}, site), columns, {}, false, "matmul", site);
    shape[-1] = columns.shape()[1];
    return Tensor<T>::adopt(detail::without_vectors(reshape(y, shape, site), row, column, site));
}
// x [..., in], weight [out, in], bias [out] or none -> [..., out].
template <FractionElement T>
Tensor<T> linear(const Tensor<T>& x, const Tensor<T>& weight, const std::type_identity_t<Tensor<T>>& bias = {},
                 Where site = Where::here()) {
    for (const AnyTensor* in : {&x.untyped(), &weight.untyped()}) detail::require_defined(*in, "linear", site);
    if (weight.rank() != 2) fail("linear", site, {"weight has shape ", weight.shape(), ", expected [out, in]"});
    if (x.rank() < 1 || x.shape()[x.rank() - 1] != weight.shape()[1])
        fail("linear", site,
             {"input ", x.shape(), " has a last dimension other than the weight's ", weight.shape()[1], " (weight ",
              weight.shape(), ")"});
    if (bias.defined() && !(bias.shape() == Shape{weight.shape()[0]}))
        fail("linear", site, {"bias has shape ", bias.shape(), ", expected [", weight.shape()[0], "]"});
    const std::int64_t count = Shape::from(x.shape().begin(), x.shape().end() - 1).numel();
    const Tensor<T> rows = x.rank() == 2 ? x : reshape(x, {count, weight.shape()[1]}, site);
    const Tensor<T> y = detail::Matmul<T>::forward(rows, weight, bias, true, "linear", site);
    Shape shape = x.shape();
    shape[shape.rank() - 1] = weight.shape()[0];
    return x.rank() == 2 ? y : reshape(y, shape, site);
}

}  // namespace fathom::inline v0

#ifndef FATHOM_COMPILED
#include "fathom/ops/matmul.inl.hpp"
#endif
