// What a node's backward is given: the gradient of its output, and for each input a place to write to.
#pragma once

#include "fathom/autograd/node.hpp"

namespace fathom::inline v0::autograd {

// Where the gradient of one input goes. The kernel overwrites the view, or adds to it.
struct Target {
    AnyTensor view;
    bool add = false;
    std::uint32_t flags() const { return add ? abi::accumulate : 0u; }
};

// A gradient that is being collected for one node.
struct Pending {
    AnyTensor value;
    bool owned = false;  // nobody else holds it: it may be added to in place
};

class Gradients {
public:
    Gradients(const Node& node, AnyTensor output, bool recorded, Pending** inputs)
        : node_(node), output_(std::move(output)), recorded_(recorded), inputs_(inputs) {}

    // Gradient of the node's output; any strides.
    const AnyTensor& output() const { return output_; }
    // Whether nobody else holds the output's gradient, so that backward may overwrite it.
    bool output_is_exclusive() const {
        return output_.impl().use_count() == 1 && output_.impl().storage->use_count() == 1;
    }
    // Whether input i wants a gradient.
    bool needs(int i) const { return inputs_[i] != nullptr; }
    // A dense buffer of input i's shape. The caller must write all of it (or add to all of it).
    Target target(int i);
    // Hands over a tensor of input i's shape; it may be shared.
    void add(int i, const AnyTensor& gradient);
    // Whether backward is itself being recorded (create_graph): nothing is in place then.
    bool recorded() const { return recorded_; }

private:
    const Node& node_;
    AnyTensor output_;
    bool recorded_;
    Pending** inputs_;
};

namespace engine {
void fill(const AnyTensor& x, double value, const Node& node);
void add_into(const AnyTensor& to, const AnyTensor& from, const Node& node);
AnyTensor clone(const AnyTensor& x, const Node& node);
AnyTensor add_recorded(const AnyTensor& a, const AnyTensor& b, const Node& node);
void collect(Pending& pending, const AnyTensor& gradient, const Node& node, bool recorded);
}  // namespace engine

}  // namespace fathom::inline v0::autograd

#ifndef FATHOM_COMPILED
#include "fathom/autograd/gradients.inl.hpp"
#endif
