// In-place forms: += -= *= /=, copy_, fill_. Each counts as a write; recorded ones are refused where the graph would be
// wrong afterwards.
#pragma once

#include "fathom/ops/arithmetic.hpp"
#include "fathom/ops/copy.hpp"

namespace fathom::inline v0 {

namespace detail {
// x = op(x, b) in x's own memory; nothing is recorded.
void assign_elementwise(const char* name, const ElementwiseKernel& kernel, const AnyTensor& x, const AnyTensor& b,
                        const ElementwiseKernel& copy, Where site);
// Throws where elements of x share memory.
void check_writable(const AnyTensor& x, const char* name, Where site);
// y, or a copy of it if it shares x's memory, which is to be written.
AnyTensor apart(const AnyTensor& y, const AnyTensor& x, const ElementwiseKernel& copy, const char* name, Where site);
// Makes x the recorded result `y`, which has its shape: all handles of x see it.
void become(const AnyTensor& x, const AnyTensor& y, const char* operation, Where site);

template <Element T, Elementwise op, class Recorded>
void assign(const char* name, Tensor<T>& x, const Operand<T>& b, Recorded recorded) {
    if constexpr (FloatElement<T>) {
        if (autograd::recording(x.untyped()) || (!b.is_scalar() && autograd::recording(b.tensor().untyped()))) {
            autograd::check_in_place(x, true, name, b.site);
            return become(x, recorded(Operand<T>(x, b.site), b), name, b.site);
        }
    }
    const AnyTensor other = b.is_scalar() ? scalar_tensor(b.scalar(), x.device(), b.site) : b.tensor();
    assign_elementwise(name, cpu::kernel<T, op>, x, other, cpu::kernel<T, Elementwise::copy>, b.site);
}
}  // namespace detail

template <Element T>
void add_assign(Tensor<T>& x, const Operand<T>& b) {
    detail::assign<T, Elementwise::add>("+=", x, b, [](const Operand<T>& p, const Operand<T>& q) { return add(p, q); });
}
template <Element T>
void sub_assign(Tensor<T>& x, const Operand<T>& b) {
    detail::assign<T, Elementwise::sub>("-=", x, b, [](const Operand<T>& p, const Operand<T>& q) { return sub(p, q); });
}
template <Element T>
void mul_assign(Tensor<T>& x, const Operand<T>& b) {
    detail::assign<T, Elementwise::mul>("*=", x, b, [](const Operand<T>& p, const Operand<T>& q) { return mul(p, q); });
}
template <Element T>
void div_assign(Tensor<T>& x, const Operand<T>& b) {
    detail::assign<T, Elementwise::div>("/=", x, b, [](const Operand<T>& p, const Operand<T>& q) { return div(p, q); });
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
