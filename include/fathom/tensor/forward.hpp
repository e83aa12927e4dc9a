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
auto slice_of(const X& x, int dim, std::int64_t begin, std::int64_t end, std::int64_t step, Where where) {
    return slice(x, dim, begin, end, step, where);
}
template <class X>
auto narrow_of(const X& x, int dim, std::int64_t begin, std::int64_t length, Where where) {
    return narrow(x, dim, begin, length, where);
}
template <class X>
auto select_of(const X& x, int dim, std::int64_t index, Where where) {
    return select(x, dim, index, where);
}
template <class X>
auto permute_of(const X& x, const Shape& dims, Where where) {
    return permute(x, dims, where);
}
template <class X>
auto transpose_of(const X& x, int a, int b, Where where) {
    return transpose(x, a, b, where);
}
template <class X>
auto reshape_of(const X& x, const Shape& shape, Where where) {
    return reshape(x, shape, where);
}
template <class X>
auto expand_of(const X& x, const Shape& shape, Where where) {
    return expand(x, shape, where);
}
template <class X>
auto squeeze_of(const X& x, int dim, Where where) {
    return squeeze(x, dim, where);
}
template <class X>
auto unsqueeze_of(const X& x, int dim, Where where) {
    return unsqueeze(x, dim, where);
}

// fathom/ops/copy.hpp
template <class X>
auto contiguous_of(const X& x, MemoryFormat format, Where where) {
    return contiguous(x, format, where);
}
template <class X>
auto clone_of(const X& x, Where where) {
    return clone(x, where);
}
template <class U, class X>
auto to_of(const X& x, Where where) {
    return to<U>(x, where);
}
template <class X>
auto to_device_of(const X& x, Device device, Where where) {
    return to_device(x, device, where);
}

// fathom/ops/reduce.hpp
template <class X>
auto sum_of(const X& x, Where where) {
    return sum(x, where);
}
template <class X>
auto sum_of(const X& x, const Shape& dims, bool keepdim, Where where) {
    return sum(x, dims, keepdim, where);
}
template <class X>
auto mean_of(const X& x, Where where) {
    return mean(x, where);
}
template <class X>
auto mean_of(const X& x, const Shape& dims, bool keepdim, Where where) {
    return mean(x, dims, keepdim, where);
}

// fathom/autograd/backward.hpp
template <class X>
void require_grad_of(X& x, bool on, Where where) {
    set_requires_grad(x, on, where);
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
void backward_of(const X& x, const BackwardOptions& options, Where where) {
    backward(x, options, where);
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
void copy_assign_of(X& x, const X& from, Where where) {
    copy_assign(x, from, where);
}
template <class X, class T>
void fill_assign_of(X& x, T value, Where where) {
    fill_assign(x, value, where);
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
