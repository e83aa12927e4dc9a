// Definitions of strided.hpp. Nothing here depends on the ISA: it moves elements, it computes none.
#pragma once

#include <algorithm>
#include <cstring>

#include "fathom/core/parallel_for.hpp"
#include "fathom/kernels/strided.hpp"
#include "fathom/kernels/tuning.hpp"

namespace fathom::inline v0::kernels {

FATHOM_INLINE Loop make_loop(int operands, int rank,
                             const std::int64_t* shape,           // [rank]
                             const std::int64_t* const* strides,  // [operands][rank]
                             LoopOrder order) {
    // Innermost first, dimensions of size 1 left out; an insertion sort by operand 0's strides, then operand 1's, ...
    // keeps the logical order of equals.
    int dims[max_rank], n = 0;
    const auto inner = [&](int a, int b) {  // does a belong further in than b?
        for (int k = 0; k < operands; ++k)
            if (strides[k][a] != strides[k][b]) return strides[k][a] < strides[k][b];
        return false;
    };
    for (int d = rank - 1; d >= 0; --d) {
        if (shape[d] == 1) continue;
        int at = n++;
        if (order == LoopOrder::by_stride)
            for (; at > 0 && inner(d, dims[at - 1]); --at) dims[at] = dims[at - 1];
        dims[at] = d;
    }
    Loop loop;
    loop.operands = operands;
    for (int i = 0; i < n; ++i) {
        const int d = dims[i], top = loop.rank - 1;
        bool merge = top >= 0;
        for (int k = 0; merge && k < operands; ++k) merge = strides[k][d] == loop.stride[k][top] * loop.size[top];
        if (merge) {
            loop.size[top] *= shape[d];
            continue;
        }
        loop.size[loop.rank] = shape[d];
        for (int k = 0; k < operands; ++k) loop.stride[k][loop.rank] = strides[k][d];
        ++loop.rank;
    }
    if (loop.rank == 0) {
        loop.rank = 1;
        loop.size[0] = 1;
        for (int k = 0; k < operands; ++k) loop.stride[k][0] = 1;
    }
    return loop;
}

FATHOM_INLINE LoopPosition::LoopPosition(const Loop& loop, std::int64_t linear) {
    for (int k = 0; k < loop.operands; ++k) offset[k] = 0;
    for (int d = 0; d < loop.rank; ++d) {
        if (linear == 0) {  // also the one position of a loop over nothing, whose sizes do not divide
            index[d] = 0;
            continue;
        }
        const bool outermost = d + 1 == loop.rank;
        index[d] = outermost ? linear : linear % loop.size[d];
        if (!outermost) linear /= loop.size[d];
        for (int k = 0; k < loop.operands; ++k) offset[k] += index[d] * loop.stride[k][d];
    }
}

FATHOM_INLINE void LoopPosition::advance(const Loop& loop, std::int64_t n) {
    index[0] += n;
    for (int k = 0; k < loop.operands; ++k) offset[k] += n * loop.stride[k][0];
    for (int d = 0; index[d] == loop.size[d] && d + 1 < loop.rank; ++d) {
        index[d] = 0;
        ++index[d + 1];
        for (int k = 0; k < loop.operands; ++k) offset[k] += loop.stride[k][d + 1] - loop.size[d] * loop.stride[k][d];
    }
}

namespace detail {

// Between strided elements of operand k from `position` on and packed ones. Elements move as bytes: their type does not
// matter here.
template <std::size_t Bytes, bool Scatter, class Strided, class Packed>
void move_elements(const Loop& loop, int k, LoopPosition position, Strided* strided, Packed* packed, std::int64_t n) {
    constexpr std::int64_t bytes = Bytes;
    const auto move = [](Strided* s, Packed* p, std::size_t count) {
        if constexpr (Scatter)
            std::memcpy(s, p, count);
        else
            std::memcpy(p, s, count);
    };
    const std::int64_t stride = loop.stride[k][0] * bytes;
    while (n > 0) {
        const std::int64_t run = std::min(n, position.run(loop));
        Strided* s = strided + position.offset[k] * bytes;
        if (stride == bytes)
            move(s, packed, static_cast<std::size_t>(run) * Bytes);
        else
            for (std::int64_t i = 0; i < run; ++i) move(s + i * stride, packed + i * bytes, Bytes);
        packed += run * bytes;
        n -= run;
        position.advance(loop, run);
    }
}

}  // namespace detail

FATHOM_INLINE void gather(const Loop& loop, int k, LoopPosition position, const void* data,
                          void* dst,  // [n]
                          int bytes, std::int64_t n) {
    detail::with_bytes(bytes, [&](auto size) {
        detail::move_elements<size, false>(loop, k, position, static_cast<const char*>(data), static_cast<char*>(dst),
                                           n);
    });
}

FATHOM_INLINE void scatter(const Loop& loop, int k, LoopPosition position, void* data,
                           const void* src,  // [n]
                           int bytes, std::int64_t n) {
    detail::with_bytes(bytes, [&](auto size) {
        detail::move_elements<size, true>(loop, k, position, static_cast<char*>(data), static_cast<const char*>(src),
                                          n);
    });
}

namespace detail {

// How one operand reaches the kernel in the present loop.
enum class OperandAccess { linear, constant, rows };

inline OperandAccess access_of(const Loop& loop, int k) {
    bool constant = true, linear = true;
    std::int64_t dense = 1;
    for (int d = 0; d < loop.rank; ++d) {
        constant = constant && loop.stride[k][d] == 0;
        linear = linear && loop.stride[k][d] == dense;
        dense *= loop.size[d];
    }
    return linear ? OperandAccess::linear : constant ? OperandAccess::constant : OperandAccess::rows;
}

struct BlockRunner {
    const Loop& loop;
    const LoopOperand* operands;
    BlockKernel kernel;
    const void* context;
    OperandAccess access[max_operands];
    bool all_direct;  // every operand is linear or constant
    bool row_wise;    // blocks stay inside the innermost dimension
    bool short_rows;  // the same, with every operand constant or read where it lies: channels of a wider image, say

