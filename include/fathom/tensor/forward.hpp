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

template <class X>
auto squeeze_of(const X& x, Where site) {
    return squeeze(x, site);
}
template <class X>
auto view_of(const X& x, const Shape& shape, Where site) {
    return view(x, shape, site);
}
template <class X>
auto flatten_of(const X& x, int start_dim, int end_dim, Where site) {
    return flatten(x, start_dim, end_dim, site);
}
template <class X>
auto unflatten_of(const X& x, int dim, const Shape& sizes, Where site) {
    return unflatten(x, dim, sizes, site);
}

// fathom/ops/parts.hpp
template <class X>
auto unfold_of(const X& x, int dimension, std::int64_t size, std::int64_t step, Where site) {
    return unfold(x, dimension, size, step, site);
}
template <class X>
auto diagonal_of(const X& x, std::int64_t offset, int dim1, int dim2, Where site) {
    return diagonal(x, offset, dim1, dim2, site);
}
template <class X, class Sizes>
auto split_of(const X& x, const Sizes& sizes, int dim, Where site) {
    return split(x, sizes, dim, site);
}
template <class X>
auto chunk_of(const X& x, std::int64_t chunks, int dim, Where site) {
    return chunk(x, chunks, dim, site);
}
template <class X>
auto unbind_of(const X& x, int dim, Where site) {
    return unbind(x, dim, site);
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

template <class X, class... Args>
auto max_of(const X& x, Args... args) {
    return max(x, args...);
}
template <class X, class... Args>
auto min_of(const X& x, Args... args) {
    return min(x, args...);
}
template <class X, class... Args>
auto argmax_of(const X& x, Args... args) {
    return argmax(x, args...);
}
template <class X, class... Args>
auto argmin_of(const X& x, Args... args) {
    return argmin(x, args...);
}
template <class X>
auto var_of(const X& x, const Shape& dims, double correction, bool keepdim, Where site) {
    return var(x, dims, correction, keepdim, site);
}

// fathom/ops/norm.hpp
template <class X>
auto std_of(const X& x, const Shape& dims, double correction, bool keepdim, Where site) {
    return standard_deviation(x, dims, correction, keepdim, site);
}
template <class X>
auto norm_of(const X& x, double p, const Shape& dims, bool keepdim, Where site) {
    return norm(x, p, dims, keepdim, site);
}

// fathom/ops/cumulative.hpp
template <class X, class... Args>
auto prod_of(const X& x, Args... args) {
    return prod(x, args...);
}
template <class X>
auto cumsum_of(const X& x, int dim, Where site) {
    return cumsum(x, dim, site);
}

// fathom/ops/math.hpp; powers by a tensor functions.hpp
template <class X>
auto abs_of(const X& x, Where site) {
    return abs(x, site);
}
template <class X>
auto exp_of(const X& x, Where site) {
    return exp(x, site);
}
template <class X>
auto log_of(const X& x, Where site) {
    return log(x, site);
}
template <class X>
auto sqrt_of(const X& x, Where site) {
    return sqrt(x, site);
}
template <class X, class Exponent>
auto pow_of(const X& x, const Exponent& exponent, Where site) {
    return pow(x, exponent, site);
}
template <class X, class T>
auto clamp_of(const X& x, T min, T max, Where site) {
    return clamp(x, min, max, site);
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
void add_assign_of(X& x, const Operand& b, const char* name) {
    add_assign(x, b, name);
}
template <class X, class Operand>
void sub_assign_of(X& x, const Operand& b, const char* name) {
    sub_assign(x, b, name);
}
template <class X, class Operand>
void mul_assign_of(X& x, const Operand& b, const char* name) {
    mul_assign(x, b, name);
}
template <class X, class Operand>
void div_assign_of(X& x, const Operand& b, const char* name) {
    div_assign(x, b, name);
}
template <class X, class T>
void clamp_assign_of(X& x, T min, T max, Where site) {
    clamp_assign(x, min, max, site);
}
template <class X, class T>
void clamp_min_assign_of(X& x, T min, Where site) {
    clamp_min_assign(x, min, site);
}
template <class X, class T>
void clamp_max_assign_of(X& x, T max, Where site) {
    clamp_max_assign(x, max, site);
}
template <class X>
void relu_assign_of(X& x, Where site) {
    relu_assign(x, site);
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
