// Definitions of own_function.hpp.

namespace fathom::inline v0 {

// Of a number of the caller's, or the dtype of a tensor, both of which are the mistakes of who wrote the operation.
FATHOM_INLINE AnyTensor Context::saved_tensor(std::size_t i, DType dtype) const {
    if (!node_) fail("saved", {}, {"a context gives what was saved in backward alone"});
    if (i >= node_->saved_.size())
        fail(node_->name, node_->site, {"backward asks for saved tensor ", i, " of ", node_->saved_.size()});
    const autograd::Saved& saved = node_->saved_[i];
    if (!saved.defined()) return {};
    const AnyTensor x = recorded_ ? saved.get_recorded(*node_) : detail::detached(saved.get(*node_));
    if (x.dtype() != dtype)
        fail(node_->name, node_->site, {"backward asks for saved tensor ", i, " as ", dtype, ", it holds ", x.dtype()});
    return x;
}

FATHOM_INLINE double Context::number(std::size_t i) const {
    if (i >= numbers_.size())
        fail(node_ ? node_->name : "number", node_ ? node_->site : Where{},
             {"asks for saved number ", i, " of ", numbers_.size()});
    return numbers_[i];
}

namespace autograd {

FATHOM_INLINE void OwnNode::keep(Context&& context, const AnyTensor& out, const InputList& given) {
    for (const AnyTensor& x : context.kept_) saved_.push_back(x.same_as(out) ? Saved::output(x) : Saved(x));
    context.kept_.clear();
    context_ = std::move(context);
    given.each([&](const AnyTensor& x) { context_.needs_.push_back(requires_grad(x)); });
}

FATHOM_INLINE void OwnNode::run(Gradients& g, bool recorded) {
    for (std::size_t i = 0; i < context_.needs_.size(); ++i) context_.needs_[i] = g.needs(static_cast<int>(i));
    context_.node_ = this, context_.recorded_ = recorded;
    const std::vector<AnyTensor> found = gradients(context_, g.output());
    for (std::size_t i = 0; i < found.size(); ++i)
        if (found[i].defined() && g.needs(static_cast<int>(i))) g.add(static_cast<int>(i), found[i]);
}

}  // namespace autograd
}  // namespace fathom::inline v0
