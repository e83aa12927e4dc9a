// Definitions of gradients.hpp. `node` is always the node whose output the gradient belongs to.

namespace fathom::inline v0::autograd {

namespace engine {

FATHOM_INLINE void fill(const AnyTensor& x, double value, const Node& node) {
    detail::run_elementwise(node.ops->fill, x, false, {}, node.name, node.site, value);
}

FATHOM_INLINE void add_into(const AnyTensor& to, const AnyTensor& from, const Node& node) {
    detail::run_elementwise(node.ops->copy, to, true, {&from}, node.name, node.site);
}

FATHOM_INLINE AnyTensor clone(const AnyTensor& x, const Node& node) {
    AnyTensor copy = detail::new_tensor(x.shape(), node.output.strides, x.dtype(), x.device(), node.name, node.site);
    detail::run_elementwise(node.ops->copy, copy, false, {&x}, node.name, node.site);
    return copy;
}

// The one differentiable operation of the engine: gradients that meet are added.
struct AddGradients final : Node {
    void backward(Gradients& g) override {
        for (int i = 0; i < 2; ++i)
            if (g.needs(i)) g.add(i, g.output());
    }
};

FATHOM_INLINE AnyTensor sum_of(const AnyTensor& a, const AnyTensor& b, const Node& node) {
    AnyTensor sum = detail::new_tensor(a.shape(), node.output.strides, a.dtype(), a.device(), node.name, node.site);
    detail::run_elementwise(node.ops->add, sum, false, {&a, &b}, node.name, node.site);
    return sum;
}

FATHOM_INLINE AnyTensor add_recorded(const AnyTensor& a, const AnyTensor& b, const Node& node) {
    return finish<AddGradients>(sum_of(a, b, node), "add_gradients", node.site, {a, b}, [](AddGradients&) {});
}

FATHOM_INLINE void collect(Pending& pending, const AnyTensor& gradient, const Node& node, bool recorded) {
    if (!pending.value.defined()) {
        pending = {gradient, false};
    } else if (recorded) {
        pending = {add_recorded(pending.value, gradient, node), false};
    } else if (pending.owned) {
        add_into(pending.value, gradient, node);
    } else {
        pending = {sum_of(pending.value, gradient, node), true};
    }
}

}  // namespace engine

FATHOM_INLINE Pending& Gradients::pending(int i) const {
    if (!needs(i)) fail(node_.name, node_.site, {"backward gives a gradient for input ", i, ", which needs none"});
    return *inputs_[i];
}

FATHOM_INLINE Target Gradients::target(int i) {
    const Pending& collected = pending(i);
    if (collected.lent_to == &node_) {
        const OutputInfo& info = node_.inputs[static_cast<std::size_t>(i)]->output;
        later_.push_back(
            {i, detail::new_tensor(info.shape, info.strides, info.dtype, info.device, node_.name, node_.site)});
        return {later_.back().gradient, false};
    }
    const Target target = target_in_turn(i);
    inputs_[i]->lent_to = &node_;
    return target;
}

FATHOM_INLINE Target Gradients::target_in_turn(int i) {
    Pending& collected = pending(i);
    const Node& node = *node_.inputs[static_cast<std::size_t>(i)];
    if (collected.value.defined()) {
        if (!collected.owned) collected = {engine::clone(collected.value, node), true};
        return {collected.value, true};
    }
    const OutputInfo& info = node.output;
    collected = {detail::new_tensor(info.shape, info.strides, info.dtype, info.device, node_.name, node_.site), true};
    return {collected.value, false};
}

FATHOM_INLINE void Gradients::add(int i, const AnyTensor& gradient) {
    Pending& collected = pending(i);
    const Node& node = *node_.inputs[static_cast<std::size_t>(i)];
    const OutputInfo& wanted = node.output;
    if (!gradient.defined()) fail(node_.name, node_.site, {"the gradient for input ", i, " is an undefined tensor"});
    if (!(gradient.shape() == wanted.shape) || gradient.dtype() != wanted.dtype || gradient.device() != wanted.device)
        fail(node_.name, node_.site,
             {"the gradient for input ", i, " is ", gradient.dtype(), " ", gradient.shape(), " on ", gradient.device(),
              ", expected ", wanted.dtype, " ", wanted.shape, " on ", wanted.device});
    if (collected.lent_to == &node_)
        later_.push_back({i, gradient});
    else
        engine::collect(collected, gradient, node, recorded_);
}

FATHOM_INLINE void Gradients::finish() {
    for (const Addend& addend : later_)
        engine::collect(pending(addend.input), addend.gradient, *node_.inputs[static_cast<std::size_t>(addend.input)],
                        recorded_);
}

}  // namespace fathom::inline v0::autograd
