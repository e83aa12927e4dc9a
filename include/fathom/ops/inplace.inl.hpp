// Definitions of inplace.hpp.

namespace fathom::inline v0::detail {

FATHOM_INLINE void check_writable(const AnyTensor& x, const char* name, Where site) {
    for (int i = 0; i < x.rank(); ++i)
        if (x.strides()[i] == 0 && x.shape()[i] > 1)
            fail(name, site,
                 {"an expanded tensor of shape ", x.shape(),
                  " is written in place: several elements share memory; clone() it first"});
}

FATHOM_INLINE AnyTensor apart(const AnyTensor& y, const AnyTensor& x, const ElementwiseKernel& copy, const char* name,
                              Where site) {
    if (!(x.impl().storage == y.impl().storage)) return y;
    return copy_to_strides(detached(y), row_major_strides(y.shape()), copy, name, site);
}

FATHOM_INLINE void assign_elementwise(const char* name, const ElementwiseKernel& kernel, const AnyTensor& x, double p0,
                                      double p1, Where site) {
    check_writable(x, name, site);
    x.impl().storage->bump_version();
    run_elementwise(kernel, {x}, {&x}, name, site, p0, p1);
    observe(x, name, site);
}

FATHOM_INLINE void assign_elementwise(const char* name, const ElementwiseKernel& kernel, const AnyTensor& x,
                                      const AnyTensor& b, const ElementwiseKernel& copy, Where site) {
    require_defined(x, name, site), require_defined(b, name, site);
    check_device(x, b, name, site);
    Shape shape;
    if (!broadcast_shapes(x.shape(), b.shape(), shape) || !(shape == x.shape()))
        fail(name, site, {"shape ", b.shape(), " does not broadcast to ", x.shape(), ", which is written in place"});
    check_writable(x, name, site);
    // Another view of the same storage may overlap: its values are taken before the first write.
    AnyTensor other = b;
    const bool same_view = b.impl().offset == x.impl().offset && b.strides() == x.strides() && b.shape() == x.shape();
    if (b.impl().storage == x.impl().storage && !same_view)
        other = copy_to_strides(detached(b), row_major_strides(b.shape()), copy, name, site);
    x.impl().storage->bump_version();
    if (kernel.op == Elementwise::copy)
        run_elementwise(kernel, {x}, {&other}, name, site);
    else
        run_elementwise(kernel, {x}, {&x, &other}, name, site);
    observe(x, name, site, {b});
}

FATHOM_INLINE void become(const AnyTensor& x, const AnyTensor& y, const char* operation, Where site) {
    if (!(x.shape() == y.shape()))
        fail(operation, site, {"the result has shape ", y.shape(), ", the tensor written in place ", x.shape()});
    TensorImpl& impl = x.impl();
    impl.storage = y.impl().storage, impl.strides = y.impl().strides, impl.offset = y.impl().offset;
    impl.autograd = y.impl().autograd;
}

}  // namespace fathom::inline v0::detail
