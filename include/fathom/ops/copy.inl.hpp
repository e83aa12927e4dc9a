// Definitions of copy.hpp.

namespace fathom::inline v0::detail {

class ToDtypeNode final : public autograd::Node {
public:
    ToDtypeNode(CpuEntry<abi::ElementwiseArgs> there, CpuEntry<abi::ElementwiseArgs> back,
                const autograd::TypeOps* input_ops, DType dtype)
        : forward_(there), backward_(back), input_ops_(input_ops), dtype_(dtype) {}
    void backward(autograd::Gradients& g) override {
        g.add(0, to_dtype(g.output(), dtype_, backward_, forward_, input_ops_, site));
    }

private:
    CpuEntry<abi::ElementwiseArgs> forward_, backward_;
    const autograd::TypeOps* input_ops_;
    DType dtype_;
};

FATHOM_INLINE AnyTensor to_dtype(const AnyTensor& x, DType dtype, CpuEntry<abi::ElementwiseArgs> forward,
                                 CpuEntry<abi::ElementwiseArgs> backward, const autograd::TypeOps* ops, Where site) {
    const AnyTensor out =
        new_tensor(x.shape(), strides_in_order_of(x.shape(), x.shape(), x.strides()), dtype, x.device(), "to", site);
    abi::ElementwiseArgs args{};
    args.op = Elementwise::copy, args.inputs = 1;
    args.out = array_of(out), args.in[0] = array_of(x);
    run(out, "to", site, 0, forward, &abi::Table::elementwise, args);
    if (ops && autograd::recording(x))
        autograd::record(out,
                         Ref<autograd::Node>(new ToDtypeNode(forward, backward, autograd::node_of(x)->ops, x.dtype())),
                         "to", site, ops, {&x});
    return out;
}

class ToDeviceNode final : public autograd::Node {
public:
    explicit ToDeviceNode(Device device) : device_(device) {}
    void backward(autograd::Gradients& g) override { g.add(0, to_device(g.output(), device_, ops->copy, site)); }

private:
    Device device_;
};

FATHOM_INLINE AnyTensor to_device(const AnyTensor& x, Device device, CpuEntry<abi::ElementwiseArgs> copy, Where site) {
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
    if (autograd::recording(x))
        autograd::record(out, Ref<autograd::Node>(new ToDeviceNode(x.device())), "to", site, autograd::node_of(x)->ops,
                         {&x});
    return out;
}

class CatNode final : public autograd::Node {
public:
    CatNode(int dim, std::vector<std::int64_t> sizes) : dim_(dim), sizes_(std::move(sizes)) {}
    void backward(autograd::Gradients& g) override {
        std::int64_t begin = 0;
        for (std::size_t i = 0; i < sizes_.size(); ++i) {
            if (g.needs(static_cast<int>(i)))
                g.add(static_cast<int>(i), narrow(g.output(), dim_, begin, sizes_[i], site));
            begin += sizes_[i];
        }
    }

private:
    int dim_;
    std::vector<std::int64_t> sizes_;
};

FATHOM_INLINE AnyTensor cat(const std::vector<AnyTensor>& tensors, int dim, CpuEntry<abi::ElementwiseArgs> copy,
                            const autograd::TypeOps* ops, Where site) {
    if (tensors.empty()) fail("cat", site, {"no tensors"});
    const AnyTensor& first = tensors.front();
    const int d = checked_dim(dim, first.rank(), "cat", site);
    Shape shape = first.shape();
    shape[d] = 0;
    std::vector<std::int64_t> sizes;
    bool recorded = false;
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
        shape[d] += t.shape()[d];
        recorded = recorded || autograd::recording(t);
    }
    const AnyTensor out = new_tensor(shape, strides_in_order_of(shape, first.shape(), first.strides()), first.dtype(),
                                     first.device(), "cat", site);
    std::int64_t begin = 0;
    for (const AnyTensor& t : tensors) {
        Shape part = shape;
        part[d] = t.shape()[d];
        const AnyTensor view = new_view(out, part, out.strides(), begin * out.strides()[d]);
        abi::ElementwiseArgs args{};
        args.op = Elementwise::copy, args.inputs = 1;
        args.out = array_of(view), args.in[0] = array_of(t);
        run(out, "cat", site, 0, copy, &abi::Table::elementwise, args);
        begin += t.shape()[d];
    }
    if (ops && recorded) {
        autograd::record(out, Ref<autograd::Node>(new CatNode(d, std::move(sizes))), "cat", site, ops, {});
        for (const AnyTensor& t : tensors) autograd::node_of(out)->inputs.emplace_back(autograd::node_of(t));
    }
    return out;
}

}  // namespace fathom::inline v0::detail
