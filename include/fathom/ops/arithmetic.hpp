// + - * / and comparisons, between tensors (broadcast as in NumPy) and with scalars. No promotion between dtypes.
#pragma once

#include "fathom/ops/elementwise.hpp"

namespace fathom::inline v0 {

namespace detail {

template <FractionElement T>
AnyTensor mul_recorded(const AnyTensor& a, const AnyTensor& b) {
    return Tensor<T>::adopt(a) * Tensor<T>::adopt(b);
}

template <FractionElement T>
inline constexpr Rule add_rule = {{{}, {}}, &autograd::type_ops<T>};
template <FractionElement T>
inline constexpr Rule neg_rule = {
    {{"g", cpu::kernel<T, Elementwise::neg>, [](const Operands& o) -> AnyTensor { return -typed<T>(o.g); }}, {}},
    &autograd::type_ops<T>};
template <FractionElement T>
inline constexpr Rule sub_rule = {{{}, neg_rule<T>.partial[0]}, &autograd::type_ops<T>};
template <FractionElement T>
inline constexpr Rule mul_rule = {
    {{"gb", cpu::kernel<T, Elementwise::mul>, [](const Operands& o) { return mul_recorded<T>(o.g, o.b); }},
     {"ga", cpu::kernel<T, Elementwise::mul>, [](const Operands& o) { return mul_recorded<T>(o.g, o.a); }}},
    &autograd::type_ops<T>};
template <FractionElement T>
inline constexpr Rule div_rule = {{{"gb", cpu::kernel<T, Elementwise::div>,
                                    [](const Operands& o) -> AnyTensor { return typed<T>(o.g) / typed<T>(o.b); }},
                                   {"gab", cpu::kernel<T, Elementwise::div_grad_b>,
                                    [](const Operands& o) -> AnyTensor {
                                        return -(typed<T>(o.g) * (typed<T>(o.a) / typed<T>(o.b) / typed<T>(o.b)));
                                    }}},
                                  &autograd::type_ops<T>};
// x * p0 + p1
template <FractionElement T>
AnyTensor scaled(const AnyTensor& x, double factor, Where site);
template <FractionElement T>
inline constexpr Rule affine_rule = {
    {{"g", cpu::kernel<T, Elementwise::affine>, [](const Operands& o) { return scaled<T>(o.g, o.p0, {}); }, false}, {}},
    &autograd::type_ops<T>};
template <FractionElement T>
inline constexpr Rule reciprocal_rule = {{{"ga", cpu::kernel<T, Elementwise::reciprocal_grad>,
                                           [](const Operands& o) -> AnyTensor {
                                               return scaled<T>(typed<T>(o.g) / typed<T>(o.a) / typed<T>(o.a), -o.p0,
                                                                {});
                                           }},
                                          {}},
                                         &autograd::type_ops<T>};

template <FractionElement T>
Tensor<T> affine(const Tensor<T>& x, double factor, double constant, const char* name, Where site) {
    return elementwise<T>({name, cpu::kernel<T, Elementwise::affine>, &affine_rule<T>, factor, constant}, x, {}, site);
}
template <FractionElement T>
AnyTensor scaled(const AnyTensor& x, double factor, Where site) {
    return affine(typed<T>(x), factor, no_constant, "mul", site);
}

// x / divisor of two bytes: the divisor stays a float.
template <StoredElement T>
Tensor<T> divide(const Tensor<T>& x, double divisor, Where site);
template <StoredElement T>
inline constexpr Rule divide_rule = {{{"gb", cpu::kernel<T, Elementwise::div>,
                                       [](const Operands& o) -> AnyTensor { return divide(typed<T>(o.g), o.p0, {}); }},
                                      {}},
                                     &autograd::type_ops<T>};
template <StoredElement T>
Tensor<T> divide(const Tensor<T>& x, double divisor, Where site) {
    require_defined(x, "div", site);
    return elementwise<T>({"div", cpu::kernel<T, Elementwise::div>, &divide_rule<T>, divisor}, x,
                          scalar_tensor(static_cast<float>(divisor), x.device(), site), site);
}

// Both operands as tensors, a scalar as one without dimensions on the device of the other.
template <Element T>
class TwoTensors {
public:
    TwoTensors(const char* name, const Operand<T>& p, const Operand<T>& q)
        : a(p.is_scalar() ? scalar_ : p.tensor()), b(q.is_scalar() ? scalar_ : q.tensor()) {
        for (const Operand<T>* o : {&p, &q})
            if (!o->is_scalar()) require_defined(o->tensor(), name, p.site);
        if (p.is_scalar()) scalar_ = scalar_tensor(scalar_as<T>(p.scalar(), p.site), b.device(), p.site);
        if (q.is_scalar()) scalar_ = scalar_tensor(scalar_as<T>(q.scalar(), p.site), a.device(), p.site);
    }
    TwoTensors(const TwoTensors&) = delete;
    TwoTensors& operator=(const TwoTensors&) = delete;

private:
    Tensor<T> scalar_;

public:
    const Tensor<T>&a, &b;
};
template <Element T, Elementwise op>
Tensor<T> binary(const char* name, const Rule* rule, const Operand<T>& a, const Operand<T>& b) {
    const TwoTensors<T> in(name, a, b);
    return elementwise<T>({name, cpu::kernel<T, op>, rule}, in.a, in.b, a.site);
}
template <Element T>
Tensor<bool> compare(const char* name, const ElementwiseKernel& kernel, const Operand<T>& a, const Operand<T>& b) {
    const TwoTensors<T> in(name, a, b);
    return elementwise<bool>({name, kernel, nullptr}, in.a, in.b, a.site);
}

}  // namespace detail

template <Element T>
Tensor<T> add(const Operand<T>& a, const Operand<T>& b) {
    if constexpr (FractionElement<T>) {
        if (b.is_scalar()) return detail::affine(a.tensor(), 1, b.scalar(), "add", a.site);
        if (a.is_scalar()) return detail::affine(b.tensor(), 1, a.scalar(), "add", a.site);
        return detail::binary<T, Elementwise::add>("add", &detail::add_rule<T>, a, b);
    } else {
        return detail::binary<T, Elementwise::add>("add", nullptr, a, b);
    }
}
template <Element T>
Tensor<T> sub(const Operand<T>& a, const Operand<T>& b) {
    if constexpr (FractionElement<T>) {
        if (b.is_scalar()) return detail::affine(a.tensor(), 1, -static_cast<double>(b.scalar()), "sub", a.site);
        if (a.is_scalar()) return detail::affine(b.tensor(), -1, a.scalar(), "sub", a.site);
        return detail::binary<T, Elementwise::sub>("sub", &detail::sub_rule<T>, a, b);
    } else {
        return detail::binary<T, Elementwise::sub>("sub", nullptr, a, b);
    }
}
template <Element T>
Tensor<T> mul(const Operand<T>& a, const Operand<T>& b) {
    if constexpr (FractionElement<T>) {
        if (b.is_scalar()) return detail::affine(a.tensor(), b.scalar(), detail::no_constant, "mul", a.site);
        if (a.is_scalar()) return detail::affine(b.tensor(), a.scalar(), detail::no_constant, "mul", a.site);
        return detail::binary<T, Elementwise::mul>("mul", &detail::mul_rule<T>, a, b);
    } else {
        return detail::binary<T, Elementwise::mul>("mul", nullptr, a, b);
    }
}
template <Element T>
Tensor<T> div(const Operand<T>& a, const Operand<T>& b) {
    if constexpr (FractionElement<T>) {
        if (a.is_scalar())
            return detail::elementwise<T>({"div", cpu::kernel<T, Elementwise::reciprocal>, &detail::reciprocal_rule<T>,
                                           static_cast<double>(a.scalar())},
                                          b.tensor(), {}, a.site);
        if constexpr (StoredElement<T>)
            if (b.is_scalar()) return detail::divide(a.tensor(), b.scalar(), a.site);
        return detail::binary<T, Elementwise::div>("div", &detail::div_rule<T>, a, b);
    } else {
        return detail::binary<T, Elementwise::div>("div", nullptr, a, b);
    }
}
template <Element T>
Tensor<T> neg(const Operand<T>& a) {
    const detail::Rule* rule = nullptr;
    if constexpr (FractionElement<T>) rule = &detail::neg_rule<T>;
    return detail::elementwise<T>({"neg", cpu::kernel<T, Elementwise::neg>, rule}, a.tensor(), {}, a.site);
}

template <Element T>
Tensor<bool> equal(const Operand<T>& a, const Operand<T>& b) {
    return detail::compare("equal", cpu::kernel<T, Elementwise::equal>, a, b);
}
template <Element T>
Tensor<bool> not_equal(const Operand<T>& a, const Operand<T>& b) {
    return detail::compare("not_equal", cpu::kernel<T, Elementwise::not_equal>, a, b);
}
template <Element T>
Tensor<bool> less(const Operand<T>& a, const Operand<T>& b) {
    return detail::compare("less", cpu::kernel<T, Elementwise::less>, a, b);
}
template <Element T>
Tensor<bool> less_equal(const Operand<T>& a, const Operand<T>& b) {
    return detail::compare("less_equal", cpu::kernel<T, Elementwise::less_equal>, a, b);
}

}  // namespace fathom::inline v0
