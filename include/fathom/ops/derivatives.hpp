// Derivatives of functions of tensors, as torch.autograd.functional has them: vjp, jvp, jacobian, hessian, hvp. Each
// runs the function on new leaves with the values that it is given, so what is differentiated is the function alone.
//   ft::Tensor<double> J = ft::jacobian([](const auto& x) { return x * x; }, x);  // [..., ...]: y.shape() + x.shape()
#pragma once

#include "fathom/autograd/backward.hpp"
#include "fathom/ops/copy.hpp"
#include "fathom/tensor/factories.hpp"

namespace fathom::inline v0 {

struct DerivativeOptions {
    bool create_graph = false;  // x keeps its history, and the result can be differentiated again
};

// What a function gave, and its derivative in one direction.
template <FloatElement T>
struct Derivative {
    Tensor<T> output, derivative;
};

namespace detail {

// x itself as something to differentiate by: with its history under another name, or a new leaf.
template <FloatElement T>
Tensor<T> variable(const Tensor<T>& x, bool create_graph, const char* name, Where site) {
    require_defined(x, name, site);
    if (create_graph && requires_grad(x)) return x.reshape(x.shape(), site);
    return x.detach().requires_grad_(true, site);
}

// d y / d x in the direction v; zeros where y does not depend on x.
template <FloatElement T>
Tensor<T> directional(const Tensor<T>& y, const Tensor<T>& x, const Tensor<T>& v, bool retain, bool create,
                      Where site) {
    Tensor<T> g;
    if (requires_grad(y)) {
        GradOptions options;
        options.retain_graph = retain, options.create_graph = create, options.allow_unused = true;
        options.grad_outputs = {v};
        g = grad(y, std::vector<Tensor<T>>{x}, options, site)[0];
    }
    return g.defined() ? g : zeros<T>(x.shape(), x.device(), site);
}

template <FloatElement T>
void check_direction(const Tensor<T>& v, const Shape& shape, const char* name, const char* of, Where site) {
    require_defined(v, name, site);
    if (!(v.shape() == shape))
        fail(name, site, {"the direction has shape ", v.shape(), ", expected ", shape, ", that of the ", of});
}

// The gradient of each element of y with respect to x, [y..., x...].
template <FloatElement T>
Tensor<T> jacobian_of(const Tensor<T>& y, const Tensor<T>& x, bool create, const char* name, Where site) {
    if (y.rank() + x.rank() > max_rank)
        fail(name, site,
             {"the result would have the dimensions of ", y.shape(), " and of ", x.shape(), ", more than ", max_rank});
    Shape shape = y.shape();
    for (std::int64_t size : x.shape()) shape.push_back(size);
    const std::int64_t n = y.numel();
    if (n == 0 || x.numel() == 0) return zeros<T>(shape, x.device(), site);
    Tensor<T> result;
    if (!create) result = empty<T>({n, x.numel()}, x.device(), site);
    std::vector<Tensor<T>> rows;
    for (std::int64_t i = 0; i < n; ++i) {
        const Tensor<T> one = zeros<T>({n}, y.device(), site);
        run_fill<T>(one.select(0, i, site), T{1}, name, site);
        const Tensor<T> row = directional<T>(y, x, one.reshape(y.shape(), site), i + 1 < n, create, site);
        if (create)
            rows.push_back(row.reshape({1, x.numel()}, site));
        else
            run_elementwise(cpu::kernel<T, Elementwise::copy>, result.select(0, i, site), false,
                            {&row.reshape({x.numel()}, site).untyped()}, name, site);
    }
    return (create ? cat(rows, 0, site) : result).reshape(shape, site);
}

// y = f(x), which has to be a tensor of x's type.
template <class F, FloatElement T>
Tensor<T> call_recorded(F& f, const Tensor<T>& x, const char* name, Where site) {
    const GradMode on(true);
    const Tensor<T> y = f(x);
    require_defined(y, name, site);
    return y;
}

template <FloatElement T>
Tensor<T> one_element(const Tensor<T>& y, const char* name, Where site) {
    if (y.numel() != 1)
        fail(name, site, {"the function gives a tensor of shape ", y.shape(), ", expected one element"});
    return y;
}

}  // namespace detail

// v^T J: y = f(x) and the gradient of x for the gradient v of y (one where y has one element and v is not given).
template <class F, FloatElement T>
Derivative<T> vjp(F f, const Tensor<T>& x, const std::type_identity_t<Tensor<T>>& v = {},
                  const DerivativeOptions& options = {}, Where site = Where::here()) {
    const Tensor<T> at = detail::variable(x, options.create_graph, "vjp", site);
    const Tensor<T> y = detail::call_recorded(f, at, "vjp", site);
    if (v.defined()) detail::check_direction(v, y.shape(), "vjp", "function's result", site);
    const Tensor<T> direction =
        v.defined() ? v : ones<T>(detail::one_element(y, "vjp", site).shape(), y.device(), site);
    const Tensor<T> g = detail::directional(y, at, direction, false, options.create_graph, site);
    return {options.create_graph ? y : y.detach(), g};
}

// J v: y = f(x) and how y changes with x in the direction v. By differentiating the vjp, which is linear in its
// direction, by that direction: so f's operations need second derivatives, and it costs about three times f.
template <class F, FloatElement T>
Derivative<T> jvp(F f, const Tensor<T>& x, const std::type_identity_t<Tensor<T>>& v,
                  const DerivativeOptions& options = {}, Where site = Where::here()) {
    detail::require_defined(x, "jvp", site);
    detail::check_direction(v, x.shape(), "jvp", "input", site);
    const Tensor<T> at = detail::variable(x, options.create_graph, "jvp", site);
    const Tensor<T> y = detail::call_recorded(f, at, "jvp", site);
    const Tensor<T> direction = zeros<T>(y.shape(), y.device(), site).requires_grad_(true, site);
    const Tensor<T> g = detail::directional(y, at, direction, true, true, site);
    const Tensor<T> change = detail::directional(g, direction, v, options.create_graph, options.create_graph, site);
    return {options.create_graph ? y : y.detach(), change};
}

// All of J, [y..., x...], in as many backward passes as y has elements.
template <class F, FloatElement T>
Tensor<T> jacobian(F f, const Tensor<T>& x, const DerivativeOptions& options = {}, Where site = Where::here()) {
    const Tensor<T> at = detail::variable(x, options.create_graph, "jacobian", site);
    return detail::jacobian_of<T>(detail::call_recorded(f, at, "jacobian", site), at, options.create_graph, "jacobian",
                                  site);
}

// The second derivatives of a function with one element, [x..., x...].
template <class F, FloatElement T>
Tensor<T> hessian(F f, const Tensor<T>& x, const DerivativeOptions& options = {}, Where site = Where::here()) {
    const Tensor<T> at = detail::variable(x, options.create_graph, "hessian", site);
    const Tensor<T> y = detail::one_element(detail::call_recorded(f, at, "hessian", site), "hessian", site);
    const Tensor<T> g = detail::directional(y, at, ones<T>(y.shape(), y.device(), site), true, true, site);
    return detail::jacobian_of(g, at, options.create_graph, "hessian", site);
}

// The Hessian of a function with one element times v, in two backward passes.
template <class F, FloatElement T>
Derivative<T> hvp(F f, const Tensor<T>& x, const std::type_identity_t<Tensor<T>>& v,
                  const DerivativeOptions& options = {}, Where site = Where::here()) {
    detail::require_defined(x, "hvp", site);
    detail::check_direction(v, x.shape(), "hvp", "input", site);
    const Tensor<T> at = detail::variable(x, options.create_graph, "hvp", site);
    const Tensor<T> y = detail::one_element(detail::call_recorded(f, at, "hvp", site), "hvp", site);
    const Tensor<T> g = detail::directional(y, at, ones<T>(y.shape(), y.device(), site), true, true, site);
    const Tensor<T> product = detail::directional(g, at, v, options.create_graph, options.create_graph, site);
    return {options.create_graph ? y : y.detach(), product};
}

}  // namespace fathom::inline v0
