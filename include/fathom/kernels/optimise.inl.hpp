// Definitions of optimise.hpp.
#pragma once

#include <cmath>

#include "fathom/kernels/optimise.hpp"
#include "fathom/kernels/simd.hpp"

namespace fathom::inline v0::kernels::detail {

template <class T>
struct SgdContext {
    T lr, weight_decay, momentum;
    bool nesterov;
};

template <class T>
struct AdamContext {
    T weight_decay, decay;  // added to the gradient; the parameter's factor
    T one_minus_beta1, beta2, one_minus_beta2, step_size, root_of_correction2, eps;
};

}  // namespace fathom::inline v0::kernels::detail

#define FATHOM_KERNEL "fathom/kernels/optimise.kernel.hpp"
#include "fathom/kernels/foreach_isa.hpp"

namespace fathom::inline v0::kernels {

template <class T>
void sgd(const Loop& loop, T* parameter, const T* gradient, T* buffer, const OptimiserStep& step) {
    const Operand operands[] = {{parameter, sizeof(T), true, true},
                                {const_cast<T*>(gradient), sizeof(T), true, false},
                                {buffer, sizeof(T), true, true}};
    const detail::SgdContext<T> context{static_cast<T>(step.lr), static_cast<T>(step.weight_decay),
                                        static_cast<T>(step.momentum), step.nesterov};
    for_blocks(loop, operands, FATHOM_DISPATCH(optimise_kernel::sgd_block<T>()), &context, 16384);
}

template <class T, Optimiser op>
void adam(const Loop& loop, T* parameter, const T* gradient, T* m, T* v, const OptimiserStep& step) {
    static_assert(op == Optimiser::adam || op == Optimiser::adamw);
    const Operand operands[] = {{parameter, sizeof(T), true, true},
                                {const_cast<T*>(gradient), sizeof(T), true, false},
                                {m, sizeof(T), true, true},
                                {v, sizeof(T), true, true}};
    const auto steps = static_cast<double>(step.step);
    const double correction1 = 1 - std::pow(step.beta1, steps), correction2 = 1 - std::pow(step.beta2, steps);
    const bool decoupled = op == Optimiser::adamw;
    const detail::AdamContext<T> context{static_cast<T>(decoupled ? 0 : step.weight_decay),
                                         static_cast<T>(decoupled ? 1 - step.lr * step.weight_decay : 1),
                                         static_cast<T>(1 - step.beta1),
                                         static_cast<T>(step.beta2),
                                         static_cast<T>(1 - step.beta2),
                                         static_cast<T>(step.lr / correction1),
                                         static_cast<T>(std::sqrt(correction2)),
                                         static_cast<T>(step.eps)};
    for_blocks(loop, operands, FATHOM_DISPATCH(optimise_kernel::adam_block<T>()), &context, 16384);
}

}  // namespace fathom::inline v0::kernels
