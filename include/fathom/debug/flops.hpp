// How many floating-point operations an operation takes, from its name and shapes.
#pragma once

#include "fathom/autograd/function.hpp"

namespace fathom::inline v0::debug {

// Of a forward operation. Products and convolutions count 2 for a multiplication with its addition, whatever algorithm
// computes them; what only moves elements counts 0, anything else 1 for each element of its largest tensor. A backward
// takes about as many for each gradient that it gives.
std::int64_t flops_of(const fathom::detail::Observation& seen);
// Bytes of the tensors that an operation reads and writes.
std::int64_t bytes_of(const fathom::detail::Observation& seen);

}  // namespace fathom::inline v0::debug

#ifndef FATHOM_COMPILED
#include "fathom/debug/flops.inl.hpp"
#endif
