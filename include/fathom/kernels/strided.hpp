// How element-by-element kernels walk arrays of any strides: make_loop() drops, orders and merges dimensions;
// for_blocks() cuts the loop into blocks and hands each to a kernel as contiguous memory (or one repeated element),
// gathering and scattering through small buffers where the strides ask for it. So a kernel is written once, for
// contiguous vectors, and its result never depends on layout or threads.
#pragma once

#include <cstdint>
#include <type_traits>

#include "fathom/core/config.hpp"
#include "fathom/core/shape.hpp"

namespace fathom::inline v0::kernels {

inline constexpr int max_operands = 5;

// A loop nest over up to five operands. Dimension 0 is the innermost; rank >= 1; strides in elements, 0 repeats.
struct Loop {
    int operands = 0;
    int rank = 0;
    std::int64_t size[max_rank];
    std::int64_t stride[max_operands][max_rank];

    std::int64_t numel() const {
        std::int64_t n = 1;
        for (int d = 0; d < rank; ++d) n *= size[d];
        return n;
    }
};

// The order of the loop's dimensions, innermost first.
enum class LoopOrder {
    by_stride,  // as operand 0's strides ascend: the fastest walk through memory
    logical     // as given, last dimension innermost: for kernels that care about the elements' order
};

// strides[k]: the strides of operand k, one for each of the `rank` dimensions of `shape` (outermost first, as in a
// tensor).
Loop make_loop(int operands, int rank, const std::int64_t* shape, const std::int64_t* const* strides,
               LoopOrder order = LoopOrder::by_stride);

// Where a walk through a Loop stands: the coordinates of one element, and its offset in each operand.
struct LoopPosition {
    std::int64_t index[max_rank] = {};
    std::int64_t offset[max_operands] = {};

    LoopPosition(const Loop& loop, std::int64_t linear);
    // Elements left in the innermost dimension from here.
    std::int64_t run(const Loop& loop) const { return loop.size[0] - index[0]; }
    // Moves on by `n` elements, n <= run().
    void advance(const Loop& loop, std::int64_t n);
};

// One operand of for_blocks: its memory, the bytes of an element (1, 2, 4 or 8), and what the kernel does with it.
struct LoopOperand {
    void* data;
    int bytes;
    bool read;
    bool write;
};

// A kernel on one block: element i of operand k is at pointers[k] + i * steps[k] elements. steps[k] is 1, or 0 for one
// repeated element; then 64 bytes from pointers[k] hold copies of it, so that a vector can be loaded from there.
using BlockKernel = void (*)(const void* context, void* const* pointers, const std::int64_t* steps, std::int64_t n);

// Runs `kernel` over the whole loop, in parallel over chunks of `grain` elements. No written operand may repeat
// elements.
void for_blocks(const Loop& loop, const LoopOperand* operands, BlockKernel kernel, const void* context,
                std::int64_t grain);

namespace detail {
// f(the bytes of an element as a constant), for 1, 2, 4 or 8.
template <class F>
void with_bytes(int bytes, F f) {
    if (bytes == 1) f(std::integral_constant<std::size_t, 1>{});
    if (bytes == 2) f(std::integral_constant<std::size_t, 2>{});
    if (bytes == 4) f(std::integral_constant<std::size_t, 4>{});
    if (bytes == 8) f(std::integral_constant<std::size_t, 8>{});
}
}  // namespace detail

// Copies n elements of operand k, each of `bytes` (1, 2, 4 or 8), from `position` on into dst (gather), or back from
// src (scatter).
void gather(const Loop& loop, int k, LoopPosition position, const void* data, void* dst, int bytes, std::int64_t n);
void scatter(const Loop& loop, int k, LoopPosition position, void* data, const void* src, int bytes, std::int64_t n);

}  // namespace fathom::inline v0::kernels

#ifndef FATHOM_COMPILED
#include "fathom/kernels/strided.inl.hpp"
#endif
