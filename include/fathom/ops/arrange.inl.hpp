// Definitions of arrange.hpp.

namespace fathom::inline v0::detail {

FATHOM_INLINE AnyTensor repeat(const AnyTensor& x, const Shape& repeats, const ElementwiseKernel& copy, Where site) {
    require_defined(x, "repeat", site);
    const int leading = repeats.rank() - x.rank();
    if (leading < 0)
        fail("repeat", site, {repeats, " for shape ", x.shape(), ", expected a number for each dimension"});
    Shape shape = Shape::filled(leading, 1);
    for (const std::int64_t size : x.shape()) shape.push_back(size);
    AnyTensor result = reshape(x, shape, copy, site);
    bool copied = false;
    // From the last dimension on, so that the copies, which grow, end with the large one.
    for (int d = repeats.rank() - 1; d >= 0; --d) {
        if (repeats[d] < 0) fail("repeat", site, {"negative number in ", repeats});
        if (repeats[d] == 1) continue;
        std::int64_t before = 1, after = 1;
        for (int k = 0; k < d; ++k) before *= shape[k];
        for (int k = d; k < shape.rank(); ++k) after = times(after, shape[k]);
        shape[d] = times(shape[d], repeats[d]);
        const AnyTensor apart = reshape(result, {before, 1, after}, copy, site);
        result = reshape(expand(apart, {before, repeats[d], after}, site), shape, copy, site);
        copied = true;
    }
    return copied ? result : copy_to_strides(result, row_major_strides(shape), copy, "repeat", site);
}

// Its own inverse, and so its own gradient.
struct Flip final : Function {
    static AnyTensor forward(const AnyTensor& x, const Shape& dims, const ElementwiseKernel& copy, Where site) {
        Shape strides = x.strides();
        std::int64_t offset = x.impl().offset;
        for (const std::int64_t dim : dims) {
            const int d = static_cast<int>(dim);
            if (x.shape()[d] > 0) offset += (x.shape()[d] - 1) * strides[d];
            strides[d] = -strides[d];
        }
        const AnyTensor out = new_tensor(x.shape(), strides_in_order_of(x.shape(), x.shape(), x.strides()), x.dtype(),
                                         x.device(), "flip", site);
        // Read from the end on. No tensor that a user sees has negative strides.
        const AnyTensor backwards = new_view(x, x.shape(), strides, offset);
        run_elementwise(copy, {out}, {&backwards}, "flip", site);
        return finish<Flip>(out, "flip", site, {x}, [&](Flip& f) { f.dims = dims; });
    }
    void backward(Gradients& g) override { g.add(0, forward(g.output(), dims, ops->copy, site)); }
    Shape dims;
};

FATHOM_INLINE AnyTensor flip(const AnyTensor& x, const Shape& dims, const ElementwiseKernel& copy, Where site) {
    require_defined(x, "flip", site);
    Shape checked = dims;
    bool seen[max_rank] = {};
    for (int i = 0; i < dims.rank(); ++i) {
        const int d = checked_dim(dims[i], x.rank(), "flip", site);
        if (seen[d]) fail("flip", site, {"dimension ", d, " stands twice in ", dims});
        seen[d] = true, checked[i] = d;
    }
    return Flip::forward(x, checked, copy, site);
}

FATHOM_INLINE AnyTensor roll(const AnyTensor& x, const Shape& shifts, const Shape& dims, const ElementwiseKernel& copy,
                             Where site) {
    require_defined(x, "roll", site);
    if (shifts.rank() != dims.rank() || dims.rank() == 0)
        fail("roll", site, {"shifts ", shifts, " and dimensions ", dims, ", expected as many of one as of the other"});
    AnyTensor result = x;
    for (int i = 0; i < dims.rank(); ++i) {
        const int d = checked_dim(dims[i], x.rank(), "roll", site);
        const std::int64_t n = x.shape()[d];
        if (n == 0) continue;
        const std::int64_t shift = (shifts[i] % n + n) % n;
        result = cat({narrow(result, d, n - shift, shift, site), narrow(result, d, 0, n - shift, site)}, d, copy, site);
    }
    return result;
}

}  // namespace fathom::inline v0::detail
