// Definitions of reduce.hpp.

namespace fathom::inline v0::detail {

FATHOM_INLINE unsigned reduced_dims(const Shape& dims, int rank, const char* name, Where site) {
    if (dims.rank() == 0) return (1u << rank) - 1;
    unsigned mask = 0;
    for (std::int64_t d : dims) {
        const unsigned bit = 1u << checked_dim(d, rank, name, site);
        if (mask & bit) fail(name, site, {"dimension ", d, " stands twice in ", dims});
        mask |= bit;
    }
    return mask;
}

FATHOM_INLINE std::int64_t reduced_count(const Shape& shape, unsigned dims) {
    std::int64_t n = 1;
    for (int i = 0; i < shape.rank(); ++i)
        if (dims >> i & 1) n *= shape[i];
    return n;
}

FATHOM_INLINE AnyTensor drop_dims(const AnyTensor& x, unsigned dims, const ElementwiseKernel& copy, Where site) {
    Shape shape;
    for (int i = 0; i < x.rank(); ++i)
        if (!(dims >> i & 1)) shape.push_back(x.shape()[i]);
    return reshape(x, shape, copy, site);
}

// x times a constant, whose gradient is the same.
struct Scale final : Function {
    static AnyTensor forward(const AnyTensor& x, double factor, const Function& of) {
        if (factor == 1) return x;
        const AnyTensor y = new_tensor(x.shape(), strides_in_order_of(x.shape(), x.shape(), x.strides()), x.dtype(),
                                       x.device(), of.name, of.site);
        run_elementwise(of.ops->affine, {y}, {&x}, of.name, of.site, factor, no_constant);
        return finish<Scale>(y, of.name, of.site, {x}, [&](Scale& f) { f.factor = factor; });
    }
    void backward(Gradients& g) override { g.add(0, forward(g.output(), factor, *this)); }
    double factor;
};

FATHOM_INLINE AnyTensor ScaledSum::forward(const AnyTensor& x, unsigned dims, double scale, DType dtype,
                                           CpuKernel<abi::ReduceArgs> cpu, const char* name, Where site) {
    Shape shape = x.shape();
    for (int i = 0; i < shape.rank(); ++i)
        if (dims >> i & 1) shape[i] = 1;
    const AnyTensor y =
        new_tensor(shape, strides_in_order_of(shape, x.shape(), x.strides()), dtype, x.device(), name, site);
    run(x, name, site, operation::sum, cpu, {.out = array_of(y), .in = array_of(x), .scale = scale});
    return finish<ScaledSum>(y, name, site, {x}, [&](ScaledSum& f) { f.shape = x.shape(), f.scale = scale; });
}

FATHOM_INLINE void ScaledSum::backward(Gradients& g) {
    g.add(0, expand(Scale::forward(g.output(), scale, *this), shape, site));
}

FATHOM_INLINE Tensor<bool> chosen_mask(const AnyTensor& indices, const Shape& shape, int dim,
                                       const ElementwiseKernel& equal, Where site) {
    Shape count = Shape::filled(shape.rank(), 1);
    count[dim] = shape[dim];
    const AnyTensor positions = new_tensor(count, row_major_strides(count), DType::int64, Device::cpu(), "max", site);
    auto* p = static_cast<std::int64_t*>(positions.raw_unchecked());
    for (std::int64_t i = 0; i < shape[dim]; ++i) p[i] = i;
    return elementwise<bool>({"max", equal, nullptr}, indices, positions, site);
}

}  // namespace fathom::inline v0::detail
