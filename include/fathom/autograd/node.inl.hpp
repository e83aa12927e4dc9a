// Definitions of node.hpp.

namespace fathom::inline v0::autograd {

FATHOM_INLINE_MEMBER Node::~Node() = default;

FATHOM_INLINE Saved::Saved(const AnyTensor& input) {
    if (!input.defined()) return;
    view_ = detail::detached(input);
    version_ = input.impl().storage->version();
    node_ = Ref<Node>(node_of(input));
    defined_ = true;
}

FATHOM_INLINE Saved Saved::output(const AnyTensor& output) {
    Saved saved(output);
    saved.node_ = {};
    saved.is_output_ = true;
    return saved;
}

FATHOM_INLINE const AnyTensor& Saved::get(const Node& owner) const {
    if (!defined_) return view_;
    if (!view_.defined())
        fail(owner.name, owner.site,
             {"backward needs values that an earlier backward released; pass {.retain_graph = true} to the first one"});
    if (const std::uint32_t version = view_.impl().storage->version(); version != version_)
        fail(owner.name, owner.site,
             {"backward needs a tensor of shape ", view_.shape(), " that was overwritten since (version ", version,
              ", saved at ", version_, "); write into a clone() instead"});
    return view_;
}

FATHOM_INLINE AnyTensor Saved::get_recorded(Node& owner) const {
    if (!defined_) return {};
    const AnyTensor x = detail::detached(get(owner));
    x.impl().autograd = is_output_ ? Ref<Node>(&owner) : node_;
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
