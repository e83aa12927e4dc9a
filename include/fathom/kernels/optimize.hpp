// One step of an optimizer on one parameter array, in place, in one pass. The order of operations is PyTorch's
// (torch.optim SGD, Adam, AdamW, RMSprop, Adagrad).
#pragma once

#include <cmath>

#include "fathom/abi/operations.hpp"
#include "fathom/kernels/strided.hpp"

namespace fathom::inline v0::kernels {

struct OptimizerStep {
    double lr = 0, weight_decay = 0;
    bool maximize = false;
    double momentum = 0;                   // sgd, rmsprop
    double dampening = 0;                  // sgd
    bool nesterov = false;                 // sgd
    double beta1 = 0, beta2 = 0, eps = 0;  // adam, adamw; rmsprop: beta2 is alpha; adagrad: eps
    double lr_decay = 0;                   // adagrad
    std::int64_t step = 1;                 // from 1
};

// The numbers of a step as every element needs them, for the kernels of any device. sign: of the gradient.
template <class T>
struct SgdNumbers {
    T lr, weight_decay, momentum, one_minus_dampening, sign;
    bool nesterov;
};

template <class T>
SgdNumbers<T> sgd_numbers(const OptimizerStep& step) {
    return {static_cast<T>(step.lr),       static_cast<T>(step.weight_decay),
            static_cast<T>(step.momentum), static_cast<T>(1 - step.dampening),
            step.maximize ? T{-1} : T{1},  step.nesterov};
}

template <class T>
struct AdamNumbers {
    T weight_decay, decay;  // added to the gradient; the parameter's factor
    T beta1, one_minus_beta1, beta2, one_minus_beta2, step_size, root_of_correction2, eps, sign;
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
            static_cast<T>(step.eps),
            step.maximize ? T{-1} : T{1}};
}

template <class T>
struct RmspropNumbers {
    T lr, weight_decay, alpha, one_minus_alpha, momentum, eps, sign;
};

template <class T>
RmspropNumbers<T> rmsprop_numbers(const OptimizerStep& step) {
    return {static_cast<T>(step.lr),        static_cast<T>(step.weight_decay), static_cast<T>(step.beta2),
            static_cast<T>(1 - step.beta2), static_cast<T>(step.momentum),     static_cast<T>(step.eps),
            step.maximize ? T{-1} : T{1}};
}

template <class T>
struct AdagradNumbers {
    T lr, weight_decay, eps, sign;
};

template <class T>
AdagradNumbers<T> adagrad_numbers(const OptimizerStep& step) {
    return {static_cast<T>(step.lr / (1 + static_cast<double>(step.step - 1) * step.lr_decay)),
            static_cast<T>(step.weight_decay), static_cast<T>(step.eps), step.maximize ? T{-1} : T{1}};
}

// In all of them g = gradient, or -gradient to maximize; all but AdamW then take g + weight_decay p.

// Stochastic gradient descent on p; the first line with momentum only, the second's right side for nesterov:
//   b = momentum b + (1 - dampening) g
//   g = b, or g + momentum b
//   p -= lr g
// The first b is 0, and its step without dampening. Operands of the loop: parameter, gradient, and b where momentum is
// not 0.
template <class T>
void sgd(const Loop& loop, T* parameter, const T* gradient, T* buffer, const OptimizerStep& step);

// Adam and AdamW on p; AdamW begins with the first line, the fourth is amsgrad's, who has `largest`:
//   p *= 1 - lr weight_decay
//   m += (1 - beta1) (g - m), for beta1 up to 1/2 written as g - beta1 (g - m), which is g where beta1 is 0
//   v = beta2 v + (1 - beta2) g^2
//   largest = max(largest, v), and stands for v below
//   p -= lr / (1 - beta1^step) m / (sqrt(v) / sqrt(1 - beta2^step) + eps)
// Operands of the loop: parameter, gradient, m, v, and `largest` if that is not null.
template <class T, UpdateRule op>
void adam(const Loop& loop, T* parameter, const T* gradient, T* m, T* v, T* largest, const OptimizerStep& step);

// RMSprop (Tieleman and Hinton, lecture 6.5 of "Neural networks for machine learning", 2012; centered: Graves, 2013):
//   s = alpha s + (1 - alpha) g^2
//   m += (1 - alpha) (g - m), with `mean` only
//   d = g / (sqrt(s - m^2) + eps)
//   b = momentum b + d, where momentum is not 0, and stands for d below
//   p -= lr d
// Operands of the loop: parameter, gradient, s, b where momentum is not 0, m if that is not null.
template <class T>
void rmsprop(const Loop& loop, T* parameter, const T* gradient, T* squares, T* buffer, T* mean,
             const OptimizerStep& step);

// Adagrad (Duchi, Hazan and Singer, "Adaptive subgradient methods", JMLR 2011):
//   s += g^2
//   p -= lr / (1 + (step - 1) lr_decay) g / (sqrt(s) + eps)
// Operands of the loop: parameter, gradient, s.
template <class T>
void adagrad(const Loop& loop, T* parameter, const T* gradient, T* sum, const OptimizerStep& step);

}  // namespace fathom::inline v0::kernels

#ifndef FATHOM_COMPILED
#include "fathom/kernels/optimize.inl.hpp"
#endif
