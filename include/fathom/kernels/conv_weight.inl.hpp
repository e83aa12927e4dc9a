// The weight pass of every algorithm that has one: the strips are dealt to chunks, each with partial sums of its own,
// which are added in the order of the chunks: a partition that depends on the shape alone. Next:
// conv_weight.kernel.hpp, conv_direct.inl.hpp.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "fathom/kernels/conv_strips.inl.hpp"

#define FATHOM_KERNEL "fathom/kernels/conv_weight.kernel.hpp"
#include "fathom/kernels/foreach_isa.hpp"

namespace fathom::inline v0::kernels::detail {

// What an algorithm does with a strip of the weight pass, on the ISA in use.
template <class T>
struct ConvWeightKernel {
    std::int64_t block;  // channels that lie together in a packed strip
    bool packs;          // needs working memory for a packed strip
    bool by_vectors;     // sums lie by vectors of outputs, so that tasks may share a chunk
    std::int64_t (*partial_elements)(const ConvWeightTaps<T>&);
    // Adds a strip's share to the sums of weights and bias; either may be null.
    void (*strip)(const ConvWeightTaps<T>&, const ConvStrip&, T* packed, T* packed_dy, T* weights, T* bias);
    // dw of outputs [first, last) from the sums of all chunks, which are `step` apart.
    void (*combine)(const ConvWeightTaps<T>&, const T* sums, std::int64_t step, std::int64_t chunks, std::int64_t first,
                    std::int64_t last, bool accumulate);
    std::int64_t tile = tuning::conv_tile;             // pixels
    std::int64_t pixels = tuning::conv_weight_pixels;  // at once
};

// Who sums what. With few chunks, each is shared by `splits` tasks, which take different outputs.
struct WeightPartition {
    std::int64_t strips, strips_per_chunk, chunks;
    std::int64_t splits, outputs_per_split;
    std::int64_t per_output;  // partial sums of one output, among outputs in multiples of most_lanes
    std::int64_t weights;     // partial sums of all outputs
    std::int64_t step;        // from chunk to chunk: weights, then biases
};

template <class T>
WeightPartition weight_partition(const ConvWeightTaps<T>& conv, const ConvWeightKernel<T>& kernel) {
    WeightPartition p{};
    const std::int64_t outputs = conv.dy.channels, block = conv.strips.block;
    p.strips = conv.images * conv.strips.row_blocks * conv.strips.col_blocks;
    p.per_output = (conv.x.channels + block - 1) / block * block * conv.tap_count;
    p.weights = kernel.partial_elements(conv);
    p.step = p.weights + outputs;
    const std::int64_t bytes = p.step * static_cast<std::int64_t>(sizeof(T));
    const std::int64_t most = std::clamp<std::int64_t>(tuning::conv_weight_bytes / bytes, 1, tuning::conv_chunks);
    p.strips_per_chunk = (p.strips - 1) / most + 1;
    p.chunks = (p.strips - 1) / p.strips_per_chunk + 1;
    const std::int64_t vectors = (outputs + tuning::most_lanes - 1) / tuning::most_lanes;
    p.splits = kernel.by_vectors ? std::clamp<std::int64_t>(tuning::conv_weight_tasks / p.chunks, 1, vectors) : 1;
    p.outputs_per_split = p.splits == 1 ? outputs : (vectors + p.splits - 1) / p.splits * tuning::most_lanes;
    p.splits = (outputs - 1) / p.outputs_per_split + 1;
    return p;
}

// One chunk's sums for one split's outputs.
template <class T>
void weight_chunk(const ConvWeightTaps<T>& conv, const ConvWeightKernel<T>& kernel, const WeightPartition& p,
                  std::int64_t chunk, std::int64_t split,
                  T* packed,     // [channel blocks][in_rows, phases, length, block]
                  T* packed_dy,  // [output vectors][rows, 2 + cols + 2, lanes]
                  T* sums,       // [step]: weights, then biases
                  bool with_bias) {
    const std::int64_t k = split * p.outputs_per_split;
    ConvWeightTaps<T> part = conv;
    part.dy.data += k, part.dy.channels = std::min(p.outputs_per_split, conv.dy.channels - k);
    T* const weights = conv.dw ? sums + k * p.per_output : nullptr;
    T* const biases = with_bias ? sums + p.weights + k : nullptr;
    if (weights)
        std::fill(weights, split + 1 == p.splits ? sums + p.weights : weights + part.dy.channels * p.per_output, T(0));
    if (biases) std::fill_n(biases, part.dy.channels, T(0));
    for (std::int64_t i = chunk * p.strips_per_chunk; i < std::min(p.strips, (chunk + 1) * p.strips_per_chunk); ++i)
        kernel.strip(part, conv_strip(conv.strips, i, conv.dy.height, conv.dy.width), packed, packed_dy, weights,
                     biases);
}

template <class T>
void run_chunks(const ConvWeightTaps<T>& conv, const ConvWeightKernel<T>& kernel, bool add_dw,
                T* dbias,  // [outputs] or null
                bool add_dbias) {
    constexpr std::int64_t bytes = sizeof(T), lanes = tuning::most_lanes;
    constexpr const char* operation = "convolution, weight gradient";
    const WeightPartition p = weight_partition(conv, kernel);
    const Scratch sums_memory(p.chunks * p.step * bytes, operation);
    T* const sums = sums_memory.as<T>();  // [chunks][step]
    const bool packs = conv.dw && kernel.packs;
    const std::int64_t packed = packs ? conv.strips.packed_elements(conv.x.channels) : 0;
    const std::int64_t packed_dy =
        packs ? (p.outputs_per_split + lanes) * conv_rows_at_once(conv.strips, kernel.pixels) * (conv.strips.cols + 4)
              : 0;
    parallel_for(0, p.chunks * p.splits, 1, [&](std::int64_t task, std::int64_t end) {
        const Scratch memory((packed + packed_dy) * bytes, operation);
        for (; task < end; ++task)
            weight_chunk(conv, kernel, p, task / p.splits, task % p.splits, memory.as<T>(), memory.as<T>() + packed,
                         sums + task / p.splits * p.step, dbias != nullptr);
    });
    const std::int64_t outputs = conv.dy.channels;
    if (conv.dw)
        parallel_for(0, (outputs - 1) / lanes + 1, 1 + tuning::conv_combine_grain / (lanes * p.per_output * p.chunks),
                     [&](std::int64_t first, std::int64_t last) {
                         kernel.combine(conv, sums, p.step, p.chunks, first * lanes, std::min(outputs, last * lanes),
                                        add_dw);
                     });
    for (std::int64_t k = 0; dbias && k < outputs; ++k) {
        T sum = 0;
        for (std::int64_t chunk = 0; chunk < p.chunks; ++chunk) sum += sums[chunk * p.step + p.weights + k];
        dbias[k] = add_dbias ? dbias[k] + sum : sum;
    }
}

// Calls f(conv, taps, dbias) for each of `groups` groups, with its images and taps in `conv`, when there is something
// to sum; depthwise kernels take all channels as one group.
template <class T, class F>
void for_each_weight_taps(const ConvWeight<T>& pass, std::int64_t groups, F f) {
    const ConvShape& s = pass.shape;
    const std::int64_t outputs = s.out_channels / s.groups;
    const std::int64_t elements = outputs * (s.in_channels / s.groups) * s.kernel_h * s.kernel_w;
    if (s.n * s.out_height() * s.out_width() == 0) {
        if (pass.dw && !pass.add_dw) std::fill_n(pass.dw, elements * s.groups, T(0));
        if (pass.dbias && !pass.add_dbias) std::fill_n(pass.dbias, s.out_channels, T(0));
        return;
    }
    if (outputs == 0) return;
    const std::vector<ConvTap> taps = conv_taps(s);
    for (std::int64_t g = 0; g < groups; ++g) {
        ConvWeightTaps<T> conv{};
        conv.images = s.n, conv.taps = taps.data(), conv.tap_count = static_cast<int>(taps.size());
        conv.x = conv_x<T>(pass.x, s, g), conv.dy = conv_y<T>(pass.dy, s, g);
        conv.x.channels = s.in_channels / groups, conv.dy.channels = s.out_channels / groups;
        conv.dw = pass.dw && elements > 0 ? pass.dw + g * elements : nullptr;
        f(conv, taps, pass.dbias ? pass.dbias + g * outputs : nullptr);
    }
}

template <class T>
void run_weight(const ConvWeight<T>& pass, const ConvWeightKernel<T>& kernel, std::int64_t groups) {
    const ConvShape& s = pass.shape;
    constexpr std::int64_t bytes = sizeof(T);
    for_each_weight_taps(pass, groups, [&](ConvWeightTaps<T> conv, const std::vector<ConvTap>& taps, T* dbias) {
        const std::int64_t weights = s.out_channels / s.groups * (s.in_channels / s.groups) * conv.tap_count;
        const std::vector<std::int64_t> offsets =
            make_plan(conv, taps, s.stride_h, s.stride_w,
                      {s.n, s.out_height(), s.out_width(), conv.x.channels, kernel.block, bytes, kernel.tile},
                      conv_limits(weights * bytes, tuning::conv_weight_strip_bytes, tuning::conv_weight_pixels,
                                  tuning::conv_rows));
        run_chunks(conv, kernel, pass.add_dw, dbias, pass.add_dbias);
    });
}

}  // namespace fathom::inline v0::kernels::detail
