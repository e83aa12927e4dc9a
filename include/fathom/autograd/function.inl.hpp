// Definitions of function.hpp.

namespace fathom::inline v0 {

FATHOM_INLINE bool InputList::recording() const {
    bool any = false;
    if (grad_enabled()) each([&](const AnyTensor& x) { any = any || autograd::requires_grad(x); });
    return any;
}

FATHOM_INLINE autograd::Edges InputList::nodes() const {
    autograd::Edges nodes(tensors_ ? tensors_->size() : list_.size());
    std::size_t i = 0;
    each([&](const AnyTensor& x) { nodes[i++] = Ref<autograd::Node>(autograd::node_of(x)); });
    return nodes;
}

FATHOM_INLINE const autograd::TypeOps* InputList::type_ops() const {
    const autograd::TypeOps* ops = nullptr;
    each([&](const AnyTensor& x) {
        if (const autograd::Node* node = autograd::node_of(x); node && !ops) ops = node->ops;
    });
    return ops;
}

namespace detail {

// One counter for the process: graphs may cross threads.
FATHOM_INLINE std::uint64_t next_sequence() {
    static constinit std::atomic<std::uint64_t> counter{1};
    return counter.fetch_add(1, std::memory_order_relaxed);
}

FATHOM_INLINE void record(const AnyTensor& out, Ref<autograd::Node> function, const char* name, Where site,
                          const autograd::TypeOps* ops, const InputList& inputs) {
    TensorImpl& impl = out.impl();
    if (impl.autograd)
        fail(name, site,
             {"the result has a history already: forward has recorded its own operations; let it compute on "
              "detach()ed inputs"});
    function->name = name, function->site = site, function->ops = ops, function->module = current_module();
    function->sequence = next_sequence();
    function->inputs = inputs.nodes();
    autograd::OutputInfo& output = function->output;
    output.shape = impl.shape, output.strides = strides_in_order_of(impl.shape, impl.shape, impl.strides);
    output.dtype = impl.dtype, output.device = impl.storage->device();
    impl.autograd = std::move(function);
}

FATHOM_INLINE void announce(const AnyTensor& out, const char* name, Where site, const InputList& inputs) {
    const autograd::Node* node = autograd::node_of(out);
    const Observation observation{name, site, out, inputs, false, node ? node->sequence : 0};
    ObserveScope::each([&](Observer& observer) { observer.sees(observation); });
}

}  // namespace detail
}  // namespace fathom::inline v0
