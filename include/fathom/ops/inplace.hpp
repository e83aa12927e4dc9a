// In-place forms: += -= *= /= (add_, sub_, mul_, div_), clamp_, clamp_min_, clamp_max_, relu_, copy_, fill_. Each
// counts as a write; recorded ones are refused where the graph would be wrong afterwards.
#pragma once

#include "fathom/ops/arithmetic.hpp"
#include "fathom/ops/copy.hpp"
#include "fathom/ops/math.hpp"

namespace fathom::inline v0 {

namespace detail {
// x = op(x, b) in x's own memory; nothing is recorded.
void assign_elementwise(const char* name, const ElementwiseKernel& kernel, const AnyTensor& x, const AnyTensor& b,
                        const ElementwiseKernel& copy, Where site);
// Throws where elements of x share memory.
void check_writable(const AnyTensor& x, const char* name, Where site);
// y, or a copy of it if it shares x's memory, which is to be written.
AnyTensor apart(const AnyTensor& y, const AnyTensor& x, const ElementwiseKernel& copy, const char* name, Where site);
// x = op(x) in x's own memory; nothing is recorded.
void assign_elementwise(const char* name, const ElementwiseKernel& kernel, const AnyTensor& x, double p0, double p1,
                        Where site);
// Makes x the recorded result `y`, which has its shape: all handles of x see it.
void become(const AnyTensor& x, const AnyTensor& y, const char* operation, Where site);

template <Element T, Elementwise op, class Recorded>
void assign(const char* name, Tensor<T>& x, const Operand<T>& b, Recorded recorded) {
    if constexpr (FractionElement<T>) {
        if (autograd::recording(x.untyped()) || (!b.is_scalar() && autograd::recording(b.tensor().untyped()))) {
            autograd::check_in_place(x, true, name, b.site);
            return become(x, recorded(Operand<T>(x, b.site), b), name, b.site);
        }
    }
    const AnyTensor other =
        b.is_scalar() ? scalar_tensor(b.scalar(), x.device(), b.site).untyped() : b.tensor().untyped();
    assign_elementwise(name, cpu::kernel<T, op>, x, other, cpu::kernel<T, Elementwise::copy>, b.site);
}
// The same of one operand: `op` says how, recorded(x) is the recorded form.
template <FractionElement T, class Recorded>
void assign(const ElementwiseOp& op, Tensor<T>& x, Where site, Recorded recorded) {
    require_defined(x, op.name, site);
    if (autograd::recording(x.untyped())) {
        autograd::check_in_place(x, true, op.name, site);
        return become(x, recorded(x), op.name, site);
    }
    assign_elementwise(op.name, op.kernel, x, op.p0, op.p1, site);
}
}  // namespace detail

template <Element T>
void add_assign(Tensor<T>& x, const Operand<T>& b, const char* name) {
    detail::assign<T, Elementwise::add>(name, x, b, [](const Operand<T>& p, const Operand<T>& q) { return add(p, q); });
}
template <Element T>
void sub_assign(Tensor<T>& x, const Operand<T>& b, const char* name) {
    detail::assign<T, Elementwise::sub>(name, x, b, [](const Operand<T>& p, const Operand<T>& q) { return sub(p, q); });
}
template <Element T>
void mul_assign(Tensor<T>& x, const Operand<T>& b, const char* name) {
    detail::assign<T, Elementwise::mul>(name, x, b, [](const Operand<T>& p, const Operand<T>& q) { return mul(p, q); });
}
template <Element T>
void div_assign(Tensor<T>& x, const Operand<T>& b, const char* name) {
    detail::assign<T, Elementwise::div>(name, x, b, [](const Operand<T>& p, const Operand<T>& q) { return div(p, q); });
}
template <Element T>
void clamp_min_assign(Tensor<T>& x, T min, Where site) {
    using A = ArithmeticOf<T>;
    if constexpr (FractionElement<T>)
        detail::assign(
            detail::clamp_op<T>("clamp_min_", detail::clamp_min_rule<T>, min, std::numeric_limits<double>::infinity()),
            x, site, [&](const Tensor<T>& v) { return clamp_min(v, A{min}, site); });
    else
        detail::assign<T, Elementwise::maximum>("clamp_min_", x, Operand<T>(min, site), 0);
}
template <Element T>
void clamp_max_assign(Tensor<T>& x, T max, Where site) {
    using A = ArithmeticOf<T>;
    if constexpr (FractionElement<T>)
        detail::assign(
            detail::clamp_op<T>("clamp_max_", detail::clamp_max_rule<T>, -std::numeric_limits<double>::infinity(), max),
            x, site, [&](const Tensor<T>& v) { return clamp_max(v, A{max}, site); });
    else
        detail::assign<T, Elementwise::minimum>("clamp_max_", x, Operand<T>(max, site), 0);
}
template <Element T>
void clamp_assign(Tensor<T>& x, T min, T max, Where site) {
    using A = ArithmeticOf<T>;
    detail::check_bounds("clamp_", min, max, site);
    if constexpr (FractionElement<T>)
        detail::assign(detail::clamp_op<T>("clamp_", detail::clamp_rule<T>, min, max), x, site,
                       [&](const Tensor<T>& v) { return clamp(v, A{min}, A{max}, site); });
    else
        clamp_min_assign(x, min, site), clamp_max_assign(x, max, site);
}
template <FractionElement T>
void relu_assign(Tensor<T>& x, Where site) {
    detail::assign({"relu_", cpu::kernel<T, Elementwise::relu>, nullptr}, x, site,
                   [&](const Tensor<T>& v) { return relu(v, site); });
}
// `from` broadcasts to x.
template <Element T>
void copy_assign(Tensor<T>& x, const Tensor<T>& from, Where site) {
    if (autograd::recording(x.untyped(), from.untyped())) {
        autograd::check_in_place(x, true, "copy_", site);
        return detail::become(x, clone(expand(from, x.shape(), site), site), "copy_", site);
    }
    detail::assign_elementwise("copy_", cpu::kernel<T, Elementwise::copy>, x, from, cpu::kernel<T, Elementwise::copy>,
                               site);
}
template <Element T>
void fill_assign(Tensor<T>& x, T value, Where site) {
    if (autograd::recording(x.untyped())) autograd::check_in_place(x, true, "fill_", site);
    x.untyped().impl().storage->bump_version();
    detail::run_fill<T>(x, value, "fill_", site);
    if (grad_enabled()) x.untyped().impl().autograd = {};  // a constant has no history
}

}  // namespace fathom::inline v0

#ifndef FATHOM_COMPILED
#include "fathom/ops/inplace.inl.hpp"
#endif
