// The weight pass of Winograd convolution: how tiles and groups of outputs are shared out, in an order that the shape
// alone determines. Next: conv_winograd_weight.kernel.hpp.
#pragma once

#include "fathom/kernels/conv_weight.inl.hpp"
#include "fathom/kernels/conv_winograd.inl.hpp"

namespace fathom::inline v0::kernels::detail {

// On the ISA in use; the layouts are in conv_winograd_weight.kernel.hpp.
template <class T>
struct WinogradWeightKernel {
    std::int64_t group;  // outputs
    void (*inputs)(const WinogradInput<T>&, std::int64_t first, std::int64_t last, T* v);
    void (*add)(const WinogradWeightTaps<T>&, std::int64_t first, std::int64_t last, std::int64_t group, const T* v,
                T* m, T* sums, T* bias);
    void (*combine)(const WinogradWeightTaps<T>&, const T* sums, std::int64_t step, std::int64_t chunks,
                    std::int64_t group, std::int64_t first, std::int64_t last, bool accumulate);
};

}  // namespace fathom::inline v0::kernels::detail

#define FATHOM_KERNEL "fathom/kernels/conv_winograd_weight.kernel.hpp"
#include "fathom/kernels/foreach_isa.hpp"

namespace fathom::inline v0::kernels::detail {

template <class T>
void run_winograd_weight_taps(const ConvWeightTaps<T>& taps, const WinogradWeightKernel<T>& kernel, bool add_dw,
                              T* dbias,  // [outputs] or null
                              bool add_dbias) {
    constexpr std::int64_t bytes = sizeof(T), block = tuning::winograd_tiles;
    constexpr const char* operation = "convolution, weight gradient";
    const WinogradWeightTaps<T> conv{taps, winograd_input<T>(taps, taps.x, taps.dy.height, taps.dy.width)};
    const std::int64_t groups = (conv.dy.channels + kernel.group - 1) / kernel.group, outputs = groups * kernel.group;
    const std::int64_t padded = conv.dw ? conv.in.channel_blocks() * tuning::conv_block : 0;
    const std::int64_t weights = outputs * padded * 36, step = weights + outputs;  // sums of a chunk
    const std::int64_t tiles = conv.in.tiles(), blocks = (tiles + block - 1) / block;
    const std::int64_t most =
        std::clamp<std::int64_t>(tuning::winograd_sum_bytes / (step * bytes), 1, tuning::conv_chunks);
    const std::int64_t per_chunk = std::max((blocks + most - 1) / most, tuning::winograd_chunk_blocks),
                       chunks = (blocks + per_chunk - 1) / per_chunk;

    const Scratch memory(chunks * step * bytes, operation);
    T* const sums = memory.as<T>();  // [chunks][step]: weights, then biases
    const std::int64_t v_elements = conv.dw ? conv.in.block_elements() : 0,
                       m_elements = 36 * (block * kernel.group + tuning::conv_block);
    // Adds block b, whose transformed input is v, to a chunk's sums of group g.
    const auto add = [&](std::int64_t b, std::int64_t g, const T* v, T* m, T* chunk) {
        kernel.add(conv, b * block, std::min((b + 1) * block, tiles), g, v, m, conv.dw ? chunk : nullptr,
                   dbias ? chunk + weights : nullptr);
    };
    const auto input = [&](std::int64_t b, T* v) {
        if (conv.dw) kernel.inputs(conv.in, b * block, std::min((b + 1) * block, tiles), v);
    };
    if (chunks > 1) {
        parallel_for(0, chunks, 1, [&](std::int64_t first, std::int64_t last) {
            const Scratch v(v_elements * bytes, operation), m(m_elements * bytes, operation);
            for (std::int64_t c = first; c < last; ++c) {
                std::fill_n(sums + c * step, step, T(0));
                for (std::int64_t b = c * per_chunk; b < std::min(blocks, (c + 1) * per_chunk); ++b) {
                    input(b, v.as<T>());
                    for (std::int64_t g = 0; g < groups; ++g) add(b, g, v.as<T>(), m.as<T>(), sums + c * step);
                }
            }
        });
    } else {
        // The sums are large, or the image small: threads share the groups.
        const std::int64_t some =
            std::clamp<std::int64_t>(tuning::winograd_input_bytes / (v_elements * bytes + 1), 1, blocks);
        const Scratch v(some * v_elements * bytes, operation);
        std::fill_n(sums + weights, outputs, T(0));
        for (std::int64_t begin = 0; begin < blocks; begin += some) {
            const std::int64_t end = std::min(begin + some, blocks);
            parallel_for(begin, end, 1, [&](std::int64_t first, std::int64_t last) {
                for (std::int64_t b = first; b < last; ++b) input(b, v.as<T>() + b % some * v_elements);
            });
            parallel_for(0, groups, 1, [&](std::int64_t first, std::int64_t last) {
                const Scratch m(m_elements * bytes, operation);
                for (std::int64_t g = first; g < last; ++g) {
                    const std::int64_t share = kernel.group * padded * 36;
                    if (begin == 0) std::fill_n(sums + g * share, share, T(0));
                    for (std::int64_t b = begin; b < end; ++b)
                        add(b, g, v.as<T>() + b % some * v_elements, m.as<T>(), sums);
                }
            });
        }
    }
    const std::int64_t parts = conv.in.channel_blocks();
    if (conv.dw)
        parallel_for(0, groups * parts, 1, [&](std::int64_t first, std::int64_t last) {
            for (std::int64_t i = first; i < last; ++i) {
                const std::int64_t c = i % parts * tuning::conv_block;
                kernel.combine(conv, sums, step, chunks, i / parts, c,
                               std::min(c + tuning::conv_block, conv.x.channels), add_dw);
            }
        });
    for (std::int64_t k = 0; dbias && k < conv.dy.channels; ++k) {
        T sum = 0;
        for (std::int64_t c = 0; c < chunks; ++c) sum += sums[c * step + weights + k];
        dbias[k] = add_dbias ? dbias[k] + sum : sum;
    }
}

template <class T>
void run_winograd(const ConvWeight<T>& pass) {
    const WinogradWeightKernel<T> kernel = FATHOM_DISPATCH(winograd::weight_kernel<T>());
    for_each_weight_taps(pass, pass.shape.groups,
                         [&](const ConvWeightTaps<T>& conv, const std::vector<ConvTap>&, T* dbias) {
                             run_winograd_weight_taps(conv, kernel, pass.add_dw, dbias, pass.add_dbias);
                         });
}

}  // namespace fathom::inline v0::kernels::detail
