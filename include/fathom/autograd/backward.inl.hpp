// Definitions of backward.hpp: the engine.
#include <algorithm>
#include <unordered_map>

namespace fathom::inline v0::autograd {

namespace engine {

// One walk over the graph. Consumers have higher sequence numbers than what they consume, so a heap by sequence number visits every node
// after all of its consumers, without counting them first.
class Walk {
public:
    explicit Walk(bool recorded, bool retain_graph, bool into_leaves)
        : recorded_(recorded), retain_graph_(retain_graph), into_leaves_(into_leaves) {}

    // Only nodes that lead to one of these are visited, and their gradients are kept.
    void want(Node* node) { wanted_.emplace(node, AnyTensor{}); }
    AnyTensor result(Node* node) const { return wanted_.at(node); }

    void seed(const AnyTensor& output, const AnyTensor& gradient, Where where) {
        Node* node = node_of(output);
        if (!node) fail("backward", where, {"the output (shape ", output.shape(), ") does not depend on anything that requires a gradient"});
        AnyTensor seed = gradient;
        if (!seed.defined()) {
            if (output.numel() != 1) fail("backward", where, {"the output has shape ", output.shape(), ", expected one element (or give its gradient)"});
            seed = detail::new_tensor(output.shape(), node->output.strides, output.dtype(), output.device(), "backward", where);
            fill(seed, 1, *node);
        } else if (seed.shape() != output.shape() || seed.dtype() != output.dtype()) {
            fail("backward", where, {"the output is ", output.dtype(), " ", output.shape(), ", its gradient is ", seed.dtype(), " ", seed.shape()});
        }
        collect(pending(node), seed, *node, recorded_);
    }

    void run() {
        if (!wanted_.empty()) find_paths();
        while (!heap_.empty()) {
            std::pop_heap(heap_.begin(), heap_.end(), lower);
            const Ref<Node> node = std::move(heap_.back());
            heap_.pop_back();
            const auto found = pending_.find(node.get());
            Pending gradient = std::move(found->second);
            pending_.erase(found);
            if (const auto it = wanted_.find(node.get()); it != wanted_.end()) it->second = gradient.value;
            if (node->sequence == 0)
                finish_leaf(static_cast<Leaf&>(*node), gradient);
            else
                step(*node, std::move(gradient.value));
        }
    }

private:
    static bool lower(const Ref<Node>& a, const Ref<Node>& b) { return a->sequence < b->sequence; }

    Pending& pending(Node* node) {
        const auto [it, inserted] = pending_.try_emplace(node);
        if (inserted) {
            heap_.emplace_back(node);
            std::push_heap(heap_.begin(), heap_.end(), lower);
            // Straight into the accumulated gradient of a leaf, if it has one.
            if (node->sequence == 0 && into_leaves_) {
                if (const AnyTensor& grad = static_cast<Leaf*>(node)->grad; grad.defined()) it->second = {grad, true};
            }
        }
        return it->second;
    }

    void step(Node& node, AnyTensor gradient) {
        Pending* slots[16] = {};
        std::vector<Pending*> more;
        Pending** inputs = slots;
        if (node.inputs.size() > 16) more.resize(node.inputs.size()), inputs = more.data();
        bool any = false;
        for (std::size_t i = 0; i < node.inputs.size(); ++i) {
            Node* input = node.inputs[i].get();
            if (!input || (!wanted_.empty() && !leads_.contains(input))) continue;
            inputs[i] = &pending(input);
            any = true;
        }
        if (any) {
            Gradients g(node, std::move(gradient), recorded_, inputs);
            recorded_ ? node.backward_recorded(g) : node.backward(g);
        }
        if (!retain_graph_) node.release_saved();
    }

    void finish_leaf(Leaf& leaf, Pending& gradient) {
        if (!into_leaves_) return;
        if (leaf.grad.defined() && leaf.grad.same_as(gradient.value))
            leaf.grad.impl().storage->bump_version();
        else
            leaf.grad = gradient.owned ? gradient.value : clone(gradient.value, leaf);
    }

    // Depth first, without recursion: which nodes lead to a wanted one.
    void find_paths() {
        std::unordered_map<Node*, bool> seen;
        std::vector<std::pair<Node*, std::size_t>> stack;
        for (const Ref<Node>& root : heap_) stack.emplace_back(root.get(), 0);
        while (!stack.empty()) {
            auto& [node, next] = stack.back();
            if (next == 0) {
                seen.emplace(node, true);
                if (wanted_.contains(node)) leads_.emplace(node, true);
            }
            if (next < node->inputs.size()) {
                Node* input = node->inputs[next++].get();
                if (input && !seen.contains(input)) stack.emplace_back(input, 0);
                continue;
            }
            for (const Ref<Node>& input : node->inputs)
                if (input && leads_.contains(input.get())) leads_.emplace(node, true);
            stack.pop_back();
        }
    }

    bool recorded_, retain_graph_, into_leaves_;
    std::vector<Ref<Node>> heap_;
    std::unordered_map<Node*, Pending> pending_;
    std::unordered_map<Node*, AnyTensor> wanted_;
    std::unordered_map<Node*, bool> leads_;
};

}  // namespace engine

FATHOM_INLINE void backward(const AnyTensor& output, const AnyTensor& gradient, bool retain_graph, Where where) {
    const GradMode mode(false);
    engine::Walk walk(false, retain_graph, true);
    walk.seed(output, gradient, where);
    walk.run();
}

FATHOM_INLINE std::vector<AnyTensor> grad(const std::vector<AnyTensor>& outputs, const std::vector<AnyTensor>& inputs,
                                          const GradOptions& options, Where where) {
    if (!options.grad_outputs.empty() && options.grad_outputs.size() != outputs.size())
        fail("grad", where, {options.grad_outputs.size(), " grad_outputs for ", outputs.size(), " outputs"});
    const GradMode mode(options.create_graph);
    engine::Walk walk(options.create_graph, options.retain_graph || options.create_graph, false);
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        if (!requires_grad(inputs[i])) fail("grad", where, {"input ", i, " does not require a gradient"});
        walk.want(node_of(inputs[i]));
    }
    for (std::size_t i = 0; i < outputs.size(); ++i)
        walk.seed(outputs[i], options.grad_outputs.empty() ? AnyTensor{} : options.grad_outputs[i], where);
    walk.run();
    std::vector<AnyTensor> gradients;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        gradients.push_back(walk.result(node_of(inputs[i])));
        if (!gradients.back().defined() && !options.allow_unused)
            fail("grad", where, {"input ", i, " does not influence the outputs; pass {.allow_unused = true} to get an undefined gradient for it"});
    }
    return gradients;
}

FATHOM_INLINE void set_requires_grad(const AnyTensor& x, bool on, const TypeOps* ops, Where where) {
    Node* node = node_of(x);
    if (on && !node) {
        Ref<Leaf> leaf(new Leaf);
        leaf->name = "leaf", leaf->where = where, leaf->ops = ops;
        const TensorImpl& impl = x.impl();
        leaf->output = {impl.shape, detail::strides_in_order_of(impl.shape, impl.shape, impl.strides), impl.dtype, impl.storage->device()};
        x.impl().autograd = leaf;
    } else if (!on && node) {
        if (node->sequence != 0) fail("requires_grad_", where, {"the result of a recorded operation always requires a gradient; detach() it"});
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
