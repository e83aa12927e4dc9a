// Definitions of reduce.hpp.

namespace fathom::inline v0::detail {

FATHOM_INLINE unsigned reduced_dims(const Shape& dims, int rank, const char* name, Where site) {
    if (dims.rank() == 0) return (1u << rank) - 1;
    unsigned mask = 0;
    for (std::int64_t d : dims) {
        const int dim = checked_dim(d, rank == 0 ? 1 : rank, name, site);  // a number counts as a list of one
        const unsigned bit = rank == 0 ? 0 : 1u << dim;
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

FATHOM_INLINE Shape kept_shape(const Shape& shape, unsigned dims) {
    Shape kept = shape;
    for (int i = 0; i < shape.rank(); ++i)
        if (dims >> i & 1) kept[i] = 1;
    return kept;
}

FATHOM_INLINE Shape reduced_shape(const Shape& shape, unsigned dims, bool keepdim) {
    if (keepdim) return kept_shape(shape, dims);
    Shape left;
    for (int i = 0; i < shape.rank(); ++i)
        if (!(dims >> i & 1)) left.push_back(shape[i]);
    return left;
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

FATHOM_INLINE AnyTensor reduce(const AnyTensor& x, unsigned dims, bool keepdim, double scale, DType dtype,
                               Operation<abi::ReduceArgs>& operation, CpuKernel<abi::ReduceArgs> cpu, const char* name,
                               Where site) {
    const Shape kept = kept_shape(x.shape(), dims), kept_strides = strides_in_order_of(kept, x.shape(), x.strides());
    const Shape strides = keepdim ? kept_strides : reduced_shape(kept_strides, dims, false);
    const AnyTensor y = new_tensor(reduced_shape(x.shape(), dims, keepdim), strides, dtype, x.device(), name, site);
    abi::ReduceArgs args{.out = array_of(y), .in = array_of(x), .index = {}, .scale = scale};
    args.out.rank = kept.rank();  // as the input's
    for (int i = 0; i < kept.rank(); ++i) args.out.shape[i] = kept[i], args.out.strides[i] = kept_strides[i];
    run(x, name, site, operation, cpu, args);
    return y;
}

FATHOM_INLINE AnyTensor ScaledSum::forward(const AnyTensor& x, unsigned dims, bool keepdim, double scale, DType dtype,
                                           CpuKernel<abi::ReduceArgs> cpu, const char* name, Where site) {
    return finish<ScaledSum>(reduce(x, dims, keepdim, scale, dtype, operation::sum, cpu, name, site), name, site, {x},
                             [&](ScaledSum& f) { f.shape = x.shape(), f.dims = dims, f.scale = scale; });
}

FATHOM_INLINE_MEMBER void ScaledSum::backward(Gradients& g) {
    const AnyTensor dy = Scale::forward(g.output(), scale, *this);
    // Leading dimensions come back by themselves.
    const bool leading = (dims & (dims + 1)) == 0;
    g.add(0, expand(leading ? dy : reshape(dy, kept_shape(shape, dims), ops->copy, site), shape, site));
}

FATHOM_INLINE Tensor<bool> chosen_mask(const AnyTensor& indices, const Shape& shape, int dim,
                                       const ElementwiseKernel& equal, Where site) {
    Shape count = Shape::filled(shape.rank(), 1);
    count[dim] = shape[dim];
    const auto on = [&](Device device) {
        return new_tensor(count, row_major_strides(count), DType::int64, device, "max", site);
    };
    AnyTensor positions = on(Device::cpu());
    auto* p = static_cast<std::int64_t*>(positions.raw_unchecked());
    for (std::int64_t i = 0; i < shape[dim]; ++i) p[i] = i;
    if (const Device device = indices.device(); !device.is_cpu()) {
        const AnyTensor there = on(device);
        copy_from_host(device, there.raw_unchecked(), p, shape[dim] * std::int64_t{sizeof(std::int64_t)}, DType::int64,
                       "max", site);
        positions = there;
    }
    return elementwise<bool>({"max", equal, nullptr}, indices, positions, site);
}

}  // namespace fathom::inline v0::detail
