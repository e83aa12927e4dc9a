// Numbers of two bytes (core/float16.hpp) as float and back, in vectors, and kernels of float on arrays of them: what
// they read is widened, what they write is rounded once. The bits are Float16's own on every ISA.
#pragma once

#include "fathom/core/dtype.hpp"
#include "fathom/kernels/strided.hpp"

namespace fathom::inline v0::kernels {

// n numbers one after another; `stored` is bfloat16 or half.
void widen(DType stored, const void* in, float* out, std::int64_t n);
void narrow(DType stored, const float* in, void* out, std::int64_t n);

// An operand of for_blocks, of `dtype`: of two bytes, or one that the kernel takes as it is.
struct WidenedOperand {
    void* data;
    DType dtype;
    bool read, write;
};

// for_blocks for a kernel of float.
void for_widened_blocks(const Loop& loop, const WidenedOperand* operands, BlockKernel kernel, const void* context,
                        std::int64_t grain);

}  // namespace fathom::inline v0::kernels

#ifndef FATHOM_COMPILED
#include "fathom/kernels/float16.inl.hpp"
#endif
