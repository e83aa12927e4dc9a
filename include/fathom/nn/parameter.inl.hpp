// Definitions of parameter.hpp.

namespace fathom::inline v0::detail {

FATHOM_INLINE AnyTensor copy_member(const AnyTensor& x, bool values, CpuEntry<abi::ElementwiseArgs> copy) {
    const Shape strides = strides_in_order_of(x.shape(), x.shape(), x.strides());
    AnyTensor made = values ? copy_to_strides(detached(x), strides, copy, "copy", {})
                            : new_tensor(x.shape(), strides, x.dtype(), x.device(), "copy", {});
    if (const autograd::Node* leaf = autograd::node_of(x))
        autograd::set_requires_grad(made, true, leaf->ops, leaf->where);
    return made;
}

FATHOM_INLINE void overwrite_member(const AnyTensor& to, const AnyTensor& from, CpuEntry<abi::ElementwiseArgs> copy) {
    // A copy in between where the two may overlap.
    const AnyTensor values = from.impl().storage == to.impl().storage ? copy_member(from, true, copy) : from;
    to.impl().storage->bump_version();
    abi::ElementwiseArgs args{};
    args.op = Elementwise::copy, args.inputs = 1;
    args.out = array_of(to), args.in[0] = array_of(values);
    run(to, "copy", {}, 0, copy, &abi::Table::elementwise, args);
    const autograd::Node* leaf = autograd::node_of(from);
    autograd::set_requires_grad(to, leaf != nullptr, leaf ? leaf->ops : nullptr, {});
    autograd::zero_grad(to);
}

FATHOM_INLINE AnyTensor member_values(const AnyTensor& values, CpuEntry<abi::ElementwiseArgs> copy, Where where) {
    if (!values.defined()) return {};
    const AnyTensor bare = detached(values);
    const Shape strides = strides_in_order_of(values.shape(), values.shape(), values.strides());
    const bool dense = values.is_contiguous() || values.strides() == strides;
    return dense ? bare : copy_to_strides(bare, strides, copy, "parameter", where);
}

}  // namespace fathom::inline v0::detail
