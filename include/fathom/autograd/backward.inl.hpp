// Definitions of backward.hpp: the engine.

namespace fathom::inline v0::autograd {

namespace engine {

// One walk over the graph. Consumers have higher sequence numbers than what they consume, so a heap by sequence number
// visits every node after all of its consumers, without counting them first. All state is the walk's own: walks on
// several threads may share leaves.
class Walk {
public:
    Walk(bool recorded, bool retain_graph, bool into_leaves, bool past_wanted = true)
        : recorded_(recorded), retain_graph_(retain_graph), into_leaves_(into_leaves), past_wanted_(past_wanted) {}

    // Only nodes that lead to one of these are visited, and their gradients are kept. Without `past_wanted` the walk
    // ends at them: what reaches one through another is the other's.
    void want(Node* node) {
        slots_[find(node)].wanted = true;
        restricted_ = true;
    }
    AnyTensor result(Node* node) { return slots_[find(node)].result; }

    void seed(const AnyTensor& output, const AnyTensor& gradient, Where site) {
        detail::require_defined(output, "backward", site);
        Node* node = node_of(output);
        if (!node)
            fail("backward", site,
                 {"the output (shape ", output.shape(), ") does not depend on anything that requires a gradient"});
        AnyTensor seed = gradient;
        if (!seed.defined()) {
            if (output.numel() != 1)
                fail("backward", site,
                     {"the output has shape ", output.shape(), ", expected one element (or give its gradient)"});
            seed = detail::new_tensor(output.shape(), node->output.strides, node->output.dtype, output.device(),
                                      "backward", site);
            fill(seed, 1, *node);
        } else if (!(seed.shape() == output.shape()) || seed.dtype() != node->output.dtype) {
            fail("backward", site,
                 {"the output is ", output.dtype(), " ", output.shape(), ", its gradient is ", seed.dtype(), " ",
                  seed.shape()});
        }
        collect(slots_[enqueue(node)].pending, seed, *node, recorded_);
    }

    void run() {
        if (restricted_) find_paths();
        while (!heap_.empty()) {
            const std::size_t index = pop();
            Pending gradient = std::exchange(slots_[index].pending, {});
            if (slots_[index].node->hooks) call_hooks(*slots_[index].node, gradient);
            const bool wanted = slots_[index].wanted;
            if (wanted) slots_[index].result = gradient.value;
            const Ref<Node> node = restricted_ ? slots_[index].node : forget(index);
            if (node->sequence == 0)
                finish_leaf(static_cast<Leaf&>(*node), gradient);
            else if (past_wanted_ || !wanted)
                step(*node, std::move(gradient.value));
        }
    }

private:
    struct Slot {
        Ref<Node> node;
        Pending pending;
        AnyTensor result;
        bool queued = false, wanted = false, leads = false, seen = false;
    };

    struct Queued {
        std::uint64_t sequence;
        std::size_t slot;
    };

    // The slot of a node, by open addressing on its address.
    std::size_t find(Node* node) {
        if (2 * slots_.size() >= table_.size()) grow();
        std::size_t at = hash(node);
        while (table_[at] && slots_[table_[at] - 1].node.get() != node) at = (at + 1) & (table_.size() - 1);
        if (!table_[at]) {
            if (free_.empty()) free_.push_back(slots_.size()), slots_.push_back({});
            const std::size_t index = free_.back();
            free_.pop_back();
            slots_[index].node = Ref<Node>(node);
            table_[at] = index + 1;
        }
        return table_[at] - 1;
    }
    // No gradient comes to a node that was visited: its slot is the next one's, so that a long chain needs few.
    Ref<Node> forget(std::size_t index) {
        const std::size_t mask = table_.size() - 1;
        std::size_t hole = hash(slots_[index].node.get());
        while (table_[hole] != index + 1) hole = (hole + 1) & mask;
        for (std::size_t at = (hole + 1) & mask; table_[at]; at = (at + 1) & mask) {
            const std::size_t wanted = hash(slots_[table_[at] - 1].node.get());
            if (((at - wanted) & mask) >= ((at - hole) & mask)) table_[hole] = table_[at], hole = at;
        }
        table_[hole] = 0;
        free_.push_back(index);
        return std::move(std::exchange(slots_[index], {}).node);
    }
    std::size_t hash(const Node* node) const {
        return (reinterpret_cast<std::uintptr_t>(node) * 0x9E3779B97F4A7C15u >> 20) & (table_.size() - 1);
    }
    void grow() {
        const std::size_t size = table_.empty() ? 64 : 2 * table_.size();
        table_.clear();
        table_.resize(size);
        for (std::size_t i = 0; i < slots_.size(); ++i) {
            if (!slots_[i].node) continue;
            std::size_t at = hash(slots_[i].node.get());
            while (table_[at]) at = (at + 1) & (table_.size() - 1);
            table_[at] = i + 1;
        }
    }

