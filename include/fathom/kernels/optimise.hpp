// One step of an optimiser on one parameter array, in place, in one pass. The order of operations is PyTorch's
// (torch.optim SGD, Adam, AdamW).
#pragma once

#include "fathom/kernels/operations.hpp"
#include "fathom/kernels/strided.hpp"

namespace fathom::inline v0::kernels {

struct OptimiserStep {
    double lr = 0, weight_decay = 0;
    double momentum = 0;  // sgd; dampening is 0
    bool nesterov = false;
    double beta1 = 0, beta2 = 0, eps = 0;  // adam, adamw
    std::int64_t step = 1;                 // from 1
};

// sgd: d = gradient + weight_decay p; with momentum b = momentum b + d, and d = b or (nesterov) d + momentum b; p -= lr
// d. A first `b` is 0. Operands of the loop: parameter, gradient, and b where momentum is not 0.
template <class T>
void sgd(const Loop& loop, T* parameter, const T* gradient, T* buffer, const OptimiserStep& step);

// adam: g = gradient + weight_decay p; adamw: p *= 1 - lr weight_decay. m += (1 - beta1)(g - m); v = beta2 v + (1 -
// beta2) g^2; p -= lr / (1 - beta1^step) m / (sqrt(v) / sqrt(1 - beta2^step) + eps). Operands of the loop: parameter,
// gradient, m, v.
template <class T, Optimiser op>
void adam(const Loop& loop, T* parameter, const T* gradient, T* m, T* v, const OptimiserStep& step);

}  // namespace fathom::inline v0::kernels

#ifndef FATHOM_COMPILED
#include "fathom/kernels/optimise.inl.hpp"
#endif
