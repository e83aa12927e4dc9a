// Gradient clipping by the norm of all gradients together, between backward() and an optimizer's step().
#pragma once

#include <vector>

#include "fathom/autograd/backward.hpp"

namespace fathom::inline v0::optim {

// Scales the gradients of the parameters by max_norm / (norm + 1e-6) where that is below 1; gives the norm (L2, summed
// in double) before. A norm that is not finite throws, or, with error_if_nonfinite = false, leaves the gradients as
// they are. On the CPU only.
double clip_grad_norm_(const std::vector<AnyTensor>& parameters, double max_norm, bool error_if_nonfinite = true,
                       Where site = Where::here());

}  // namespace fathom::inline v0::optim

#ifndef FATHOM_COMPILED
#include "fathom/optim/clip.inl.hpp"
#endif
