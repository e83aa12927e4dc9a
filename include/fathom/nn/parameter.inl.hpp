// Definitions of parameter.hpp.

namespace fathom::inline v0::detail {

FATHOM_INLINE AnyTensor copy_member(const AnyTensor& x, bool values, const ElementwiseKernel& copy, Where site) {
    const Shape strides = strides_in_order_of(x.shape(), x.shape(), x.strides());
    return values ? copy_to_strides(detached(x), strides, copy, "copy", site)
                  : new_tensor(x.shape(), strides, x.dtype(), x.device(), "copy", site);
}

FATHOM_INLINE void overwrite_member(const AnyTensor& to, const AnyTensor& from, const ElementwiseKernel& copy) {
    // A copy in between where the two may overlap.
    const AnyTensor values = from.impl().storage == to.impl().storage ? copy_member(from, true, copy, {}) : from;
    to.impl().storage->bump_version();
    run_elementwise(copy, {to}, {&values}, "copy", {});
    const autograd::Node* leaf = autograd::node_of(from);
    autograd::set_requires_grad(to, leaf != nullptr, leaf ? leaf->ops : nullptr, {});
    mark_as(to, from);
    autograd::zero_grad(to);
}

FATHOM_INLINE void mark_as(const AnyTensor& copy, const AnyTensor& original) {
    autograd::Node *to = autograd::node_of(copy), *from = autograd::node_of(original);
    if (to && from && from->sequence == 0 && static_cast<autograd::Leaf*>(from)->is_parameter)
        static_cast<autograd::Leaf*>(to)->is_parameter = true;
}

}  // namespace fathom::inline v0::detail
