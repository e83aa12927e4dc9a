// One step of an optimizer on one parameter array, in place, in one pass. The order of operations is PyTorch's
// (torch.optim SGD, Adam, AdamW).
#pragma once

#include <cmath>

#include "fathom/abi/operations.hpp"
#include "fathom/kernels/strided.hpp"

namespace fathom::inline v0::kernels {

struct OptimizerStep {
    double lr = 0, weight_decay = 0;
    double momentum = 0;  // sgd; dampening is 0
    bool nesterov = false;
    double beta1 = 0, beta2 = 0, eps = 0;  // adam, adamw
    std::int64_t step = 1;                 // from 1
};

// The numbers of a step as every element needs them, for the kernels of any device.
template <class T>
struct SgdNumbers {
    T lr, weight_decay, momentum;
    bool nesterov;
};

template <class T>
SgdNumbers<T> sgd_numbers(const OptimizerStep& step) {
    return {static_cast<T>(step.lr), static_cast<T>(step.weight_decay), static_cast<T>(step.momentum), step.nesterov};
}

template <class T>
struct AdamNumbers {
    T weight_decay, decay;  // added to the gradient; the parameter's factor
    T beta1, one_minus_beta1, beta2, one_minus_beta2, step_size, root_of_correction2, eps;
};

template <class T>
AdamNumbers<T> adam_numbers(UpdateRule op, const OptimizerStep& step) {
    const auto steps = static_cast<double>(step.step);
    const double correction1 = 1 - std::pow(step.beta1, steps), correction2 = 1 - std::pow(step.beta2, steps);
    const bool decoupled = op == UpdateRule::adamw;
    return {static_cast<T>(decoupled ? 0 : step.weight_decay),
            static_cast<T>(decoupled ? 1 - step.lr * step.weight_decay : 1),
            static_cast<T>(step.beta1),
            static_cast<T>(1 - step.beta1),
            static_cast<T>(step.beta2),
            static_cast<T>(1 - step.beta2),
            static_cast<T>(step.lr / correction1),
            static_cast<T>(std::sqrt(correction2)),
            static_cast<T>(step.eps)};
}

// Stochastic gradient descent on p; the second and third line with momentum only, the third's right side for nesterov:
//   d = gradient + weight_decay p
//   b = momentum b + d
//   d = b, or d + momentum b
//   p -= lr d
// The first b is 0. Operands of the loop: parameter, gradient, and b where momentum is not 0.
template <class T>
void sgd(const Loop& loop, T* parameter, const T* gradient, T* buffer, const OptimizerStep& step);

// Adam and AdamW on p; Adam begins with the first line, AdamW with the second:
//   g = gradient + weight_decay p
//   g = gradient, p *= 1 - lr weight_decay
//   m += (1 - beta1) (g - m), for beta1 up to 1/2 written as g - beta1 (g - m), which is g where beta1 is 0
//   v = beta2 v + (1 - beta2) g^2
//   p -= lr / (1 - beta1^step) m / (sqrt(v) / sqrt(1 - beta2^step) + eps)
// Operands of the loop: parameter, gradient, m, v.
template <class T, UpdateRule op>
void adam(const Loop& loop, T* parameter, const T* gradient, T* m, T* v, const OptimizerStep& step);

}  // namespace fathom::inline v0::kernels

#ifndef FATHOM_COMPILED
#include "fathom/kernels/optimize.inl.hpp"
#endif
