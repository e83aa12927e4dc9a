// Definitions of composite.hpp.
#include "fathom/core/pointer_set.hpp"

namespace fathom::inline v0::autograd {

FATHOM_INLINE void backward_by_composite(Gradients& g, const AnyTensor& output, const std::vector<AnyTensor>& inputs,
                                         Where site) {
    detail::List<Node*> wanted;
    detail::List<int> places;
    detail::PointerSet known;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        if (!g.needs(static_cast<int>(i))) continue;
        Node* node = node_of(inputs[i]);
        // Of a tensor that is given twice, the gradient has both parts.
        if (!known.insert(node)) continue;
        wanted.push_back(node), places.push_back(static_cast<int>(i));
    }
    const std::vector<AnyTensor> gradients = grad_at(output, g.output(), wanted, true, site);
    for (std::size_t k = 0; k < wanted.size(); ++k)
        if (gradients[k].defined()) g.add(places[k], gradients[k]);
}

}  // namespace fathom::inline v0::autograd
