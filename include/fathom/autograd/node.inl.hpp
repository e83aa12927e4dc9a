// Definitions of node.hpp.

namespace fathom::inline v0::autograd {

FATHOM_INLINE Node::~Node() = default;

FATHOM_INLINE Saved::Saved(const AnyTensor& input) {
    if (!input.defined()) return;
    const TensorImpl& impl = input.impl();
    storage_ = impl.storage, shape_ = impl.shape, strides_ = impl.strides, offset_ = impl.offset, dtype_ = impl.dtype;
    version_ = storage_->version();
    node_ = Ref<Node>(node_of(input));
    defined_ = true;
}

FATHOM_INLINE Saved Saved::output(const AnyTensor& output) {
    Saved saved(output);
    saved.node_ = {};
    saved.is_output_ = true;
    return saved;
}

FATHOM_INLINE AnyTensor Saved::get(const Node& owner) const {
    if (!defined_) return {};
    if (!storage_)
        fail(owner.name, owner.site,
             {"backward needs values that an earlier backward released; pass {.retain_graph = true} to the first one"});
    if (storage_->version() != version_)
        fail(owner.name, owner.site,
             {"backward needs a tensor of shape ", shape_, " that was overwritten since (version ", storage_->version(),
              ", saved at ", version_, "); write into a clone() instead"});
    Ref<TensorImpl> impl(new TensorImpl);
    impl->storage = storage_, impl->shape = shape_, impl->strides = strides_, impl->offset = offset_,
    impl->dtype = dtype_;
    return AnyTensor(std::move(impl));
}

FATHOM_INLINE AnyTensor Saved::get_recorded(Node& owner) const {
    AnyTensor x = get(owner);
    if (x.defined()) x.impl().autograd = is_output_ ? Ref<Node>(&owner) : node_;
    return x;
}

FATHOM_INLINE void check_in_place(const AnyTensor& x, bool recorded, const char* operation, Where site) {
    if (!recorded) return;
    const Node* node = node_of(x);
    if (node && node->sequence == 0)
        fail(operation, site,
             {"a leaf that requires a gradient is changed in place; do it under NoGrad, or on a clone()"});
    if (x.impl().storage->use_count() > 1)
        fail(operation, site,
             {"a tensor of shape ", x.shape(),
              " is changed in place while a view of it or the graph shares its storage; use the form that "
              "makes a new tensor, or a clone()"});
}

}  // namespace fathom::inline v0::autograd
