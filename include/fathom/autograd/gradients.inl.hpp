// Definitions of gradients.hpp. `node` is always the node whose output the gradient belongs to.

namespace fathom::inline v0::autograd {

namespace engine {

FATHOM_INLINE void fill(const AnyTensor& x, double value, const Node& node) {
    abi::ElementwiseArgs args{};
    args.op = Elementwise::fill;
    args.out = detail::array_of(x);
    args.parameters[0] = value;
    detail::run(x, node.name, node.site, 0, node.ops->fill, &abi::Table::elementwise, args);
}

FATHOM_INLINE void add_into(const AnyTensor& to, const AnyTensor& from, const Node& node) {
    abi::ElementwiseArgs args{};
    args.op = Elementwise::copy, args.inputs = 1;
    args.out = detail::array_of(to), args.in[0] = detail::array_of(from);
    detail::run(to, node.name, node.site, abi::accumulate, node.ops->copy, &abi::Table::elementwise, args);
}

FATHOM_INLINE AnyTensor clone(const AnyTensor& x, const Node& node) {
    AnyTensor copy = detail::new_tensor(x.shape(), node.output.strides, x.dtype(), x.device(), node.name, node.site);
    abi::ElementwiseArgs args{};
    args.op = Elementwise::copy, args.inputs = 1;
    args.out = detail::array_of(copy), args.in[0] = detail::array_of(x);
    detail::run(copy, node.name, node.site, 0, node.ops->copy, &abi::Table::elementwise, args);
    return copy;
}

// The one differentiable operation of the engine: gradients that meet are added.
class AddGradients final : public Node {
public:
    void backward(Gradients& g) override {
        for (int i = 0; i < 2; ++i)
            if (g.needs(i)) g.add(i, g.output());
    }
};

FATHOM_INLINE AnyTensor add_recorded(const AnyTensor& a, const AnyTensor& b, const Node& node) {
    AnyTensor sum = detail::new_tensor(a.shape(), node.output.strides, a.dtype(), a.device(), node.name, node.site);
    abi::ElementwiseArgs args{};
    args.op = Elementwise::add, args.inputs = 2;
    args.out = detail::array_of(sum), args.in[0] = detail::array_of(a), args.in[1] = detail::array_of(b);
    detail::run(sum, node.name, node.site, 0, node.ops->add, &abi::Table::elementwise, args);
    if (recording(a, b)) record(sum, Ref<Node>(new AddGradients), "add_gradients", node.site, node.ops, {&a, &b});
    return sum;
}

FATHOM_INLINE void collect(Pending& pending, const AnyTensor& gradient, const Node& node, bool recorded) {
    if (!pending.value.defined()) {
        pending = {gradient, false};
    } else if (recorded) {
        pending = {add_recorded(pending.value, gradient, node), false};
    } else {
        if (!pending.owned) pending = {clone(pending.value, node), true};
        add_into(pending.value, gradient, node);
    }
}

}  // namespace engine

FATHOM_INLINE Target Gradients::target(int i) {
    Pending& pending = *inputs_[i];
    const Node& node = *node_.inputs[static_cast<std::size_t>(i)];
    if (pending.value.defined()) {
        if (!pending.owned) pending = {engine::clone(pending.value, node), true};
        return {pending.value, true};
    }
    const OutputInfo& info = node.output;
    pending = {detail::new_tensor(info.shape, info.strides, info.dtype, info.device, node_.name, node_.site), true};
    return {pending.value, false};
}

FATHOM_INLINE void Gradients::add(int i, const AnyTensor& gradient) {
    engine::collect(*inputs_[i], gradient, *node_.inputs[static_cast<std::size_t>(i)], recorded_);
}

}  // namespace fathom::inline v0::autograd