    std::size_t enqueue(Node* node) {
        const std::size_t index = find(node);
        if (slots_[index].queued) return index;
        slots_[index].queued = true;
        heap_.push_back({node->sequence, index});
        for (std::size_t i = heap_.size() - 1; i > 0 && heap_[(i - 1) / 2].sequence < heap_[i].sequence;
             i = (i - 1) / 2)
            std::swap(heap_[i], heap_[(i - 1) / 2]);
        // Straight into the accumulated gradient of a leaf, if it has one; hooks see what is added, not the sum.
        if (node->sequence == 0 && into_leaves_ && !node->hooks) {
            if (const AnyTensor& grad = static_cast<Leaf*>(node)->grad; grad.defined())
                slots_[index].pending = {grad, true};
        }
        return index;
    }
    std::size_t pop() {
        const std::size_t top = heap_[0].slot;
        heap_[0] = heap_.back();
        heap_.pop_back();
        for (std::size_t i = 0;;) {
            std::size_t largest = i;
            for (std::size_t child = 2 * i + 1; child < heap_.size() && child <= 2 * i + 2; ++child)
                if (heap_[largest].sequence < heap_[child].sequence) largest = child;
            if (largest == i) return top;
            std::swap(heap_[i], heap_[largest]);
            i = largest;
        }
    }

    void step(Node& node, AnyTensor gradient) {
        const std::size_t n = node.inputs.size();
        found_.clear();
        found_.resize(n);
        bool any = false;
        for (std::size_t i = 0; i < n; ++i) {
            Node* input = node.inputs[i].get();
            if (!input || (restricted_ && !slots_[find(input)].leads)) continue;
            found_[i] = enqueue(input) + 1;
            any = true;
        }
        if (any) {
            pending_.resize(n);  // taken once all slots are there: adding one may move them
            for (std::size_t i = 0; i < n; ++i) pending_[i] = found_[i] ? &slots_[found_[i] - 1].pending : nullptr;
            if (ObserveScope::any())
                observed_step(node, gradient);
            else
                run_backward(node, std::move(gradient));
        }
        if (!retain_graph_) node.release_saved();
    }

    void run_backward(Node& node, AnyTensor gradient) {
        Gradients g(node, std::move(gradient), recorded_, pending_.data());
        recorded_ ? node.backward_recorded(g) : node.backward(g);
        g.finish();
        for (std::size_t i = 0; i < pending_.size(); ++i)
            if (pending_[i] && !pending_[i]->value.defined())
                fail(node.name, node.site, {"backward gave no gradient for input ", i});
    }
    // In the module that recorded the node.
    [[gnu::cold]] void observed_step(Node& node, const AnyTensor& gradient) {
        const ModuleScope module(node.module);
        ObserveScope::each([](detail::Observer& observer) { observer.backward_begins(); });
        run_backward(node, gradient);  // a second handle: backward leaves it as it is
        const std::string name = join({node.name, " (backward)"});
        const std::initializer_list<InputList::Input> of_result{gradient};
        const InputList given(of_result);
        for (const Pending* input : pending_) {
            if (!input) continue;
            const detail::Observation seen{name.c_str(), node.site, input->value, given, true, node.sequence};
            ObserveScope::each([&](detail::Observer& observer) { observer.sees(seen); });
        }
        ObserveScope::each([](detail::Observer& observer) { observer.backward_ends(); });
    }

    void call_hooks(Node& node, Pending& gradient) {
        for (Ref<Hook> hook = node.hooks; hook; hook = hook->next) {
            if (hook->removed) continue;
            const AnyTensor other = hook->call(gradient.value), &value = gradient.value;
            if (!other.defined()) continue;
            if (!(other.shape() == value.shape()) || other.dtype() != value.dtype() || other.device() != value.device())
                fail("hook", hook->site,
                     {"gives ", other.dtype(), " ", other.shape(), " on ", other.device(), " for a gradient that is ",
                      value.dtype(), " ", value.shape(), " on ", value.device()});
            gradient = {other, false};
        }
        // A hook may have kept it.
        const TensorImpl& impl = gradient.value.impl();
        gradient.owned = gradient.owned && impl.use_count() == 1 && impl.storage->use_count() == 1;
    }

    void finish_leaf(Leaf& leaf, Pending& gradient) {
        if (!into_leaves_) return;
        if (leaf.is_parameter && !leaf.is_listed.load(std::memory_order_relaxed))
            forgotten_parameter() = {&leaf, leaf.output.shape, leaf.site};
        if (leaf.grad.defined() && leaf.grad.same_as(gradient.value))
            leaf.grad.impl().storage->bump_version();
        else if (leaf.grad.defined())
            add_into(leaf.grad, gradient.value, leaf), leaf.grad.impl().storage->bump_version();
        else
            leaf.grad = gradient.owned ? gradient.value : clone(gradient.value, leaf);
    }

