// The history of a tensor as a graph in the DOT language, which graphviz draws: dot -Tsvg loss.dot > loss.svg
#pragma once

#include "fathom/autograd/backward.hpp"
#include "fathom/tensor/state_dict.hpp"

namespace fathom::inline v0::debug {

// Every operation that backward() would pass, with its name, shape, line and module, from the leaves that require a
// gradient down to x. Leaves bear the names that `names` has for them:
//   debug::to_dot(loss, net.named_parameters())
std::string to_dot(const AnyTensor& x, const std::vector<StateDict::Entry>& names = {}, Where site = Where::here());

}  // namespace fathom::inline v0::debug

#ifndef FATHOM_COMPILED
#include "fathom/debug/graph.inl.hpp"
#endif
