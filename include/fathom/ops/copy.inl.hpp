// Definitions of copy.hpp.

namespace fathom::inline v0::detail {

struct ToDtype final : Function {
    void backward(Gradients& g) override {
        const ConversionGradient reverse{gradient.forth, gradient.back, input_ops};
        g.add(0, to_dtype(g.output(), dtype, gradient.back, &reverse, site));
    }
    ConversionGradient gradient;
    const autograd::TypeOps* input_ops;
    DType dtype;  // of the input
};

FATHOM_INLINE AnyTensor to_dtype(const AnyTensor& x, DType dtype, const ElementwiseKernel& conversion,
                                 const ConversionGradient* gradient, Where site) {
    require_defined(x, "to", site);
    const AnyTensor out =
        new_tensor(x.shape(), strides_in_order_of(x.shape(), x.shape(), x.strides()), dtype, x.device(), "to", site);
    run_elementwise(conversion, {out}, {&x}, "to", site);
    if (gradient && autograd::recording(x)) {
        const autograd::Node& input = *autograd::node_of(x);
        Ref<ToDtype> f(new ToDtype);
        f->gradient = *gradient, f->input_ops = input.ops, f->dtype = x.dtype();
        record(out, f, "to", site, gradient->ops, {x});
    }
    observe(out, "to", site, {x});
    return out;
}

struct ToDevice final : Function {
    void backward(Gradients& g) override { g.add(0, to_device(g.output(), device, ops->copy, site)); }
    Device device;
};

FATHOM_INLINE AnyTensor to_device(const AnyTensor& x, Device device, const ElementwiseKernel& copy, Where site) {
    require_defined(x, "to", site);
    if (x.device() == device) return x;
    require(device, "to", site);
    if (!x.device().is_cpu() && !device.is_cpu())
        return to_device(to_device(x, Device::cpu(), copy, site), device, copy, site);
    // Dense on both sides, so that the bytes go over as one block.
    const Shape strides = strides_in_order_of(x.shape(), x.shape(), x.strides());
    const AnyTensor from = x.strides() == strides ? x : copy_to_strides(x, strides, copy, "to", site);
    const AnyTensor out = new_tensor(x.shape(), strides, x.dtype(), device, "to", site);
    const auto bytes = x.numel() * static_cast<std::int64_t>(size_of(x.dtype()));
    if (device.is_cpu())
        copy_to_host(x.device(), out.raw_unchecked(), from.raw(), bytes, x.dtype(), "to", site);
    else
        copy_from_host(device, out.raw_unchecked(), from.raw(), bytes, x.dtype(), "to", site);
    return finish<ToDevice>(out, "to", site, {x}, [&](ToDevice& f) { f.device = x.device(); });
}

struct Cat final : Function {
    void backward(Gradients& g) override {
        std::int64_t begin = 0;
        for (int i = 0; i < static_cast<int>(sizes.size()); ++i) {
            const std::int64_t size = sizes[static_cast<std::size_t>(i)];
            if (g.needs(i)) g.add(i, narrow(g.output(), dim, begin, size, site));
            begin += size;
        }
    }
    int dim;
    List<std::int64_t> sizes;
};

FATHOM_INLINE AnyTensor cat(const std::vector<AnyTensor>& tensors, int dim, const ElementwiseKernel& copy, Where site) {
    if (tensors.empty()) fail("cat", site, {"no tensors"});
    for (const AnyTensor& t : tensors) require_defined(t, "cat", site);
    const AnyTensor& first = tensors.front();
    const int d = checked_dim(dim, first.rank(), "cat", site);
    Shape shape = first.shape();
    shape[d] = 0;
    List<std::int64_t> sizes;
    for (std::size_t i = 0; i < tensors.size(); ++i) {
        const AnyTensor& t = tensors[i];
        check_device(first, t, "cat", site);
        bool fits = t.rank() == first.rank();
        for (int k = 0; fits && k < t.rank(); ++k) fits = k == d || t.shape()[k] == first.shape()[k];
        if (!fits)
            fail("cat", site,
                 {"tensor ", i, " has shape ", t.shape(), ", the first has ", first.shape(), "; only dimension ", d,
                  " may differ"});
        sizes.push_back(t.shape()[d]);
        shape[d] = plus(shape[d], t.shape()[d]);
    }
    const AnyTensor out = new_tensor(shape, strides_in_order_of(shape, first.shape(), first.strides()), first.dtype(),
                                     first.device(), "cat", site);
    std::int64_t begin = 0;
    for (const AnyTensor& t : tensors) {
        Shape part = shape;
        part[d] = t.shape()[d];
        const AnyTensor view = new_view(out, part, out.strides(), begin * out.strides()[d]);
        run_elementwise(copy, {view}, {&t}, "cat", site);
        begin += t.shape()[d];
    }
    return finish<Cat>(out, "cat", site, InputList(tensors), [&](Cat& f) { f.dim = d, f.sizes = std::move(sizes); });
}

}  // namespace fathom::inline v0::detail
