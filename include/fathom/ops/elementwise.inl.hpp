// Definitions of elementwise.hpp.

namespace fathom::inline v0::detail {

FATHOM_INLINE Shape broadcast_shape(const AnyTensor& a, const AnyTensor& b, const char* operation, Where site) {
    Shape shape;
    if (!broadcast_shapes(a.shape(), b.shape(), shape))
        fail(operation, site, {"shapes ", a.shape(), " and ", b.shape(), " do not broadcast"});
    return shape;
}

FATHOM_INLINE Shape output_strides(const Shape& shape, std::initializer_list<const AnyTensor*> inputs) {
    for (const AnyTensor* x : inputs)
        if (x->defined() && x->shape() == shape) return strides_in_order_of(shape, shape, x->strides());
    for (const AnyTensor* x : inputs)
        if (x->defined() && x->rank() == shape.rank()) return strides_in_order_of(shape, x->shape(), x->strides());
    return row_major_strides(shape);
}

FATHOM_INLINE void elementwise_into(const ElementwiseOp& op, const AnyTensor& out, std::uint32_t flags,
                                    std::initializer_list<const AnyTensor*> in, Where site) {
    abi::ElementwiseArgs args{};
    args.op = op.op;
    args.out = array_of(out);
    for (const AnyTensor* x : in) args.in[args.inputs++] = array_of(*x, out.shape());
    args.parameters[0] = op.p0, args.parameters[1] = op.p1;
    run(out, op.name, site, flags, op.cpu, &abi::Table::elementwise, args);
}

class ElementwiseNode final : public autograd::Node {
public:
    ElementwiseNode(const ElementwiseOp& op, const AnyTensor& a, const AnyTensor& b, const AnyTensor& y) : op_(op) {
        bool uses_a = false, uses_b = false, uses_y = false;
        const AnyTensor* in[2] = {&a, &b};
        for (int i = 0; i < 2; ++i) {
            if (!autograd::requires_grad(*in[i])) continue;
            for (const char* c = op.rule->partial[i].operands; *c; ++c)
                uses_a |= *c == 'a', uses_b |= *c == 'b', uses_y |= *c == 'y';
        }
        if (uses_a) a_ = autograd::Saved(a);
        if (uses_b) b_ = autograd::Saved(b);
        if (uses_y) y_ = autograd::Saved::output(y);
        input_shape_[0] = a.shape();
        if (b.defined()) input_shape_[1] = b.shape();
    }

    void backward(autograd::Gradients& g) override {
        const Operands o{g.output(), a_.get(*this), b_.get(*this), y_.get(*this), op_.p0, op_.p1};
        for (int i = 0; i < static_cast<int>(inputs.size()); ++i) {
            if (!g.needs(i)) continue;
            const Partial& partial = op_.rule->partial[i];
            const bool same_shape = input_shape_[i] == o.g.shape();
            if (!partial.cpu) {
                if (same_shape)
                    g.add(i, o.g);
                else
                    sum_into(o.g, g.target(i), ops->sum, name, site);
                continue;
            }
            const autograd::Target direct = same_shape ? g.target(i) : autograd::Target{};
            const AnyTensor to =
                same_shape ? direct.view
                           : new_tensor(output.shape, output.strides, output.dtype, output.device, name, site);
            apply(partial, o, o.g, to, direct.flags());
            if (!same_shape) sum_into(to, g.target(i), ops->sum, name, site);
        }
    }

    void backward_recorded(autograd::Gradients& g) override {
        const Operands o{g.output(), a_.get_recorded(*this), b_.get_recorded(*this), y_.get_recorded(*this), op_.p0,
                         op_.p1};
        for (int i = 0; i < static_cast<int>(inputs.size()); ++i) {
            if (!g.needs(i)) continue;
            const Partial& partial = op_.rule->partial[i];
            AnyTensor gradient = o.g;
            if (partial.recorded) {
                gradient = partial.recorded(o);
            } else if (partial.cpu) {
                const AnyTensor ones =
                    new_tensor(output.shape, output.strides, output.dtype, output.device, name, site);
                autograd::engine::fill(ones, 1, *this);
                const AnyTensor slope =
                    new_tensor(output.shape, output.strides, output.dtype, output.device, name, site);
                apply(partial, o, ones, slope, 0);
                gradient = op_.rule->mul_recorded(o.g, slope);
            }
            g.add(i, sum_to(gradient, input_shape_[i], ops, site));
        }
    }

    void release_saved() override { a_.release(), b_.release(), y_.release(); }

private:
    void apply(const Partial& partial, const Operands& o, const AnyTensor& g, const AnyTensor& to,
               std::uint32_t flags) const {
        abi::ElementwiseArgs args{};
        args.op = partial.op;
        args.out = array_of(to);
        for (const char* c = partial.operands; *c; ++c)
            args.in[args.inputs++] = array_of(*c == 'g' ? g : *c == 'a' ? o.a : *c == 'b' ? o.b : o.y, to.shape());
        args.parameters[0] = o.p0, args.parameters[1] = partial.constant ? o.p1 : 0;
        run(to, name, site, flags, partial.cpu, &abi::Table::elementwise, args);
    }

    ElementwiseOp op_;
    autograd::Saved a_, b_, y_;
    Shape input_shape_[2];
};

FATHOM_INLINE AnyTensor elementwise(const ElementwiseOp& op, const AnyTensor& a, const AnyTensor& b, DType dtype,
                                    Where site) {
    if (b.defined()) check_device(a, b, op.name, site);
    const Shape shape = b.defined() ? broadcast_shape(a, b, op.name, site) : a.shape();
    const AnyTensor out = new_tensor(shape, output_strides(shape, {&a, &b}), dtype, a.device(), op.name, site);
    if (b.defined())
        elementwise_into(op, out, 0, {&a, &b}, site);
    else
        elementwise_into(op, out, 0, {&a}, site);
    if (op.rule && autograd::recording(a, b)) {
        Ref<autograd::Node> node(new ElementwiseNode(op, a, b, out));
        if (b.defined())
            autograd::record(out, node, op.name, site, op.rule->ops, {&a, &b});
        else
            autograd::record(out, node, op.name, site, op.rule->ops, {&a});
    }
    autograd::observe(out, op.name, site);
    return out;
}

}  // namespace fathom::inline v0::detail
