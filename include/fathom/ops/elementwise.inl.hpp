// Definitions of elementwise.hpp.

namespace fathom::inline v0::detail {

FATHOM_INLINE Shape broadcast_shape(const AnyTensor& a, const AnyTensor& b, const char* name, Where site) {
    Shape shape;
    if (!broadcast_shapes(a.shape(), b.shape(), shape))
        fail(name, site, {"shapes ", a.shape(), " and ", b.shape(), " do not broadcast"});
    return shape;
}

FATHOM_INLINE Shape output_strides(const Shape& shape, std::initializer_list<const AnyTensor*> inputs) {
    for (const AnyTensor* x : inputs)
        if (x->defined() && x->shape() == shape) return strides_in_order_of(shape, shape, x->strides());
    for (const AnyTensor* x : inputs)
        if (x->defined() && x->rank() == shape.rank()) return strides_in_order_of(shape, x->shape(), x->strides());
    return row_major_strides(shape);
}

struct ElementwiseFunction final : Function {
    void save(const ElementwiseOp& with, const AnyTensor& in_a, const AnyTensor& in_b, const AnyTensor& out) {
        op = with;
        bool uses_a = false, uses_b = false, uses_y = false;
        const AnyTensor* in[2] = {&in_a, &in_b};
        for (int i = 0; i < 2; ++i) {
            if (!autograd::requires_grad(*in[i])) continue;
            for (const char* c = op.rule->partial[i].operands; *c; ++c)
                uses_a |= *c == 'a', uses_b |= *c == 'b', uses_y |= *c == 'y';
        }
        if (uses_a) a = Saved(in_a);
        if (uses_b) b = Saved(in_b);
        if (uses_y) y = Saved::output(out);
    }

    void backward(Gradients& g) override {
        const Operands o{g.output(), a.get(*this), b.get(*this), y.get(*this), op.p0, op.p1};
        for (int i = 0; i < 2; ++i) {
            if (!g.needs(i)) continue;
            const Partial& partial = op.rule->partial[i];
            const bool same_shape = input_shape(i) == o.g.shape();
            if (!partial.kernel.cpu) {
                if (same_shape)
                    g.add(i, o.g);
                else
                    sum_into(o.g, g.target_in_turn(i), ops->sum, name, site);
            } else if (same_shape) {
                apply(partial, o, o.g, g.target_in_turn(i));
            } else {
                const AnyTensor whole = like_output();
                apply(partial, o, o.g, {whole});
                sum_into(whole, g.target_in_turn(i), ops->sum, name, site);
            }
        }
    }

    void backward_recorded(Gradients& g) override {
        const AnyTensor in_a = a.get_recorded(*this), in_b = b.get_recorded(*this), out = y.get_recorded(*this);
        const Operands o{g.output(), in_a, in_b, out, op.p0, op.p1};
        for (int i = 0; i < 2; ++i) {
            if (!g.needs(i)) continue;
            const Partial& partial = op.rule->partial[i];
            AnyTensor gradient = o.g;
            if (partial.recorded) {
                gradient = partial.recorded(o);
            } else if (partial.kernel.cpu) {
                const AnyTensor ones = like_output(), slope = like_output();
                autograd::engine::fill(ones, 1, *this);
                apply(partial, o, ones, {slope});
                gradient = op.rule->mul_recorded(o.g, slope);
            }
            g.add(i, sum_to(gradient, input_shape(i), ops, site));
        }
    }

    void release_saved() override { a.release(), b.release(), y.release(); }

    AnyTensor like_output() const {
        return new_tensor(output.shape, output.strides, output.dtype, output.device, name, site);
    }
    void apply(const Partial& partial, const Operands& o, const AnyTensor& g, const Target& to) const {
        KernelInputs in{};
        for (const char* c = partial.operands; *c; ++c) in.add(*c == 'g' ? g : *c == 'a' ? o.a : *c == 'b' ? o.b : o.y);
        run_elementwise(partial.kernel, to, in, name, site, o.p0, partial.constant ? o.p1 : no_constant);
    }

    // Of one that wants a gradient.
    const Shape& input_shape(int i) const { return inputs[static_cast<std::size_t>(i)]->output.shape; }

    ElementwiseOp op;
    Saved a, b, y;
};

FATHOM_INLINE AnyTensor elementwise(const ElementwiseOp& op, const AnyTensor& a, const AnyTensor& b, DType dtype,
                                    Where site) {
    require_defined(a, op.name, site);
    if (b.defined()) check_device(a, b, op.name, site);
    const Shape shape = b.defined() ? broadcast_shape(a, b, op.name, site) : a.shape();
    const AnyTensor out = new_tensor(shape, output_strides(shape, {&a, &b}), dtype, a.device(), op.name, site);
    KernelInputs in{&a};
    if (b.defined()) in.add(b);
    run_elementwise(op.kernel, out, false, in, op.name, site, op.p0, op.p1);
    if (op.rule && autograd::recording(a, b)) {
        Ref<ElementwiseFunction> function(new ElementwiseFunction);
        function->save(op, a, b, out);
        record(out, std::move(function), op.name, site, op.rule->ops, b.defined() ? InputList{a, b} : InputList{a});
    }
    observe(out, op.name, site, {a, b});
    return out;
}

}  // namespace fathom::inline v0::detail
