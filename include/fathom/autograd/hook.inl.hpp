// Definitions of hook.hpp.

namespace fathom::inline v0::autograd {

FATHOM_INLINE void add_hook(const AnyTensor& x, const Ref<Hook>& hook) {
    detail::require_defined(x, "register_hook", hook->site);
    Node* node = node_of(x);
    if (!node) fail("register_hook", hook->site, {"the tensor (shape ", x.shape(), ") does not require a gradient"});
    Ref<Hook>* last = &node->hooks;
    while (*last) {
        if ((*last)->removed)  // here, since a hook may remove itself while it is called
            *last = Ref<Hook>((*last)->next);
        else
            last = &(*last)->next;
    }
    *last = hook;
}

}  // namespace fathom::inline v0::autograd
