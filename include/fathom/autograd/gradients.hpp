// What a node's backward is given: the gradient of its output, and for each input a place to write to.
#pragma once

#include "fathom/autograd/node.hpp"
#include "fathom/tensor/tensor.hpp"

namespace fathom::inline v0::autograd {

using detail::Target;

// A gradient that is being collected for one node.
struct Pending {
    AnyTensor value;
    bool owned = false;             // nobody else holds it: it may be added to in place
    const Node* lent_to = nullptr;  // whose backward has it as a target
};

class Gradients {
public:
    Gradients(const Node& node, AnyTensor output, bool recorded, Pending** inputs)
        : node_(node), output_(std::move(output)), recorded_(recorded), inputs_(inputs) {}

    // Gradient of the node's output; any strides.
    const AnyTensor& output() const { return output_; }
    template <Element T>
    Tensor<T> output() const {
        return output_.as<T>(node_.site);
    }
    // Whether nobody else holds the output's gradient, so that backward may overwrite it.
    bool output_is_exclusive() const {
        return output_.impl().use_count() == 1 && output_.impl().storage->use_count() == 1;
    }
    // Whether input i is there and wants a gradient.
    bool needs(int i) const { return static_cast<std::size_t>(i) < node_.inputs.size() && inputs_[i] != nullptr; }
    // A dense buffer of input i's shape. The caller must write all of it (or add to all of it). Throws unless i needs
    // it. One kernel may write several targets at once: where two inputs are the same tensor, each has its own buffer,
    // and finish() adds them up.
    Target target(int i);
    // For who writes target after target: that of a tensor given before holds what was written, and is added to.
    Target target_in_turn(int i);
    // The same where input i needs it, else nothing.
    Target target_if_needed(int i) { return needs(i) ? target(i) : Target{}; }
    // Hands over a tensor of input i's shape, dtype and device; it may be shared. Throws if it is another's, or i needs
    // none.
    void add(int i, const AnyTensor& gradient);
    // Whether backward is itself being recorded (create_graph): nothing is in place then.
    bool recorded() const { return recorded_; }
    // The engine's, once backward has written its targets.
    void finish();

private:
    Pending& pending(int i) const;

    // What is added to a target that may not have been written yet.
    struct Addend {
        int input;
        AnyTensor gradient;
    };

    const Node& node_;
    AnyTensor output_;
    bool recorded_;
    Pending** inputs_;
    detail::List<Addend> later_;
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
#include "fathom/autograd/function.hpp"  // which goes on to the definitions: they use it
#endif