    // Depth first, without recursion: which nodes lead to a wanted one.
    void find_paths() {
        struct Frame {
            std::size_t slot, next;
        };
        detail::List<Frame> stack;
        for (const Queued& root : heap_) stack.push_back({root.slot, 0});
        while (!stack.empty()) {
            Frame& frame = stack.back();
            const std::size_t index = frame.slot;
            Node* node = slots_[index].node.get();
            if (frame.next == 0) {
                slots_[index].seen = true;
                slots_[index].leads |= slots_[index].wanted;
            }
            if (frame.next < node->inputs.size() && (past_wanted_ || !slots_[index].wanted)) {
                Node* input = node->inputs[frame.next++].get();
                if (!input) continue;
                const std::size_t child = find(input);
                if (!slots_[child].seen) stack.push_back({child, 0});
                continue;
            }
            for (const Ref<Node>& input : node->inputs)
                if (input && !slots_[index].leads) slots_[index].leads = slots_[find(input.get())].leads;
            stack.pop_back();
        }
    }

    bool recorded_, retain_graph_, into_leaves_, past_wanted_, restricted_ = false;
    detail::List<Slot> slots_;
    detail::List<std::size_t> table_;  // slot + 1; 0: free. A power of two, at most half full
    detail::List<Queued> heap_;
    detail::List<std::size_t> free_, found_;
    detail::List<Pending*> pending_;
};

}  // namespace engine

FATHOM_INLINE void backward(const AnyTensor& output, const AnyTensor& gradient, bool retain_graph, Where site) {
    const GradMode mode(false);
    forgotten_parameter() = {};
    engine::Walk walk(false, retain_graph, true);
    walk.seed(output, gradient, site);
    walk.run();
}

FATHOM_INLINE std::vector<AnyTensor> grad(const std::vector<AnyTensor>& outputs, const std::vector<AnyTensor>& inputs,
                                          const GradOptions& options, Where site) {
    if (!options.grad_outputs.empty() && options.grad_outputs.size() != outputs.size())
        fail("grad", site, {options.grad_outputs.size(), " grad_outputs for ", outputs.size(), " outputs"});
    const GradMode mode(options.create_graph);
    engine::Walk walk(options.create_graph, options.retain_graph || options.create_graph, false);
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        if (!requires_grad(inputs[i])) fail("grad", site, {"input ", i, " does not require a gradient"});
        walk.want(node_of(inputs[i]));
    }
    for (std::size_t i = 0; i < outputs.size(); ++i)
        walk.seed(outputs[i], options.grad_outputs.empty() ? AnyTensor{} : options.grad_outputs[i], site);
    walk.run();
    std::vector<AnyTensor> gradients;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        gradients.push_back(walk.result(node_of(inputs[i])));
        if (!gradients.back().defined() && !options.allow_unused)
            fail("grad", site,
                 {"input ", i,
                  " does not influence the outputs; pass {.allow_unused = true} to get an undefined gradient for it"});
    }
    return gradients;
}

FATHOM_INLINE std::vector<AnyTensor> grad_at(const AnyTensor& output, const AnyTensor& gradient,
                                             const detail::List<Node*>& nodes, bool recorded, Where site) {
    const GradMode mode(recorded);
    engine::Walk walk(recorded, recorded, false, false);
    for (Node* node : nodes) walk.want(node);
    walk.seed(output, gradient, site);
    walk.run();
    std::vector<AnyTensor> gradients;
    for (Node* node : nodes) gradients.push_back(walk.result(node));
    return gradients;
}

FATHOM_INLINE void set_requires_grad(const AnyTensor& x, bool on, const TypeOps* ops, Where site) {
    detail::require_defined(x, "requires_grad_", site);
    Node* node = node_of(x);
    if (on && !node) {
        Ref<Leaf> leaf(new Leaf);
        leaf->name = "leaf", leaf->site = site, leaf->ops = ops;
        const TensorImpl& impl = x.impl();
        leaf->output = {impl.shape, detail::strides_in_order_of(impl.shape, impl.shape, impl.strides), impl.dtype,
                        impl.storage->device()};
        x.impl().autograd = leaf;
    } else if (!on && node) {
        if (node->sequence != 0)
            fail("requires_grad_", site,
                 {"the result of a recorded operation always requires a gradient; detach() it"});
        x.impl().autograd = {};
    }
}

FATHOM_INLINE AnyTensor accumulated_grad(const AnyTensor& x) {
    Node* node = node_of(x);
    return node && node->sequence == 0 ? static_cast<Leaf*>(node)->grad : AnyTensor{};
}

FATHOM_INLINE void zero_grad(const AnyTensor& x) {
    Node* node = node_of(x);
    if (node && node->sequence == 0) static_cast<Leaf*>(node)->grad.reset();
}

}  // namespace fathom::inline v0::autograd
