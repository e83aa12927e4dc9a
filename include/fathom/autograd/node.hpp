// The graph: a Node per recorded operation, with edges to the nodes that made its inputs, and the tensors it saved for
// backward. Next: gradients.hpp (what a node's backward is given), function.hpp (how an operation is written).
#pragma once

#include <atomic>

#include "fathom/autograd/grad_mode.hpp"
#include "fathom/core/list.hpp"
#include "fathom/core/observe.hpp"
#include "fathom/tensor/dispatch.hpp"

namespace fathom::inline v0::autograd {

class Gradients;
class Node;

// The kernels that the engine and views need, for one dtype (autograd/type_ops.hpp): what lets them be ordinary code
// over AnyTensor.
struct TypeOps {
    detail::ElementwiseKernel add, affine, copy, fill;
    detail::CpuKernel<abi::ReduceArgs> sum;
};

// What a gradient of the node's output looks like; strides are dense.
struct OutputInfo {
    Shape shape, strides;
    DType dtype = DType::float32;
    Device device;
};

// The nodes that made a node's inputs, null where no gradient is wanted. Most nodes have up to three, which lie in the
// node.
class Edges {
public:
    Edges() = default;
    explicit Edges(std::size_t size) : size_(size) {
        if (size > few) many_.resize(size);
    }
    std::size_t size() const { return size_; }
    const Ref<Node>* begin() const { return size_ > few ? many_.data() : few_; }
    const Ref<Node>* end() const { return begin() + size_; }
    const Ref<Node>& operator[](std::size_t i) const { return begin()[i]; }
    Ref<Node>& operator[](std::size_t i) { return size_ > few ? many_[i] : few_[i]; }

private:
    static constexpr std::size_t few = 3;
    std::size_t size_ = 0;
    Ref<Node> few_[few];
    detail::List<Ref<Node>> many_;
};

// Called with the gradient of a node's output once it is whole, before it goes on (hook.hpp).
class Hook : public Refcounted {
public:
    // Another gradient in its place, or an undefined tensor: it stays.
    virtual AnyTensor call(const AnyTensor& gradient) = 0;

    Ref<Hook> next;
    Where site;
    bool removed = false;
};

class Node : public Refcounted {
public:
    Node() = default;
    FATHOM_INLINE_MEMBER ~Node() override;

    const char* name = "";
    Where site;
    std::uint64_t sequence = 0;  // an input's is always lower; 0 for leaves
    Edges inputs;
    OutputInfo output;
    const TypeOps* ops = nullptr;
    const std::string* module = nullptr;  // the path of the module that ran; null outside of all
    Ref<Hook> hooks;                      // in the order in which they were added

    // Writes the gradients of the inputs into g.target(i), or hands them over by g.add(i, tensor).
    virtual void backward(Gradients& g) = 0;
    // The same by recorded operations, so that the result can be differentiated again.
    virtual void backward_recorded(Gradients& g) { backward(g); }
    virtual void release_saved() {}
};

// Where gradients end: the node of a tensor that the user asked gradients for.
class Leaf final : public Node {
public:
    AnyTensor grad;
    // A parameter of a module, and whether a walk over a module, or an optimizer, has met it: one that neither has is
    // not trained (forgotten_parameter).
    bool is_parameter = false;
    std::atomic<bool> is_listed{false};
    void backward(Gradients&) override {}
};
// One that nothing lists and that the last backward() of this thread gave a gradient to. The leaf is for comparing: it
// may be gone.
struct ForgottenParameter {
    const Leaf* leaf = nullptr;
    Shape shape;
    Where site;
};
inline ForgottenParameter& forgotten_parameter() {
    thread_local ForgottenParameter forgotten;
    return forgotten;
}
// A walk or an optimizer has met it.
inline void list(Node* node) {
    if (!node || node->sequence != 0) return;
    auto* leaf = static_cast<Leaf*>(node);
    leaf->is_listed.store(true, std::memory_order_relaxed);
    if (forgotten_parameter().leaf == leaf) forgotten_parameter() = {};
}

// A tensor kept for backward: storage, view and version, never a handle to the node's own output (that would be a
// cycle).
class Saved {
public:
    Saved() = default;
    explicit Saved(const AnyTensor& input);
    // The node's own output.
    static Saved output(const AnyTensor& output);

    bool defined() const { return defined_; }
    // Without history. Throws if it was overwritten since, or released by an earlier backward.
    const AnyTensor& get(const Node& owner) const;
    // With the history it had.
    AnyTensor get_recorded(Node& owner) const;
    // The same as typed handles of their own; another dtype throws.
    template <Element T>
    Tensor<T> get(const Node& owner) const;
    template <Element T>
    Tensor<T> get_recorded(Node& owner) const;
    void release() { view_.reset(), node_ = {}; }

private:
    AnyTensor view_;  // without history
    Ref<Node> node_;
    std::uint32_t version_ = 0;
    bool defined_ = false, is_output_ = false;
};

template <Element T>
Tensor<T> Saved::get(const Node& owner) const {
    return defined_ ? detail::detached(get(owner)).template as<T>(owner.site) : Tensor<T>();
}
template <Element T>
Tensor<T> Saved::get_recorded(Node& owner) const {
    return defined_ ? get_recorded(owner).as<T>(owner.site) : Tensor<T>();
}

// The node that made x; null if x has no gradient.
inline Node* node_of(const AnyTensor& x) { return x.defined() ? static_cast<Node*>(x.impl().autograd.get()) : nullptr; }
inline bool requires_grad(const AnyTensor& x) { return node_of(x) != nullptr; }

// Whether an operation on these inputs is to be recorded.
template <class... X>
bool recording(const X&... inputs) {
    return grad_enabled() && (requires_grad(inputs) || ...);
}

// Before x is written in place by a recorded operation, or by one that is not: throws where the graph would be wrong
// afterwards.
void check_in_place(const AnyTensor& x, bool recorded, const char* operation, Where site);

}  // namespace fathom::inline v0::autograd

#ifndef FATHOM_COMPILED
#include "fathom/autograd/node.inl.hpp"
#endif
