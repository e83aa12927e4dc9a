// Definitions of optimize.hpp.
#pragma once

#include "fathom/kernels/optimize.hpp"
#include "fathom/kernels/simd.hpp"
#include "fathom/kernels/tuning.hpp"

namespace fathom::inline v0::kernels {

// Where the buffers that a rule may have stand among the operands; 0 for none.
template <class Numbers>
struct OptimizeContext {
    Numbers numbers;
    int buffer = 0, extra = 0;
};

}  // namespace fathom::inline v0::kernels

#define FATHOM_KERNEL "fathom/kernels/optimize.kernel.hpp"
#include "fathom/kernels/foreach_isa.hpp"

namespace fathom::inline v0::kernels {

template <class T>
LoopOperand updated(T* data) {
    return {data, sizeof(T), true, true};
}
template <class T>
LoopOperand gradient_operand(const T* data) {
    return {const_cast<T*>(data), sizeof(T), true, false};
}

template <class T>
void sgd(const Loop& loop,
         T* parameter,       // operand 0
         const T* gradient,  // operand 1
         T* buffer,          // operand 2 or null
         const OptimizerStep& step) {
    const LoopOperand operands[] = {updated(parameter), gradient_operand(gradient), updated(buffer)};
    const SgdNumbers<T> numbers = sgd_numbers<T>(step);
    for_blocks(loop, operands, FATHOM_DISPATCH(optimize_kernel::sgd_block<T>()), &numbers, tuning::optimize_grain);
}

template <class T, UpdateRule op>
void adam(const Loop& loop,
          T* parameter,       // operand 0
          const T* gradient,  // operand 1
          T* m,               // operand 2
          T* v,               // operand 3
          T* largest,         // operand 4 or null
          const OptimizerStep& step) {
    static_assert(op == UpdateRule::adam || op == UpdateRule::adamw);
    const LoopOperand operands[] = {updated(parameter), gradient_operand(gradient), updated(m), updated(v),
                                    updated(largest)};
    const OptimizeContext<AdamNumbers<T>> context{adam_numbers<T>(op, step), 0, largest ? 4 : 0};
    for_blocks(loop, operands, FATHOM_DISPATCH(optimize_kernel::adam_block<T>()), &context, tuning::optimize_grain);
}

template <class T>
void rmsprop(const Loop& loop,
             T* parameter,       // operand 0
             const T* gradient,  // operand 1
             T* squares,         // operand 2
             T* buffer,          // the next one where momentum is not 0
             T* mean,            // the last or null
             const OptimizerStep& step) {
    const bool with_buffer = step.momentum != 0;
    LoopOperand operands[5] = {updated(parameter), gradient_operand(gradient), updated(squares), updated(buffer),
                               updated(mean)};
    if (!with_buffer) operands[3] = operands[4];
    const OptimizeContext<RmspropNumbers<T>> context{rmsprop_numbers<T>(step), with_buffer ? 3 : 0,
                                                     !mean         ? 0
                                                     : with_buffer ? 4
                                                                   : 3};
    for_blocks(loop, operands, FATHOM_DISPATCH(optimize_kernel::rmsprop_block<T>()), &context, tuning::optimize_grain);
}

template <class T>
void adagrad(const Loop& loop,
             T* parameter,       // operand 0
             const T* gradient,  // operand 1
             T* sum,             // operand 2
             const OptimizerStep& step) {
    const LoopOperand operands[] = {updated(parameter), gradient_operand(gradient), updated(sum)};
    const AdagradNumbers<T> numbers = adagrad_numbers<T>(step);
    for_blocks(loop, operands, FATHOM_DISPATCH(optimize_kernel::adagrad_block<T>()), &numbers, tuning::optimize_grain);
}

}  // namespace fathom::inline v0::kernels
