// Definitions of segmentation_frame.hpp.
#pragma once

#include <algorithm>
#include <cmath>

#include "fathom/seafusion/segmentation_frame.hpp"
#include "fathom/seafusion/segmentation_run.inl.hpp"

namespace fathom::inline v0::seafusion::detail {

// The convolution with its norm: w r and beta - mean r, r = gamma / sqrt(variance + eps); for pixels times 1 / `unit`.
inline void fold(const FoldableConv& conv, std::int64_t taps, double unit, std::vector<float>& weight,
                 std::vector<float>& bias) {
    const auto outputs = static_cast<std::size_t>(conv.outputs), size = static_cast<std::size_t>(conv.channels * taps);
    weight.resize(outputs * size), bias.assign(outputs, 0);
    for (std::size_t n = 0; n < outputs; ++n) {
        double r = 1;
        if (conv.gamma) {
            r = static_cast<double>(conv.gamma[n]) / std::sqrt(static_cast<double>(conv.variance[n]) + conv.eps);
            bias[n] = static_cast<float>(static_cast<double>(conv.beta[n]) - static_cast<double>(conv.mean[n]) * r);
        }
        for (std::size_t i = n * size; i < (n + 1) * size; ++i)
            weight[i] = static_cast<float>(static_cast<double>(conv.weight[i]) * r * unit);
    }
}

// A row of the stem's kernel over eight pixels of four channels is one plane of a 1x1 kernel.
inline std::vector<float> stem_planes(const std::vector<float>& w) {  // [64][3][7, 7]
    std::vector<float> planes(static_cast<std::size_t>(stem_outputs * stem_taps * tile_plane));
    for (int n = 0; n < stem_outputs; ++n)
        for (int c = 0; c < 3; ++c)
            for (int y = 0; y < stem_taps; ++y)
                for (int x = 0; x < stem_taps; ++x)
                    planes[static_cast<std::size_t>((n * stem_taps + y) * tile_plane + 4 * x + c)] =
                        w[static_cast<std::size_t>(((n * 3 + c) * stem_taps + y) * stem_taps + x)];
    return planes;
}

inline bool has_weights(const SegmentationLayer& layer) {
    return layer.kind != SegmentationKind::borders && layer.kind != SegmentationKind::resize;
}

FATHOM_INLINE std::int64_t SegmentationFrame::layout(std::span<const FoldableConv> convs, std::span<Packed> packed) {
    std::int64_t bytes = 0;
    const auto take = [&](std::int64_t size) {
        const std::int64_t at = bytes;
        bytes += up_to(64, size);
        return at;
    };
    const auto add = [&](Packed& p, int outputs, std::int64_t weight_bytes) {
        p = {take(weight_bytes), take(up_to(16, outputs) * 4)};
    };
    std::size_t next = 0;
    for (std::size_t i = 0; i < segmentation_layers.size(); ++i) {
        const SegmentationLayer& layer = segmentation_layers[i];
        if (!has_weights(layer)) continue;
        const int n = static_cast<int>(up_to(16, convs[next++].outputs));
        const bool stem = layer.kind == SegmentationKind::stem;
        add(packed[i], n,
            layer.kind == SegmentationKind::attention
                ? std::int64_t{4} * n * layer.channels
                : 2 * kernels::tile_weight_elements(n, stem ? stem_taps : layer.channels / tile_plane, layer.taps));
    }
    return bytes;
}

FATHOM_INLINE SegmentationFrame::SegmentationFrame(std::span<const FoldableConv> convs)
    : logits_step_(0), memory_(layout(convs, packed_), "SegmentationNet") {
    for (const FoldableConv& conv : convs) eps_.push_back(conv.eps);
    std::vector<float> weight, bias;
    const auto pack = [&](const FoldableConv& conv, const Packed& to, int taps, const std::vector<float>& w,
                          int channels) {
        kernels::pack_tile_weights(w.data(), conv.outputs, channels, taps,
                                   reinterpret_cast<std::uint16_t*>(memory_.as<char>() + to.weights));
    };
    const auto put_bias = [&](const Packed& to) {
        auto* p = reinterpret_cast<float*>(memory_.as<char>() + to.bias);
        std::fill_n(p, up_to(16, static_cast<std::int64_t>(bias.size())), 0.0f);
        std::copy(bias.begin(), bias.end(), p);
    };
    std::size_t next = 0;
    for (std::size_t i = 0; i < segmentation_layers.size(); ++i) {
        const SegmentationLayer& layer = segmentation_layers[i];
        if (!has_weights(layer)) continue;
        const FoldableConv& conv = convs[next++];
        const Packed& to = packed_[i];
        const bool stem = layer.kind == SegmentationKind::stem;
        fold(conv, stem ? stem_taps * stem_taps : layer.taps * layer.taps,
             stem ? 1 / static_cast<double>(color_scale) : 1, weight, bias);
        if (stem) {
            pack(conv, to, 1, stem_planes(weight), stem_taps * tile_plane);
        } else if (layer.kind == SegmentationKind::attention) {
            auto* p = reinterpret_cast<float*>(memory_.as<char>() + to.weights);  // [channels][outputs]
            for (int c = 0; c < conv.channels; ++c)
                for (int n = 0; n < conv.outputs; ++n) *p++ = weight[static_cast<std::size_t>(n * conv.channels + c)];
        } else {
            pack(conv, to, layer.taps, weight, conv.channels);
        }
        put_bias(to);
        if (layer.kind == SegmentationKind::classes) logits_step_ = static_cast<int>(up_to(16, conv.outputs));
    }
}

FATHOM_INLINE void SegmentationFrame::run(const ColorImages& x, float* const* logits) const {
    SegmentationRun run(*this, x.size, logits);
    for (std::int64_t i = 0; i < x.images; ++i) run.run(x, i);
}

}  // namespace fathom::inline v0::seafusion::detail
