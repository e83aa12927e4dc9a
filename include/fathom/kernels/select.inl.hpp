// Definitions of select.hpp. Plain loops, the same for every ISA.
#pragma once

#include "fathom/kernels/copy.inl.hpp"
#include "fathom/kernels/select.hpp"
#include "fathom/kernels/tuning.hpp"

namespace fathom::inline v0::kernels {
namespace detail {

template <class T, bool accumulate>
void where_block(const void*,
                 void* const* pointers,      // [operands][n]
                 const std::int64_t* steps,  // [operands]
                 std::int64_t n) {
    T* out = static_cast<T*>(pointers[0]);
    const bool* condition = static_cast<const bool*>(pointers[1]);
    const T *a = static_cast<const T*>(pointers[2]), *b = static_cast<const T*>(pointers[3]);
    for (std::int64_t i = 0; i < n; ++i) {
        const T x = a[i * steps[2]], y = b[i * steps[3]], value = condition[i * steps[1]] ? x : y;
        out[i] = accumulate ? sum_of(out[i], value) : value;
    }
}

FATHOM_INLINE void logical_not_block(const void*,
                                     void* const* pointers,      // [operands][n]
                                     const std::int64_t* steps,  // [operands]
                                     std::int64_t n) {
    bool* out = static_cast<bool*>(pointers[0]);
    const bool* in = static_cast<const bool*>(pointers[1]);
    for (std::int64_t i = 0; i < n; ++i) out[i] = !in[i * steps[1]];
}

}  // namespace detail

template <class T>
void where(const Loop& loop,
           T* out,                 // operand 0
           const bool* condition,  // operand 1
           const T* a,             // operand 2
           const T* b,             // operand 3
           bool accumulate) {
    const LoopOperand operands[] = {{out, sizeof(T), accumulate, true},
                                    {const_cast<bool*>(condition), 1, true, false},
                                    {const_cast<T*>(a), sizeof(T), true, false},
                                    {const_cast<T*>(b), sizeof(T), true, false}};
    for_blocks(loop, operands, accumulate ? detail::where_block<T, true> : detail::where_block<T, false>, nullptr,
               tuning::copy_grain);
}

FATHOM_INLINE void logical_not(const Loop& loop,
                               bool* out,         // operand 0
                               const bool* in) {  // operand 1
    const LoopOperand operands[] = {{out, 1, false, true}, {const_cast<bool*>(in), 1, true, false}};
    for_blocks(loop, operands, detail::logical_not_block, nullptr, tuning::copy_grain);
}

}  // namespace fathom::inline v0::kernels