    void run(std::int64_t begin, std::int64_t end) const {
        alignas(64) unsigned char splats[max_operands][64];  // [operands, bytes]
        void* pointers[max_operands];                        // [operands]
        std::int64_t steps[max_operands];                    // [operands]
        const auto element = [&](int k, std::int64_t offset) {
            return static_cast<char*>(operands[k].data) + offset * operands[k].bytes;
        };
        const auto splat = [&](int k, std::int64_t offset) {
            const auto bytes = static_cast<std::size_t>(operands[k].bytes);
            for (std::size_t i = 0; i < 64; i += bytes) std::memcpy(splats[k] + i, element(k, offset), bytes);
            pointers[k] = splats[k];
            steps[k] = 0;
        };
        for (int k = 0; k < loop.operands; ++k)
            if (access[k] == OperandAccess::constant) splat(k, 0);
        const auto direct = [&](int k, std::int64_t offset) {
            pointers[k] = element(k, offset);
            steps[k] = 1;
        };
        if (all_direct) {
            for (int k = 0; k < loop.operands; ++k)
                if (access[k] == OperandAccess::linear) direct(k, begin);
            kernel(context, pointers, steps, end - begin);
            return;
        }
        if (short_rows) return run_short_rows(pointers, steps, begin, end);
        alignas(64) unsigned char buffers[max_operands][tuning::block_elements * 8];
        LoopPosition position(loop, begin);
        while (begin < end) {
            std::int64_t n =
                row_wise ? std::min(end - begin, position.run(loop)) : std::min(end - begin, tuning::block_elements);
            bool buffered[max_operands] = {};
            for (int k = 0; k < loop.operands; ++k) {
                const std::int64_t stride = loop.stride[k][0];
                if (access[k] == OperandAccess::linear)
                    direct(k, begin);
                else if (row_wise && stride == 1)
                    direct(k, position.offset[k]);
                else if (row_wise && stride == 0 && access[k] != OperandAccess::constant)
                    splat(k, position.offset[k]);
                else
                    buffered[k] = access[k] != OperandAccess::constant;
                if (buffered[k]) n = std::min(n, tuning::block_elements);
            }
            for (int k = 0; k < loop.operands; ++k) {
                if (!buffered[k]) continue;
                pointers[k] = buffers[k];
                steps[k] = 1;
                if (operands[k].read) gather(loop, k, position, operands[k].data, buffers[k], operands[k].bytes, n);
            }
            kernel(context, pointers, steps, n);
            for (int k = 0; k < loop.operands; ++k)
                if (buffered[k] && operands[k].write)
                    scatter(loop, k, position, operands[k].data, buffers[k], operands[k].bytes, n);
            begin += n;
            if (row_wise)
                position.advance(loop, n);
            else if (begin < end)
                position = LoopPosition(loop, begin);
        }
    }

