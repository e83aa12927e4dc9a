// Gradient clipping, by the norm of all gradients together or by value, between backward() and an optimizer's step().
#pragma once

#include <concepts>
#include <vector>

#include "fathom/autograd/backward.hpp"

namespace fathom::inline v0::optim {

// Scales the gradients of the parameters by max_norm / (norm + 1e-6) where that is below 1; gives the norm (L2, summed
// in double) before. A norm that is not finite throws, or, with error_if_nonfinite = false, leaves the gradients as
// they are. On the CPU only.
double clip_grad_norm_(const std::vector<AnyTensor>& parameters, double max_norm, bool error_if_nonfinite = true,
                       Where site = Where::here());

// By the kernels that clip_grad_value_ brings, so that only programs that call it have them.
void clamp_gradients(const std::vector<AnyTensor>& parameters, double clip_value,
                     const detail::ElementwiseKernel& clamp_float, const detail::ElementwiseKernel& clamp_double,
                     Where site);

// Brings every element of the gradients into [-clip_value, clip_value]; NaN stays.
template <std::same_as<AnyTensor> P = AnyTensor>
void clip_grad_value_(const std::vector<P>& parameters, double clip_value, Where site = Where::here()) {
    clamp_gradients(parameters, clip_value, cpu::kernel<float, Elementwise::clamp>,
                    cpu::kernel<double, Elementwise::clamp>, site);
}

}  // namespace fathom::inline v0::optim

#ifndef FATHOM_COMPILED
#include "fathom/optim/clip.inl.hpp"
#endif
