// backward() and grad(): walk the graph from outputs to leaves in the order of descending sequence numbers.
#pragma once

#include <array>
#include <vector>

#include "fathom/autograd/function.hpp"
#include "fathom/tensor/tensor.hpp"

namespace fathom::inline v0 {

struct GradOptions {
    bool retain_graph = false;  // keep what the graph saved
    bool create_graph = false;  // the gradients can be differentiated again; implies retain_graph
    bool allow_unused =
        false;  // an input that does not influence the outputs gives an undefined tensor instead of an error
    std::vector<AnyTensor> grad_outputs = {};  // d loss / d outputs; needed for outputs with more than one element
};

namespace autograd {

// Adds the gradient of `output` to every leaf that it depends on. `gradient` may be undefined for an output with one
// element.
void backward(const AnyTensor& output, const AnyTensor& gradient, bool retain_graph, Where site);
// Gradients of outputs with respect to inputs (leaves or results); no leaf's accumulated gradient changes.
std::vector<AnyTensor> grad(const std::vector<AnyTensor>& outputs, const std::vector<AnyTensor>& inputs,
                            const GradOptions& options, Where site);
// For a node whose backward is such a walk itself: the gradients of `nodes`, each without what reaches it through
// another one, since that comes to it by the other's edges. Undefined where the output does not depend on one. Frees
// the graph unless recorded.
std::vector<AnyTensor> grad_at(const AnyTensor& output, const AnyTensor& gradient, const detail::List<Node*>& nodes,
                               bool recorded, Where site);
void set_requires_grad(const AnyTensor& x, bool on, const TypeOps* ops, Where site);
// The accumulated gradient of a leaf; undefined if there is none.
AnyTensor accumulated_grad(const AnyTensor& x);
void zero_grad(const AnyTensor& x);

}  // namespace autograd

template <Element T>
void set_requires_grad(Tensor<T>& x, bool on, Where site) {
    static_assert(FractionElement<T>, "a leaf with a gradient holds fractions: float, double, bfloat16 or half");
    if constexpr (FractionElement<T>) autograd::set_requires_grad(x, on, &autograd::type_ops<T>, site);
}
template <Element T>
bool requires_grad(const Tensor<T>& x) {
    return autograd::requires_grad(x.untyped());
}
template <FractionElement T>
Tensor<T> accumulated_grad(const Tensor<T>& x) {
    return Tensor<T>::adopt(autograd::accumulated_grad(x));
}
template <FractionElement T>
void zero_grad(Tensor<T>& x) {
    autograd::zero_grad(x);
}
// Adds d x / d leaf to leaf.grad() for every leaf; x has one element.
template <FractionElement T>
void backward(const Tensor<T>& x, const BackwardOptions& options = {}, Where site = Where::here()) {
    autograd::backward(x, {}, options.retain_graph, site);
}
// The same from a given d loss / d x of x's shape.
template <FractionElement T>
void backward(const Tensor<T>& x, const Tensor<T>& gradient, const BackwardOptions& options = {},
              Where site = Where::here()) {
    autograd::backward(x, gradient, options.retain_graph, site);
}

// auto [g, h] = grad(loss, {w, b}, {.create_graph = true});
template <FractionElement T, std::size_t count>
std::array<Tensor<T>, count> grad(const Tensor<T>& output, const Tensor<T> (&inputs)[count],
                                  const GradOptions& options = {}, Where site = Where::here()) {
    const auto found = autograd::grad({output}, std::vector<AnyTensor>(inputs, inputs + count), options, site);
    std::array<Tensor<T>, count> gradients;
    for (std::size_t i = 0; i < count; ++i) gradients[i] = Tensor<T>::adopt(found[i]);
    return gradients;
}
template <FractionElement T>
std::vector<Tensor<T>> grad(const Tensor<T>& output, const std::vector<Tensor<T>>& inputs,
                            const GradOptions& options = {}, Where site = Where::here()) {
    std::vector<Tensor<T>> gradients;
    for (AnyTensor& g : autograd::grad({output}, {inputs.begin(), inputs.end()}, options, site))
        gradients.push_back(Tensor<T>::adopt(std::move(g)));
    return gradients;
}

}  // namespace fathom::inline v0

#ifndef FATHOM_COMPILED
#include "fathom/autograd/backward.inl.hpp"
#endif
