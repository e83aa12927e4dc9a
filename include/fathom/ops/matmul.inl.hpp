// Definitions of matmul.hpp.

namespace fathom::inline v0::detail {

// The last two dimensions exchanged: a view.
FATHOM_INLINE AnyTensor matrix_transpose(const AnyTensor& x, Where site) {
    Shape dims;
    for (int i = 0; i < x.rank(); ++i) dims.push_back(i);
    dims[x.rank() - 1] = x.rank() - 2, dims[x.rank() - 2] = x.rank() - 1;
    return permute(x, dims, site);
}

FATHOM_INLINE void matmul_into(const AnyTensor& out, std::uint32_t flags, const AnyTensor& a, const AnyTensor& b,
                               const AnyTensor& bias, CpuEntry<abi::MatmulArgs> cpu, const char* name, Where site) {
    Shape a_shape = out.shape(), b_shape = out.shape();
    const int r = out.rank();
    a_shape[r - 1] = a.shape()[a.rank() - 1];
    b_shape[r - 2] = b.shape()[b.rank() - 2];
    abi::MatmulArgs args{};
    args.out = array_of(out), args.a = array_of(a, a_shape), args.b = array_of(b, b_shape);
    if (bias.defined()) args.bias = array_of(bias, out.shape());
    run(out, name, site, flags, cpu, &abi::Table::matmul, args);
}

class MatmulNode final : public autograd::Node {
public:
    MatmulNode(const AnyTensor& a, const AnyTensor& b, const AnyTensor& bias, bool transposed,
               CpuEntry<abi::MatmulArgs> cpu)
        : cpu_(cpu), transposed_(transposed), shapes_{a.shape(), b.shape(), bias.defined() ? bias.shape() : Shape{}} {
        if (autograd::requires_grad(b)) a_ = autograd::Saved(a);
        if (autograd::requires_grad(a)) b_ = autograd::Saved(b);
    }

    // da = dy b^T, db = a^T dy; with b transposed da = dy b, db = dy^T a.
    void backward(autograd::Gradients& g) override {
        const AnyTensor dy = g.output();
        if (g.needs(0)) {
            const AnyTensor b = b_.get(*this);
            product(g, 0, dy, transposed_ ? b : matrix_transpose(b, site));
        }
        if (g.needs(1)) {
            const AnyTensor a = a_.get(*this);
            transposed_ ? product(g, 1, matrix_transpose(dy, site), a) : product(g, 1, matrix_transpose(a, site), dy);
        }
        if (inputs.size() > 2 && g.needs(2)) sum_into(dy, g.target(2), ops->sum, name, site);
    }

    void backward_recorded(autograd::Gradients& g) override {
        const AnyTensor dy = g.output();
        const auto recorded = [&](const AnyTensor& p, const AnyTensor& q) {
            return matmul(p, q, {}, false, cpu_, ops, name, site);
        };
        if (g.needs(0)) {
            const AnyTensor b = b_.get_recorded(*this);
            g.add(0, sum_to(recorded(dy, transposed_ ? b : matrix_transpose(b, site)), shapes_[0], ops, site));
        }
        if (g.needs(1)) {
            const AnyTensor a = a_.get_recorded(*this);
            g.add(1, sum_to(transposed_ ? recorded(matrix_transpose(dy, site), a)
                                        : recorded(matrix_transpose(a, site), dy),
                            shapes_[1], ops, site));
        }
        if (inputs.size() > 2 && g.needs(2)) g.add(2, sum_to(dy, shapes_[2], ops, site));
    }

    void release_saved() override { a_.release(), b_.release(); }

private:
    // The product into input i's gradient, through a temporary where the batch was broadcast.
    void product(autograd::Gradients& g, int i, const AnyTensor& p, const AnyTensor& q) const {
        Shape shape;
        broadcast_shapes(batch(p), batch(q), shape);
        shape.push_back(p.shape()[p.rank() - 2]);
        shape.push_back(q.shape()[q.rank() - 1]);
        const autograd::Target target = g.target(i);
        if (shape == target.view.shape()) return matmul_into(target.view, target.flags(), p, q, {}, cpu_, name, site);
        const AnyTensor whole = new_tensor(shape, row_major_strides(shape), output.dtype, output.device, name, site);
        matmul_into(whole, 0, p, q, {}, cpu_, name, site);
        sum_into(whole, target, ops->sum, name, site);
    }
    static Shape batch(const AnyTensor& x) { return Shape::from(x.shape().begin(), x.shape().end() - 2); }

    CpuEntry<abi::MatmulArgs> cpu_;
    bool transposed_;
    Shape shapes_[3];
    autograd::Saved a_, b_;
};

FATHOM_INLINE AnyTensor matmul(const AnyTensor& a, const AnyTensor& b, const AnyTensor& bias, bool transposed,
                               CpuEntry<abi::MatmulArgs> cpu, const autograd::TypeOps* ops, const char* name,
                               Where site) {
    if (a.rank() < 2 || b.rank() < 2)
        fail(name, site, {"both inputs need at least 2 dimensions, got ", a.shape(), " and ", b.shape()});
    check_device(a, b, name, site);
    const std::int64_t k = a.shape()[a.rank() - 1], inner = b.shape()[b.rank() - (transposed ? 1 : 2)];
    if (k != inner)
        fail(name, site, {"inner sizes differ: ", k, " and ", inner, " (inputs ", a.shape(), " and ", b.shape(), ")"});
    Shape shape;
    if (!broadcast_shapes(Shape::from(a.shape().begin(), a.shape().end() - 2),
                          Shape::from(b.shape().begin(), b.shape().end() - 2), shape))
        fail(name, site, {"leading dimensions of ", a.shape(), " and ", b.shape(), " do not broadcast"});
    shape.push_back(a.shape()[a.rank() - 2]);
    shape.push_back(b.shape()[b.rank() - (transposed ? 2 : 1)]);
    const AnyTensor out = new_tensor(shape, row_major_strides(shape), a.dtype(), a.device(), name, site);
    matmul_into(out, 0, a, transposed ? matrix_transpose(detached(b), site) : b, bias, cpu, name, site);
    if (autograd::recording(a, b, bias)) {
        Ref<autograd::Node> node(new MatmulNode(a, b, bias, transposed, cpu));
        if (bias.defined())
            autograd::record(out, node, name, site, ops, {&a, &b, &bias});
        else
            autograd::record(out, node, name, site, ops, {&a, &b});
    }
    autograd::observe(out, name, site);
    return out;
}

}  // namespace fathom::inline v0::detail
