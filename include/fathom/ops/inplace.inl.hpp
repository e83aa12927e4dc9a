// Definitions of inplace.hpp.

namespace fathom::inline v0::detail {

FATHOM_INLINE void assign_elementwise(const ElementwiseOp& op, const AnyTensor& x, const AnyTensor& b,
                                      ElementwiseEntry copy, Where site) {
    check_device(x, b, op.name, site);
    Shape shape;
    if (!broadcast_shapes(x.shape(), b.shape(), shape) || !(shape == x.shape()))
        fail(op.name, site, {"shape ", b.shape(), " does not broadcast to ", x.shape(), ", which is written in place"});
    for (int i = 0; i < x.rank(); ++i)
        if (x.strides()[i] == 0 && x.shape()[i] > 1)
            fail(op.name, site,
                 {"an expanded tensor of shape ", x.shape(),
                  " is written in place: several elements share memory; clone() it first"});
    // Another view of the same storage may overlap: its values are taken before the first write.
    AnyTensor other = b;
    const bool same_view = b.impl().offset == x.impl().offset && b.strides() == x.strides() && b.shape() == x.shape();
    if (b.impl().storage == x.impl().storage && !same_view)
        other = copy_to_strides(detached(b), row_major_strides(b.shape()), copy, op.name, site);
    x.impl().storage->bump_version();
    if (op.op == Elementwise::copy)
        elementwise_into(op, x, 0, {&other}, site);
    else
        elementwise_into(op, x, 0, {&x, &other}, site);
    autograd::observe(x, op.name, site);
}

FATHOM_INLINE void become(const AnyTensor& x, const AnyTensor& y, const char* operation, Where site) {
    if (!(x.shape() == y.shape()))
        fail(operation, site, {"the result has shape ", y.shape(), ", the tensor written in place ", x.shape()});
    TensorImpl& impl = x.impl();
    impl.storage = y.impl().storage, impl.strides = y.impl().strides, impl.offset = y.impl().offset;
    impl.autograd = y.impl().autograd;
}

}  // namespace fathom::inline v0::detail
