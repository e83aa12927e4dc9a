// How a fused operation is differentiated twice: its form from plain operations is run again on the saved inputs, and
// that is differentiated.
#pragma once

#include "fathom/autograd/backward.hpp"

namespace fathom::inline v0::autograd {

// For a fused node's backward_recorded: `output` is the composite form of the node's output for the saved inputs (with
// their history); adds its recorded gradients for those inputs of the node that want one. inputs[i] may be undefined.
void backward_by_composite(Gradients& g, const AnyTensor& output, const std::vector<AnyTensor>& inputs, Where site);

}  // namespace fathom::inline v0::autograd

#ifndef FATHOM_COMPILED
#include "fathom/autograd/composite.inl.hpp"
#endif
