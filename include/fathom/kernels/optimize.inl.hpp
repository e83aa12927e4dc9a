// Definitions of optimize.hpp.
#pragma once

#include "fathom/kernels/optimize.hpp"
#include "fathom/kernels/simd.hpp"
#include "fathom/kernels/tuning.hpp"

#define FATHOM_KERNEL "fathom/kernels/optimize.kernel.hpp"
#include "fathom/kernels/foreach_isa.hpp"

namespace fathom::inline v0::kernels {

template <class T>
void sgd(const Loop& loop,
         T* parameter,       // operand 0
         const T* gradient,  // operand 1
         T* buffer,          // operand 2 or null
         const OptimizerStep& step) {
    const LoopOperand operands[] = {{parameter, sizeof(T), true, true},
                                    {const_cast<T*>(gradient), sizeof(T), true, false},
                                    {buffer, sizeof(T), true, true}};
    const SgdNumbers<T> numbers = sgd_numbers<T>(step);
    for_blocks(loop, operands, FATHOM_DISPATCH(optimize_kernel::sgd_block<T>()), &numbers, tuning::optimize_grain);
}

template <class T, UpdateRule op>
void adam(const Loop& loop,
          T* parameter,       // operand 0
          const T* gradient,  // operand 1
          T* m,               // operand 2
          T* v,               // operand 3
          const OptimizerStep& step) {
    static_assert(op == UpdateRule::adam || op == UpdateRule::adamw);
    const LoopOperand operands[] = {{parameter, sizeof(T), true, true},
                                    {const_cast<T*>(gradient), sizeof(T), true, false},
                                    {m, sizeof(T), true, true},
                                    {v, sizeof(T), true, true}};
    const AdamNumbers<T> numbers = adam_numbers<T>(op, step);
    for_blocks(loop, operands, FATHOM_DISPATCH(optimize_kernel::adam_block<T>()), &numbers, tuning::optimize_grain);
}

}  // namespace fathom::inline v0::kernels
