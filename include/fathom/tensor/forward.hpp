// Members of Tensor forward through these templates to functions that are declared further down the library and found
// by their arguments. An error here says: include the header named beside the group (or <fathom/fathom.hpp>).
#pragma once

#include "fathom/tensor/any_tensor.hpp"

namespace fathom::inline v0 {

struct BackwardOptions {
    bool retain_graph = false;  // keep what the graph saved, so that it can be walked again
};

namespace detail {

// fathom/ops/views.hpp
template <class X>
auto slice_of(const X& x, int dim, std::int64_t begin, std::int64_t end, std::int64_t step, Where site) {
    return slice(x, dim, begin, end, step, site);
}
template <class X>
auto narrow_of(const X& x, int dim, std::int64_t begin, std::int64_t length, Where site) {
    return narrow(x, dim, begin, length, site);
}
template <class X>
auto select_of(const X& x, int dim, std::int64_t index, Where site) {
    return select(x, dim, index, site);
}
template <class X>
auto permute_of(const X& x, const Shape& dims, Where site) {
    return permute(x, dims, site);
}
template <class X>
auto transpose_of(const X& x, int a, int b, Where site) {
    return transpose(x, a, b, site);
}
template <class X>
auto reshape_of(const X& x, const Shape& shape, Where site) {
    return reshape(x, shape, site);
}
template <class X>
auto expand_of(const X& x, const Shape& shape, Where site) {
    return expand(x, shape, site);
}
template <class X>
auto squeeze_of(const X& x, int dim, Where site) {
    return squeeze(x, dim, site);
}
template <class X>
auto unsqueeze_of(const X& x, int dim, Where site) {
    return unsqueeze(x, dim, site);
}

// fathom/ops/copy.hpp
template <class X>
auto contiguous_of(const X& x, MemoryFormat format, Where site) {
    return contiguous(x, format, site);
}
template <class X>
auto clone_of(const X& x, Where site) {
    return clone(x, site);
}
template <class U, class X>
auto to_of(const X& x, Where site) {
    return to<U>(x, site);
}
template <class X>
auto to_device_of(const X& x, Device device, Where site) {
    return to_device(x, device, site);
}

// fathom/ops/reduce.hpp
template <class X>
auto sum_of(const X& x, Where site) {
    return sum(x, site);
}
template <class X>
auto sum_of(const X& x, const Shape& dims, bool keepdim, Where site) {
    return sum(x, dims, keepdim, site);
}
template <class X>
auto mean_of(const X& x, Where site) {
    return mean(x, site);
}
template <class X>
auto mean_of(const X& x, const Shape& dims, bool keepdim, Where site) {
    return mean(x, dims, keepdim, site);
}

// fathom/ops/mask.hpp
template <class X>
auto any_of(const X& x, const Shape& dims, bool keepdim, Where site) {
    return any(x, dims, keepdim, site);
}
template <class X>
auto all_of(const X& x, const Shape& dims, bool keepdim, Where site) {
    return all(x, dims, keepdim, site);
}
template <class Operand>
auto logical_and_of(const Operand& a, const Operand& b) {
    return logical_and(a, b);
}
template <class Operand>
auto logical_or_of(const Operand& a, const Operand& b) {
    return logical_or(a, b);
}
template <class Operand>
auto logical_xor_of(const Operand& a, const Operand& b) {
    return logical_xor(a, b);
}
template <class Operand>
auto logical_not_of(const Operand& a) {
    return logical_not(a);
}

// fathom/autograd/backward.hpp
template <class X>
void require_grad_of(X& x, bool on, Where site) {
    set_requires_grad(x, on, site);
}
template <class X>
bool requires_grad_of(const X& x) {
    return requires_grad(x);
}
template <class X>
X grad_of(const X& x) {
    return accumulated_grad(x);
}
template <class X>
void zero_grad_of(X& x) {
    zero_grad(x);
}
template <class X>
void backward_of(const X& x, const BackwardOptions& options, Where site) {
    backward(x, options, site);
}

// fathom/autograd/hook.hpp
template <class X, class F>
auto register_hook_of(const X& x, F f, Where site) {
    return register_hook(x, std::move(f), site);
}

// fathom/ops/inplace.hpp
template <class X, class Operand>
void add_assign_of(X& x, const Operand& b) {
    add_assign(x, b);
}
template <class X, class Operand>
void sub_assign_of(X& x, const Operand& b) {
    sub_assign(x, b);
}
template <class X, class Operand>
void mul_assign_of(X& x, const Operand& b) {
    mul_assign(x, b);
}
template <class X, class Operand>
void div_assign_of(X& x, const Operand& b) {
    div_assign(x, b);
}
template <class X>
void copy_assign_of(X& x, const X& from, Where site) {
    copy_assign(x, from, site);
}
template <class X, class T>
void fill_assign_of(X& x, T value, Where site) {
    fill_assign(x, value, site);
}

// fathom/ops/arithmetic.hpp
template <class Operand>
auto add_of(const Operand& a, const Operand& b) {
    return add(a, b);
}
template <class Operand>
auto sub_of(const Operand& a, const Operand& b) {
    return sub(a, b);
}
template <class Operand>
auto mul_of(const Operand& a, const Operand& b) {
    return mul(a, b);
}
template <class Operand>
auto div_of(const Operand& a, const Operand& b) {
    return div(a, b);
}
template <class Operand>
auto neg_of(const Operand& a) {
    return neg(a);
}
template <class Operand>
auto equal_of(const Operand& a, const Operand& b) {
    return equal(a, b);
}
template <class Operand>
auto not_equal_of(const Operand& a, const Operand& b) {
    return not_equal(a, b);
}
template <class Operand>
auto less_of(const Operand& a, const Operand& b) {
    return less(a, b);
}
template <class Operand>
auto less_equal_of(const Operand& a, const Operand& b) {
    return less_equal(a, b);
}

}  // namespace detail
}  // namespace fathom::inline v0
