// Definitions of reduce.hpp.

namespace fathom::inline v0::detail {

FATHOM_INLINE unsigned reduced_dims(const Shape& dims, int rank, const char* name, Where site) {
    if (dims.rank() == 0) return (1u << rank) - 1;
    unsigned mask = 0;
    for (std::int64_t d : dims) mask |= 1u << checked_dim(d, rank, name, site);
    return mask;
}

FATHOM_INLINE std::int64_t reduced_count(const Shape& shape, unsigned dims) {
    std::int64_t n = 1;
    for (int i = 0; i < shape.rank(); ++i)
        if (dims >> i & 1) n *= shape[i];
    return n;
}

FATHOM_INLINE AnyTensor drop_dims(const AnyTensor& x, unsigned dims, CpuEntry<abi::ElementwiseArgs> copy, Where site) {
    Shape shape;
    for (int i = 0; i < x.rank(); ++i)
        if (!(dims >> i & 1)) shape.push_back(x.shape()[i]);
    return reshape(x, shape, copy, site);
}

class SumNode final : public autograd::Node {
public:
    SumNode(const Shape& shape, double scale) : shape_(shape), scale_(scale) {}
    void backward(autograd::Gradients& g) override { g.add(0, expand(scaled_gradient(g.output()), shape_, site)); }

private:
    AnyTensor scaled_gradient(const AnyTensor& g) const {
        if (scale_ == 1) return g;
        abi::ElementwiseArgs args{};
        const AnyTensor out = new_tensor(g.shape(), output.strides, g.dtype(), g.device(), name, site);
        args.op = Elementwise::affine, args.inputs = 1;
        args.out = array_of(out), args.in[0] = array_of(g);
        args.parameters[0] = scale_;
        run(out, name, site, 0, ops->affine, &abi::Table::elementwise, args);
        if (autograd::recording(g))
            autograd::record(out, Ref<autograd::Node>(new ScaleNode(*this)), name, site, ops, {&g});
        return out;
    }

    // The gradient of the scaling is the same scaling.
    class ScaleNode final : public autograd::Node {
    public:
        explicit ScaleNode(const SumNode& sum) : sum_(const_cast<SumNode*>(&sum)) {}
        void backward(autograd::Gradients& g) override { g.add(0, sum_->scaled_gradient(g.output())); }

    private:
        Ref<SumNode> sum_;
    };

    Shape shape_;
    double scale_;
};

FATHOM_INLINE AnyTensor sum_keepdim(const AnyTensor& x, const Shape& dims, double scale, const autograd::TypeOps* ops,
                                    CpuEntry<abi::ReduceArgs> cpu, const char* name, Where site) {
    const unsigned reduced = reduced_dims(dims, x.rank(), name, site);
    Shape shape = x.shape();
    for (int i = 0; i < shape.rank(); ++i)
        if (reduced >> i & 1) shape[i] = 1;
    const AnyTensor out =
        new_tensor(shape, strides_in_order_of(shape, x.shape(), x.strides()), x.dtype(), x.device(), name, site);
    abi::ReduceArgs args{};
    args.op = Reduce::sum;
    args.out = array_of(out), args.in = array_of(x);
    args.scale = scale;
    run(out, name, site, 0, cpu, &abi::Table::reduce, args);
    if (ops && autograd::recording(x))
        autograd::record(out, Ref<autograd::Node>(new SumNode(x.shape(), scale)), name, site, ops, {&x});
    autograd::observe(out, name, site);
    return out;
}

FATHOM_INLINE void extreme(Reduce op, const AnyTensor& x, int, const AnyTensor& values, const AnyTensor& indices,
                           CpuEntry<abi::ReduceArgs> cpu, const char* name, Where site) {
    abi::ReduceArgs args{};
    args.op = op;
    args.out = array_of(values), args.in = array_of(x), args.index = array_of(indices);
    args.scale = 1;
    run(x, name, site, 0, cpu, &abi::Table::reduce, args);
    autograd::observe(values, name, site);
}

FATHOM_INLINE AnyTensor chosen_mask(const AnyTensor& indices, const Shape& shape, int dim,
                                    CpuEntry<abi::ElementwiseArgs> equal, Where site) {
    Shape count = Shape::filled(shape.rank(), 1);
    count[dim] = shape[dim];
    const AnyTensor positions = new_tensor(count, row_major_strides(count), DType::int64, Device::cpu(), "max", site);
    auto* p = static_cast<std::int64_t*>(positions.raw_unchecked());
    for (std::int64_t i = 0; i < shape[dim]; ++i) p[i] = i;
    return elementwise({"max", Elementwise::equal, equal, nullptr}, indices, positions, DType::boolean, site);
}

}  // namespace fathom::inline v0::detail
