// Definition of conv_weight (conv.hpp), included by conv.inl.hpp. The strips are dealt to chunks, each with partial
// sums of its own, which are added in the order of the chunks: a partition that depends on the shape alone.
#pragma once

namespace fathom::inline v0::kernels {

namespace detail {

// Who sums what. With few chunks, each is shared by `splits` tasks, which take different outputs.
struct WeightPartition {
    std::int64_t strips, strips_per_chunk, chunks;
    std::int64_t splits, outputs_per_split;
    std::int64_t per_output;  // partial sums of one output, among outputs in multiples of most_lanes
    std::int64_t weights;     // partial sums of all outputs
    std::int64_t step;        // from chunk to chunk: weights, then biases
};

template <class T>
WeightPartition weight_partition(const ConvWeight<T>& conv, bool depthwise) {
    WeightPartition p{};
    const std::int64_t outputs = conv.dy.channels, block = conv.strips.block;
    p.strips = conv.images * conv.strips.row_blocks * conv.strips.col_blocks;
    p.per_output = (conv.x.channels + block - 1) / block * block * conv.tap_count;
    p.weights = depthwise ? outputs * conv.tap_count : FATHOM_DISPATCH(conv::partial_elements<T>(conv));
    p.step = p.weights + outputs;
    // At most 32 chunks, and 8 MiB of partial sums: many weights over few pixels would spend their time on adding up.
    const std::int64_t bytes = p.step * static_cast<std::int64_t>(sizeof(T));
    p.strips_per_chunk = (p.strips - 1) / std::clamp<std::int64_t>((8 << 20) / bytes, 1, 32) + 1;
    p.chunks = (p.strips - 1) / p.strips_per_chunk + 1;
    const std::int64_t vectors = (outputs + most_lanes - 1) / most_lanes;
    p.splits = depthwise || conv.few_outputs ? 1 : std::clamp<std::int64_t>(8 / p.chunks, 1, vectors);
    p.outputs_per_split = p.splits == 1 ? outputs : (vectors + p.splits - 1) / p.splits * most_lanes;
    p.splits = (outputs - 1) / p.outputs_per_split + 1;
    return p;
}

// One chunk's sums for one split's outputs.
template <class T>
void weight_chunk(const ConvWeight<T>& conv, const ConvShape& s, bool depthwise, const WeightPartition& p,
                  std::int64_t chunk, std::int64_t split, T* packed, T* packed_dy, T* sums, bool with_bias) {
    const std::int64_t k = split * p.outputs_per_split;
    ConvWeight<T> part = conv;
    part.dy.data += k, part.dy.channels = std::min(p.outputs_per_split, conv.dy.channels - k);
    T* const weights = conv.dw ? sums + k * p.per_output : nullptr;
    T* const biases = with_bias ? sums + p.weights + k : nullptr;
    if (weights)
        std::fill(weights, split + 1 == p.splits ? sums + p.weights : weights + part.dy.channels * p.per_output, T(0));
    if (biases) std::fill_n(biases, part.dy.channels, T(0));
    for (std::int64_t i = chunk * p.strips_per_chunk; i < std::min(p.strips, (chunk + 1) * p.strips_per_chunk); ++i) {
        const ConvStrip strip = conv_strip(conv.strips, i, conv.dy.height, conv.dy.width);
        if (depthwise)
            FATHOM_DISPATCH(conv::depthwise_weight_strip<T>(part, s, strip, weights, biases));
        else
            FATHOM_DISPATCH(conv::weight_strip<T>(part, strip, packed, packed_dy, weights, biases));
    }
}

template <class T>
void run_weight(const ConvWeight<T>& conv, const ConvShape& s, bool depthwise, bool add_dw, T* dbias, bool add_dbias) {
    constexpr std::int64_t bytes = sizeof(T);
    constexpr const char* operation = "convolution, weight gradient";
    const WeightPartition p = weight_partition(conv, depthwise);
    const Scratch sums_memory(p.chunks * p.step * bytes, operation);
    T* const sums = sums_memory.as<T>();
    const bool packs = conv.dw && !depthwise;
    const std::int64_t packed = packs ? conv.strips.packed_elements(conv.x.channels) : 0;
    const std::int64_t packed_dy =
        packs ? (p.outputs_per_split + most_lanes) * conv_rows_at_once(conv.strips) * (conv.strips.cols + 4) : 0;
    parallel_for(0, p.chunks * p.splits, 1, [&](std::int64_t task, std::int64_t end) {
        const Scratch memory((packed + packed_dy) * bytes, operation);
        for (; task < end; ++task)
            weight_chunk(conv, s, depthwise, p, task / p.splits, task % p.splits, memory.as<T>(),
                         memory.as<T>() + packed, sums + task / p.splits * p.step, dbias != nullptr);
    });
    if (conv.dw && depthwise) {
        for (std::int64_t e = 0; e < conv.dy.channels * conv.tap_count; ++e) {
            T sum = add_dw ? conv.dw[e] : T(0);
            const std::int64_t at = e % conv.tap_count * conv.dy.channels + e / conv.tap_count;  // [taps][channels]
            for (std::int64_t chunk = 0; chunk < p.chunks; ++chunk) sum += sums[chunk * p.step + at];
            conv.dw[e] = sum;
        }
    } else if (conv.dw) {
        const std::int64_t outputs = conv.dy.channels, groups = (outputs - 1) / most_lanes + 1;
        const std::int64_t work = most_lanes * p.per_output * p.chunks;
        parallel_for(0, groups, 1 + 8192 / work, [&](std::int64_t first, std::int64_t last) {
            FATHOM_DISPATCH(conv::combine_weights<T>(conv, sums, p.step, p.chunks, first * most_lanes,
                                                     std::min(outputs, last * most_lanes), add_dw));
        });
    }
    for (std::int64_t k = 0; dbias && k < conv.dy.channels; ++k) {
        T sum = 0;
        for (std::int64_t chunk = 0; chunk < p.chunks; ++chunk) sum += sums[chunk * p.step + p.weights + k];
        dbias[k] = add_dbias ? dbias[k] + sum : sum;
    }
}

}  // namespace detail

template <class T>
void conv_weight(const T* x, const T* dy, T* dw, T* dbias, const ConvShape& s, bool add_dw, bool add_dbias) {
    const std::int64_t channels = s.in_channels / s.groups, outputs = s.out_channels / s.groups;
    const std::int64_t elements = outputs * channels * s.kernel_h * s.kernel_w;
    if (s.n * s.out_height() * s.out_width() == 0) {
        if (dw && !add_dw) std::fill_n(dw, elements * s.groups, T(0));
        if (dbias && !add_dbias) std::fill_n(dbias, s.out_channels, T(0));
        return;
    }
    if (outputs == 0) return;
    if (elements == 0) dw = nullptr;
    const std::vector<ConvTap> taps = detail::conv_taps(s);
    const bool depthwise = detail::conv_depthwise(s);
    for (std::int64_t g = 0; g < (depthwise ? 1 : s.groups); ++g) {
        ConvWeight<T> conv{};
        conv.x = detail::conv_x<T>(x, s, g), conv.dy = detail::conv_y<T>(dy, s, g), conv.images = s.n;
        if (depthwise) conv.x.channels = conv.dy.channels = s.groups;
        conv.strips = conv_strips(taps.data(), static_cast<int>(taps.size()), s.stride_h, s.stride_w, conv.x.channels,
                                  s.n, s.out_height(), s.out_width(), sizeof(T), detail::conv_tile,
                                  conv_limits(elements * static_cast<std::int64_t>(sizeof(T)), 192 << 10, 144, 16));
        const std::vector<std::int64_t> offsets = detail::conv_offsets(conv.strips, taps);
        conv.taps = taps.data(), conv.tap_count = static_cast<int>(taps.size()), conv.offsets = offsets.data();
        conv.taps_in_threes = detail::conv_taps_in_threes(taps, s.stride_w);
        conv.few_outputs = !depthwise && detail::conv_few_outputs<T>(outputs, channels);
        conv.direct_x =
            !conv.few_outputs && taps.size() == 1 && s.padding_h == 0 && s.padding_w == 0 && channels % conv_block == 0;
        conv.dw = dw ? dw + g * elements : nullptr;
        detail::run_weight(conv, s, depthwise, add_dw, dbias ? dbias + g * outputs : nullptr, add_dbias);
    }
}

}  // namespace fathom::inline v0::kernels
