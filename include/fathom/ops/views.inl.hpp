// Definitions of views.hpp.

namespace fathom::inline v0::detail {

using autograd::Gradients;
using autograd::Node;

// Records a view, whose kernels are those of the tensor it views.
FATHOM_INLINE AnyTensor recorded_view(AnyTensor view, const AnyTensor& x, Ref<Node> node, const char* name,
                                      Where site) {
    autograd::record(view, std::move(node), name, site, autograd::node_of(x)->ops, {&x});
    return view;
}

class PermuteNode final : public Node {
public:
    explicit PermuteNode(const Shape& dims) : dims_(dims) {}
    void backward(Gradients& g) override {
        Shape inverse = dims_;
        for (int i = 0; i < dims_.rank(); ++i) inverse[static_cast<int>(dims_[i])] = i;
        g.add(0, permute(g.output(), inverse, site));
    }

private:
    Shape dims_;
};

FATHOM_INLINE AnyTensor permute(const AnyTensor& x, const Shape& dims, Where site) {
    if (dims.rank() != x.rank()) fail("permute", site, {"dimensions ", dims, " for a tensor of shape ", x.shape()});
    Shape order = dims, shape = dims, strides = dims;
    bool seen[max_rank] = {};
    for (int i = 0; i < dims.rank(); ++i) {
        const int d = checked_dim(dims[i], x.rank(), "permute", site);
        if (seen[d]) fail("permute", site, {"dimension ", d, " stands twice in ", dims});
        seen[d] = true;
        order[i] = d, shape[i] = x.shape()[d], strides[i] = x.strides()[d];
    }
    AnyTensor view = new_view(x, shape, strides, x.impl().offset);
    return autograd::recording(x) ? recorded_view(view, x, Ref<Node>(new PermuteNode(order)), "permute", site) : view;
}

// Part of one dimension.
struct Range {
    int dim;
    std::int64_t begin, length, step;
    AnyTensor of(const AnyTensor& x) const {
        Shape shape = x.shape(), strides = x.strides();
        shape[dim] = length;
        strides[dim] *= step;
        return new_view(x, shape, strides, x.impl().offset + begin * x.strides()[dim]);
    }
};

AnyTensor embed(const AnyTensor& x, const Shape& shape, const Range& range, const autograd::TypeOps* ops, Where site);

class RangeNode final : public Node {
public:
    RangeNode(const Range& range, const Shape& shape) : range_(range), shape_(shape) {}
    void backward(Gradients& g) override {
        const autograd::Target target = g.target(0);
        if (!target.add) autograd::engine::fill(target.view, 0, *this);
        autograd::engine::add_into(range_.of(target.view), g.output(), *this);
    }
    void backward_recorded(Gradients& g) override { g.add(0, embed(g.output(), shape_, range_, ops, site)); }

private:
    Range range_;
    Shape shape_;
};

FATHOM_INLINE AnyTensor range_view(const AnyTensor& x, const Range& range, const char* name, Where site) {
    AnyTensor view = range.of(x);
    return autograd::recording(x) ? recorded_view(view, x, Ref<Node>(new RangeNode(range, x.shape())), name, site)
                                  : view;
}

// The gradient of a slice as an operation: x in a tensor of zeros.
class EmbedNode final : public Node {
public:
    explicit EmbedNode(const Range& range) : range_(range) {}
    void backward(Gradients& g) override { g.add(0, range_view(g.output(), range_, name, site)); }

private:
    Range range_;
};

FATHOM_INLINE AnyTensor embed(const AnyTensor& x, const Shape& shape, const Range& range, const autograd::TypeOps* ops,
                              Where site) {
    const AnyTensor out =
        new_tensor(shape, strides_in_order_of(shape, x.shape(), x.strides()), x.dtype(), x.device(), "slice", site);
    Ref<EmbedNode> node(new EmbedNode(range));
    node->name = "slice", node->site = site, node->ops = ops;
    autograd::engine::fill(out, 0, *node);
    autograd::engine::add_into(range.of(out), x, *node);
    if (autograd::recording(x)) autograd::record(out, node, "slice", site, ops, {&x});
    return out;
}

FATHOM_INLINE AnyTensor slice(const AnyTensor& x, int dim, std::int64_t begin, std::int64_t end, std::int64_t step,
                              Where site) {
    const int d = checked_dim(dim, x.rank(), "slice", site);
    if (step < 1) fail("slice", site, {"step ", step, ", expected at least 1"});
    const std::int64_t n = x.shape()[d];
    const auto clamp = [n](std::int64_t v) { return v < 0 ? (v + n < 0 ? 0 : v + n) : (v > n ? n : v); };
    const std::int64_t first = clamp(begin), last = clamp(end);
    return range_view(x, {d, first, last > first ? (last - first + step - 1) / step : 0, step}, "slice", site);
}

FATHOM_INLINE AnyTensor narrow(const AnyTensor& x, int dim, std::int64_t begin, std::int64_t length, Where site) {
    const int d = checked_dim(dim, x.rank(), "narrow", site);
    if (begin < 0 || length < 0 || begin > x.shape()[d] - length)
        fail("narrow", site,
             {"elements ", begin, " to ", begin + length, " of dimension ", d, " of shape ", x.shape()});
    return range_view(x, {d, begin, length, 1}, "narrow", site);
}

// Shape changes whose inverse is a reshape of the gradient: squeeze, unsqueeze, reshape.
class ReshapeNode final : public Node {
public:
    explicit ReshapeNode(const Shape& shape) : shape_(shape) {}
    void backward(Gradients& g) override { g.add(0, reshape(g.output(), shape_, ops->copy, site)); }

private:
    Shape shape_;
};

FATHOM_INLINE AnyTensor reshaped_view(const AnyTensor& x, const Shape& shape, const Shape& strides, const char* name,
                                      Where site) {
    AnyTensor view = new_view(x, shape, strides, x.impl().offset);
    return autograd::recording(x) ? recorded_view(view, x, Ref<Node>(new ReshapeNode(x.shape())), name, site) : view;
}

FATHOM_INLINE AnyTensor squeeze(const AnyTensor& x, int dim, Where site) {
    const int d = checked_dim(dim, x.rank(), "squeeze", site);
    if (x.shape()[d] != 1)
        fail("squeeze", site, {"dimension ", d, " of shape ", x.shape(), " has size ", x.shape()[d], ", expected 1"});
    Shape shape = x.shape(), strides = x.strides();
    shape.erase(d), strides.erase(d);
    return reshaped_view(x, shape, strides, "squeeze", site);
}

FATHOM_INLINE AnyTensor unsqueeze(const AnyTensor& x, int dim, Where site) {
    const int d = checked_dim(dim, x.rank() + 1, "unsqueeze", site);
    if (x.rank() == max_rank) fail("unsqueeze", site, {"shape ", x.shape(), " has ", max_rank, " dimensions already"});
    Shape shape = x.shape(), strides = x.strides();
    const std::int64_t stride = d < x.rank() ? x.strides()[d] * x.shape()[d] : 1;
    shape.insert(d, 1), strides.insert(d, stride);
    return reshaped_view(x, shape, strides, "unsqueeze", site);
}

FATHOM_INLINE AnyTensor select(const AnyTensor& x, int dim, std::int64_t index, Where site) {
    const int d = checked_dim(dim, x.rank(), "select", site);
    const std::int64_t n = x.shape()[d];
    if (index < -n || index >= n)
        fail("select", site, {"index ", index, " is out of range for dimension ", d, " of shape ", x.shape()});
    return squeeze(range_view(x, {d, index < 0 ? index + n : index, 1, 1}, "select", site), d, site);
}

class CopyNode final : public Node {
public:
    void backward(Gradients& g) override { g.add(0, g.output()); }
};

FATHOM_INLINE AnyTensor copy_to_strides(const AnyTensor& x, const Shape& strides, CpuEntry<abi::ElementwiseArgs> copy,
                                        const char* name, Where site) {
    const AnyTensor out = new_tensor(x.shape(), strides, x.dtype(), x.device(), name, site);
    abi::ElementwiseArgs args{};
    args.op = Elementwise::copy, args.inputs = 1;
    args.out = array_of(out), args.in[0] = array_of(x);
    run(out, name, site, 0, copy, &abi::Table::elementwise, args);
    if (autograd::recording(x))
        autograd::record(out, Ref<Node>(new CopyNode), name, site, autograd::node_of(x)->ops, {&x});
    return out;
}

FATHOM_INLINE AnyTensor reshape(const AnyTensor& x, const Shape& shape, CpuEntry<abi::ElementwiseArgs> copy,
                                Where site) {
    Shape to = shape;
    int open = -1;
    std::int64_t known = 1;
    for (int i = 0; i < to.rank(); ++i) {
        if (to[i] == -1 && open < 0)
            open = i;
        else if (to[i] < 0)
            fail("reshape", site, {"shape ", shape, " has more than one unknown or a negative size"});
        else
            known *= to[i];
    }
    if (open >= 0 && known > 0) to[open] = x.numel() / known;
    if ((open >= 0 && known == 0) || to.numel() != x.numel())
        fail("reshape", site, {"shape ", x.shape(), " has ", x.numel(), " elements and cannot become ", shape});
    Shape strides;
    if (reshape_strides(x.shape(), x.strides(), to, strides)) return reshaped_view(x, to, strides, "reshape", site);
    const AnyTensor dense = copy_to_strides(x, row_major_strides(x.shape()), copy, "reshape", site);
    return reshaped_view(dense, to, row_major_strides(to), "reshape", site);
}

class ExpandNode final : public Node {
public:
    explicit ExpandNode(const Shape& shape) : shape_(shape) {}
    void backward(Gradients& g) override { sum_into(g.output(), g.target(0), ops->sum, name, site); }
    void backward_recorded(Gradients& g) override { g.add(0, sum_to(g.output(), shape_, ops, site)); }

private:
    Shape shape_;
};

FATHOM_INLINE AnyTensor expand(const AnyTensor& x, const Shape& shape, Where site) {
    Shape to;
    if (shape.rank() < x.rank() || !broadcast_shapes(x.shape(), shape, to) || !(to == shape))
        fail("expand", site, {"shape ", x.shape(), " does not expand to ", shape});
    AnyTensor view = new_view(x, to, broadcast_strides(x.shape(), x.strides(), to), x.impl().offset);
    return autograd::recording(x) ? recorded_view(view, x, Ref<Node>(new ExpandNode(x.shape())), "expand", site) : view;
}

FATHOM_INLINE void sum_into(const AnyTensor& x, const autograd::Target& target, CpuEntry<abi::ReduceArgs> sum,
                            const char* name, Where site) {
    // The target with leading dimensions of size 1, so that both have the same rank.
    Shape shape = target.view.shape(), strides = target.view.strides();
    while (shape.rank() < x.rank()) shape.insert(0, 1), strides.insert(0, 0);
    abi::ReduceArgs args{};
    args.op = Reduce::sum;
    args.out = array_of(new_view(target.view, shape, strides, target.view.impl().offset));
    args.in = array_of(x);
    args.scale = 1;
    run(x, name, site, target.flags(), sum, &abi::Table::reduce, args);
}

class SumToNode final : public Node {
public:
    explicit SumToNode(const Shape& shape) : shape_(shape) {}
    void backward(Gradients& g) override { g.add(0, expand(g.output(), shape_, site)); }

private:
    Shape shape_;
};

FATHOM_INLINE AnyTensor sum_to(const AnyTensor& x, const Shape& shape, const autograd::TypeOps* ops, Where site) {
    if (x.shape() == shape) return x;
    const AnyTensor out = new_tensor(shape, row_major_strides(shape), x.dtype(), x.device(), "sum_to", site);
    sum_into(x, {out, false}, ops->sum, "sum_to", site);
    if (autograd::recording(x)) autograd::record(out, Ref<Node>(new SumToNode(x.shape())), "sum_to", site, ops, {&x});
    return out;
}

}  // namespace fathom::inline v0::detail
