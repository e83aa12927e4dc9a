// Definitions of float16.hpp.
#pragma once

#include <algorithm>

#include "fathom/kernels/float16.hpp"
#include "fathom/kernels/simd.hpp"

#define FATHOM_KERNEL "fathom/kernels/float16.kernel.hpp"
#include "fathom/kernels/foreach_isa.hpp"

namespace fathom::inline v0::kernels {

FATHOM_INLINE void widen(DType stored,
                         const void* in,  // [n]
                         float* out,      // [n]
                         std::int64_t n) {
    const auto* const bits = static_cast<const std::uint16_t*>(in);
    if (stored == DType::bfloat16)
        FATHOM_DISPATCH(float16_kernel::widen<7>(bits, out, n));
    else
        FATHOM_DISPATCH(float16_kernel::widen<10>(bits, out, n));
}

FATHOM_INLINE void narrow(DType stored,
                          const float* in,  // [n]
                          void* out,        // [n]
                          std::int64_t n) {
    auto* const bits = static_cast<std::uint16_t*>(out);
    if (stored == DType::bfloat16)
        FATHOM_DISPATCH(float16_kernel::narrow<7>(in, bits, n));
    else
        FATHOM_DISPATCH(float16_kernel::narrow<10>(in, bits, n));
}

namespace detail {

constexpr bool is_stored(DType dtype) { return dtype == DType::bfloat16 || dtype == DType::float16; }

struct WidenedContext {
    BlockKernel kernel;
    const void* context;
    int operands;
    const WidenedOperand* operand;  // [operands]
};

// Some elements at a time, which stay in the L1 cache.
FATHOM_INLINE void widened_block(const void* context_pointer,
                                 void* const* pointers,      // [operands][n]
                                 const std::int64_t* steps,  // [operands]
                                 std::int64_t n) {
    const auto& context = *static_cast<const WidenedContext*>(context_pointer);
    constexpr std::int64_t block = 256, repeated = 16;  // a repeated element fills 64 bytes
    alignas(64) float buffers[max_operands][block];
    for (std::int64_t begin = 0; begin < n; begin += block) {
        const std::int64_t count = std::min(block, n - begin);
        void* at[max_operands];
        for (int k = 0; k < context.operands; ++k) {
            const WidenedOperand& operand = context.operand[k];
            const auto offset = begin * steps[k] * static_cast<std::int64_t>(size_of(operand.dtype));
            at[k] = static_cast<char*>(pointers[k]) + offset;
            if (!is_stored(operand.dtype)) continue;
            if (operand.read) widen(operand.dtype, at[k], buffers[k], steps[k] == 0 ? repeated : count);
            at[k] = buffers[k];
        }
        context.kernel(context.context, at, steps, count);
        for (int k = 0; k < context.operands; ++k) {
            const WidenedOperand& operand = context.operand[k];
            if (operand.write && is_stored(operand.dtype))
                narrow(operand.dtype, buffers[k], static_cast<std::uint16_t*>(pointers[k]) + begin, count);
        }
    }
}

}  // namespace detail

FATHOM_INLINE void for_widened_blocks(const Loop& loop,
                                      const WidenedOperand* operands,  // [operands]
                                      BlockKernel kernel, const void* context, std::int64_t grain) {
    LoopOperand stored[max_operands];
    for (int k = 0; k < loop.operands; ++k) {
        const WidenedOperand& o = operands[k];
        stored[k] = {o.data, static_cast<int>(size_of(o.dtype)), o.read, o.write};
    }
    const detail::WidenedContext widened{kernel, context, loop.operands, operands};
    for_blocks(loop, stored, detail::widened_block, &widened, grain);
}

}  // namespace fathom::inline v0::kernels