    // Row by row along the second dimension, which costs an addition for each operand and the kernel's call.
    void run_short_rows(void** pointers,      // [operands], those of constants given
                        std::int64_t* steps,  // [operands]
                        std::int64_t begin, std::int64_t end) const {
        std::int64_t next[max_operands] = {};  // bytes to the next row
        for (int k = 0; k < loop.operands; ++k)
            if (access[k] != OperandAccess::constant) steps[k] = 1, next[k] = loop.stride[k][1] * operands[k].bytes;
        LoopPosition position(loop, begin);
        while (begin < end) {
            for (int k = 0; k < loop.operands; ++k)
                if (access[k] != OperandAccess::constant)
                    pointers[k] = static_cast<char*>(operands[k].data) + position.offset[k] * operands[k].bytes;
            const std::int64_t n = std::min(end - begin, position.run(loop)), size = loop.size[0];
            kernel(context, pointers, steps, n);
            begin += n;
            // Whole rows up to the end of the second dimension.
            const std::int64_t rows =
                position.index[0] + n < size ? 0 : std::min((end - begin) / size, loop.size[1] - 1 - position.index[1]);
            for (int k = 0; k < loop.operands; ++k)
                if (access[k] != OperandAccess::constant)
                    pointers[k] = static_cast<char*>(pointers[k]) - position.index[0] * operands[k].bytes;
            for (std::int64_t r = 0; r < rows; ++r) {
                for (int k = 0; k < loop.operands; ++k) {
                    pointers[k] = static_cast<char*>(pointers[k]) + next[k];
                    for (std::int64_t b = 0; b < size * operands[k].bytes; b += 64)
                        __builtin_prefetch(static_cast<char*>(pointers[k]) + tuning::pixels_ahead * next[k] + b);
                }
                kernel(context, pointers, steps, size);
            }
            begin += rows * size;
            if (begin < end) position = LoopPosition(loop, begin);
        }
    }
};

}  // namespace detail

FATHOM_INLINE void for_blocks(const Loop& loop,
                              const LoopOperand* operands,  // [operands]
                              BlockKernel kernel, const void* context, std::int64_t grain) {
    const std::int64_t n = loop.numel();
    if (n == 0) return;
    detail::BlockRunner runner{loop,
                               operands,
                               kernel,
                               context,
                               {},
                               true,
                               loop.size[0] >= 64 || loop.rank == 1,
                               loop.size[0] >= 16 && loop.rank > 1};
    for (int k = 0; k < loop.operands; ++k) {
        runner.access[k] = detail::access_of(loop, k);
        runner.all_direct = runner.all_direct && runner.access[k] != detail::OperandAccess::rows;
        runner.short_rows = runner.short_rows && !runner.row_wise &&
                            (runner.access[k] == detail::OperandAccess::constant || loop.stride[k][0] == 1);
    }
    parallel_for(0, n, grain, [&](std::int64_t begin, std::int64_t end) { runner.run(begin, end); });
}

}  // namespace fathom::inline v0::kernels
