// Definitions of views.hpp.

namespace fathom::inline v0::detail {

struct Permute final : Function {
    void backward(Gradients& g) override {
        Shape inverse = dims;
        for (int i = 0; i < dims.rank(); ++i) inverse[static_cast<int>(dims[i])] = i;
        g.add(0, permute(g.output(), inverse, site));
    }
    Shape dims;
};

FATHOM_INLINE AnyTensor permute(const AnyTensor& x, const Shape& dims, Where site) {
    require_defined(x, "permute", site);
    if (dims.rank() != x.rank()) fail("permute", site, {"dimensions ", dims, " for a tensor of shape ", x.shape()});
    Shape order = dims, shape = dims, strides = dims;
    bool seen[max_rank] = {};
    for (int i = 0; i < dims.rank(); ++i) {
        const int d = checked_dim(dims[i], x.rank(), "permute", site);
        if (seen[d]) fail("permute", site, {"dimension ", d, " stands twice in ", dims});
        seen[d] = true;
        order[i] = d, shape[i] = x.shape()[d], strides[i] = x.strides()[d];
    }
    return finish_view<Permute>(new_view(x, shape, strides, x.impl().offset), "permute", site, {x},
                                [&](Permute& f) { f.dims = order; });
}

// What part of a tensor a view shows: of() gives it without history, add() adds a gradient of it to one of the whole.

// Part of one dimension: every step-th index from `begin` on.
struct Range {
    int dim;
    std::int64_t begin, length, step;
    AnyTensor of(const AnyTensor& x) const {
        Shape shape = x.shape(), strides = x.strides();
        shape[dim] = length;
        if (length > 1) strides[dim] *= step;  // a step beyond the dimension could overflow
        return new_view(x, shape, strides, x.impl().offset + begin * x.strides()[dim]);
    }
    void add(const AnyTensor& whole, const AnyTensor& part, const autograd::Node& node) const {
        autograd::engine::add_into(of(whole), part, node);
    }
};

// A view of part of a tensor's elements.
template <class Part>
struct PartView final : Function {
    static AnyTensor forward(const AnyTensor& x, const Part& part, const char* name, Where site) {
        return finish_view<PartView>(part.of(x), name, site, {x},
                                     [&](PartView& f) { f.part = part, f.shape = x.shape(); });
    }
    void backward(Gradients& g) override {
        const Target target = g.target(0);
        if (!target.add) autograd::engine::fill(target.view, 0, *this);
        part.add(target.view, g.output(), *this);
    }
    void backward_recorded(Gradients& g) override;
    Part part;
    Shape shape;
};

// The gradient of a part as an operation: x in a tensor of zeros.
template <class Part>
struct Embed final : Function {
    static AnyTensor forward(const AnyTensor& x, const PartView<Part>& view) {
        const Shape strides = x.rank() == view.shape.rank() ? strides_in_order_of(view.shape, x.shape(), x.strides())
                                                            : row_major_strides(view.shape);
        const AnyTensor out = new_tensor(view.shape, strides, x.dtype(), x.device(), view.name, view.site);
        autograd::engine::fill(out, 0, view);
        view.part.add(out, x, view);
        return finish<Embed>(out, view.name, view.site, {x}, [&](Embed& f) { f.part = view.part; });
    }
    void backward(Gradients& g) override { g.add(0, PartView<Part>::forward(g.output(), part, name, site)); }
    Part part;
};

template <class Part>
void PartView<Part>::backward_recorded(Gradients& g) {
    g.add(0, Embed<Part>::forward(g.output(), *this));
}

using SliceRange = PartView<Range>;

FATHOM_INLINE AnyTensor slice(const AnyTensor& x, int dim, std::int64_t begin, std::int64_t end, std::int64_t step,
                              Where site) {
    require_defined(x, "slice", site);
    const int d = checked_dim(dim, x.rank(), "slice", site);
    if (step < 1) fail("slice", site, {"step ", step, ", expected at least 1"});
    const std::int64_t n = x.shape()[d];
    const auto clamp = [n](std::int64_t v) { return v < 0 ? (v + n < 0 ? 0 : v + n) : (v > n ? n : v); };
    const std::int64_t first = clamp(begin), last = clamp(end);
    return SliceRange::forward(x, {d, first, last > first ? (last - first - 1) / step + 1 : 0, step}, "slice", site);
}

FATHOM_INLINE AnyTensor narrow(const AnyTensor& x, int dim, std::int64_t begin, std::int64_t length, Where site) {
    require_defined(x, "narrow", site);
    const int d = checked_dim(dim, x.rank(), "narrow", site);
    if (begin < 0 || length < 0 || begin > x.shape()[d] - length)
        fail("narrow", site, {length, " elements from ", begin, " on of dimension ", d, " of shape ", x.shape()});
    return SliceRange::forward(x, {d, begin, length, 1}, "narrow", site);
}

// Shape changes whose inverse is a reshape of the gradient: squeeze, unsqueeze, reshape.
struct Reshape final : Function {
    static AnyTensor forward(const AnyTensor& x, const Shape& shape, const Shape& strides, const char* name,
                             Where site) {
        return finish_view<Reshape>(new_view(x, shape, strides, x.impl().offset), name, site, {x},
                                    [&](Reshape& f) { f.shape = x.shape(); });
    }
    void backward(Gradients& g) override { g.add(0, reshape(g.output(), shape, ops->copy, site)); }
    Shape shape;
};

FATHOM_INLINE AnyTensor squeeze(const AnyTensor& x, int dim, Where site) {
    require_defined(x, "squeeze", site);
    const int d = checked_dim(dim, x.rank(), "squeeze", site);
    Shape shape = x.shape(), strides = x.strides();
    if (shape[d] == 1) shape.erase(d), strides.erase(d);
    return Reshape::forward(x, shape, strides, "squeeze", site);
}

FATHOM_INLINE AnyTensor squeeze_all(const AnyTensor& x, Where site) {
    require_defined(x, "squeeze", site);
    Shape shape = x.shape(), strides = x.strides();
    for (int d = shape.rank() - 1; d >= 0; --d)
        if (shape[d] == 1) shape.erase(d), strides.erase(d);
    return Reshape::forward(x, shape, strides, "squeeze", site);
}

FATHOM_INLINE AnyTensor unsqueeze(const AnyTensor& x, int dim, Where site) {
    require_defined(x, "unsqueeze", site);
    const int d = checked_dim(dim, x.rank() + 1, "unsqueeze", site);
    if (x.rank() == max_rank) fail("unsqueeze", site, {"shape ", x.shape(), " has ", max_rank, " dimensions already"});
    Shape shape = x.shape(), strides = x.strides();
    const std::int64_t stride = d < x.rank() ? x.strides()[d] * x.shape()[d] : 1;
    shape.insert(d, 1), strides.insert(d, stride);
    return Reshape::forward(x, shape, strides, "unsqueeze", site);
}

FATHOM_INLINE AnyTensor select(const AnyTensor& x, int dim, std::int64_t index, Where site) {
    require_defined(x, "select", site);
    const int d = checked_dim(dim, x.rank(), "select", site);
    const std::int64_t n = x.shape()[d];
    if (index < -n || index >= n)
        fail("select", site, {"index ", index, " is out of range for dimension ", d, " of shape ", x.shape()});
    return squeeze(SliceRange::forward(x, {d, index < 0 ? index + n : index, 1, 1}, "select", site), d, site);
}

struct CopyToStrides final : Function {
    void backward(Gradients& g) override { g.add(0, g.output()); }
};

FATHOM_INLINE AnyTensor copy_to_strides(const AnyTensor& x, const Shape& strides, const ElementwiseKernel& copy,
                                        const char* name, Where site) {
    const AnyTensor out = new_tensor(x.shape(), strides, x.dtype(), x.device(), name, site);
    run_elementwise(copy, {out}, {&x}, name, site);
    return finish<CopyToStrides>(out, name, site, {x}, [](CopyToStrides&) {});
}

// `shape` with its unknown size, if it has one.
FATHOM_INLINE Shape known_shape(const AnyTensor& x, const Shape& shape, const char* name, Where site) {
    require_defined(x, name, site);
    Shape to = shape;
    int open = -1;
    for (int i = 0; i < to.rank(); ++i) {
        if (to[i] == -1 && open < 0)
            open = i, to[i] = 1;
        else if (to[i] < 0)
            fail(name, site, {"shape ", shape, " has more than one unknown or a negative size"});
    }
    std::int64_t known = 0;  // elements, without the unknown size
    bool fits = to.count(known);
    if (fits && open >= 0) {
        fits = known > 0 && x.numel() % known == 0;
        if (fits) to[open] = x.numel() / known;
    } else if (fits) {
        fits = known == x.numel();
    }
    if (!fits) fail(name, site, {"shape ", x.shape(), " has ", x.numel(), " elements and cannot become ", shape});
    return to;
}

FATHOM_INLINE AnyTensor reshape(const AnyTensor& x, const Shape& shape, const ElementwiseKernel& copy, Where site) {
    const Shape to = known_shape(x, shape, "reshape", site);
    Shape strides;
    if (reshape_strides(x.shape(), x.strides(), to, strides)) return Reshape::forward(x, to, strides, "reshape", site);
    const AnyTensor dense = copy_to_strides(x, row_major_strides(x.shape()), copy, "reshape", site);
    return Reshape::forward(dense, to, row_major_strides(to), "reshape", site);
}

FATHOM_INLINE AnyTensor view(const AnyTensor& x, const Shape& shape, Where site) {
    const Shape to = known_shape(x, shape, "view", site);
    Shape strides;
    if (!reshape_strides(x.shape(), x.strides(), to, strides))
        fail("view", site,
             {"shape ", x.shape(), " with strides ", x.strides(), " cannot be seen as ", to,
              " without a copy; reshape() makes one"});
    return Reshape::forward(x, to, strides, "view", site);
}

FATHOM_INLINE Shape flattened(const AnyTensor& x, int start_dim, int end_dim, Where site) {
    require_defined(x, "flatten", site);
    if (x.rank() == 0) return {1};
    const int start = checked_dim(start_dim, x.rank(), "flatten", site),
              end = checked_dim(end_dim, x.rank(), "flatten", site);
    if (start > end) fail("flatten", site, {"start_dim ", start_dim, " is behind end_dim ", end_dim});
    Shape shape;
    for (int d = 0; d < x.rank(); ++d) {
        if (d > start && d <= end)
            shape[start] = times(shape[start], x.shape()[d]);
        else
            shape.push_back(x.shape()[d]);
    }
    return shape;
}

FATHOM_INLINE Shape unflattened(const AnyTensor& x, int dim, const Shape& sizes, Where site) {
    require_defined(x, "unflatten", site);
    const int at = checked_dim(dim, x.rank(), "unflatten", site);
    const Shape column{x.shape()[at]};
    if (sizes.rank() == 0) fail("unflatten", site, {"no sizes for dimension ", at, " of shape ", x.shape()});
    const Shape known = known_shape(new_view(x, column, {0}, x.impl().offset), sizes, "unflatten", site);
    Shape shape;
    for (int d = 0; d < x.rank(); ++d) {
        if (d != at)
            shape.push_back(x.shape()[d]);
        else
            for (const std::int64_t size : known) shape.push_back(size);
    }
    return shape;
}

struct Expand final : Function {
    void backward(Gradients& g) override { sum_into(g.output(), g.target(0), ops->sum, name, site); }
    void backward_recorded(Gradients& g) override { g.add(0, sum_to(g.output(), shape, ops, site)); }
    Shape shape;
};

FATHOM_INLINE AnyTensor expand(const AnyTensor& x, const Shape& shape, Where site) {
    require_defined(x, "expand", site);
    Shape wanted = shape, to;
    const int leading = shape.rank() - x.rank();
    for (int i = leading < 0 ? 0 : leading; i < shape.rank(); ++i)
        if (wanted[i] == -1) wanted[i] = x.shape()[i - leading];
    if (leading < 0 || !broadcast_shapes(x.shape(), wanted, to) || !(to == wanted))
        fail("expand", site, {"shape ", x.shape(), " does not expand to ", shape});
    checked_bytes(to, x.dtype(), "expand", site);
    return finish_view<Expand>(new_view(x, to, broadcast_strides(x.shape(), x.strides(), to), x.impl().offset),
                               "expand", site, {x}, [&](Expand& f) { f.shape = x.shape(); });
}

FATHOM_INLINE void sum_into(const AnyTensor& x, const Target& target, CpuKernel<abi::ReduceArgs> sum, const char* name,
                            Where site) {
    // The target with leading dimensions of size 1, so that both have the same rank.
    Shape shape = target.view.shape(), strides = target.view.strides();
    while (shape.rank() < x.rank()) shape.insert(0, 1), strides.insert(0, 0);
    const Target to{new_view(target.view, shape, strides, target.view.impl().offset), target.add};
    run(x, name, site, operation::sum, sum, {.out = array_of(to), .in = array_of(x), .scale = 1});
}

struct SumTo final : Function {
    void backward(Gradients& g) override { g.add(0, expand(g.output(), shape, site)); }
    Shape shape;
};

FATHOM_INLINE AnyTensor sum_to(const AnyTensor& x, const Shape& shape, const autograd::TypeOps* ops, Where site) {
    if (x.shape() == shape) return x;
    const AnyTensor out = new_tensor(shape, row_major_strides(shape), x.dtype(), x.device(), "sum_to", site);
    sum_into(x, {out}, ops->sum, "sum_to", site);
    return finish<SumTo>(out, "sum_to", site, {x}, [&](SumTo& f) { f.shape = x.shape(); });
}

}  // namespace fathom::inline v0::detail
