// Definitions of frame.hpp.
#pragma once

#include <vector>

#include "fathom/core/float16.hpp"
#include "fathom/kernels/frame_rows.hpp"
#include "fathom/kernels/row_conv.hpp"
#include "fathom/kernels/tile_conv.hpp"
#include "fathom/seafusion/frame.hpp"

namespace fathom::inline v0::seafusion::detail {

static_assert(group_rows == kernels::tile_rows && group_rows == kernels::RowConv::rows_at_once);

// What computes rows on one thread, for FrameBlock: the layers that float and bfloat16 have in common.
template <class T>
struct FrameRows {
    using Element = T;

    const FusionFrame& frame;

    static const RowLayer& layer_of(int layer) { return fusion_layers<T>[static_cast<std::size_t>(layer)]; }
    static float slope(int layer) { return static_cast<float>(layer_of(layer).slope); }
    static int taps(int layer) { return layer_of(layer).kind == RowKind::conv3x3 ? 3 : 1; }

    void stem(int layer, const float* const* rows, std::int64_t columns, T* const* out, T* const* copy) const {
        kernels::stem_rows(kernels::StemRows<T>{rows, frame.weights<float>(layer), frame.bias(layer), slope(layer),
                                                columns, out, copy});
    }
    void sobel(int layer, const T* const* rows, std::int64_t columns, T* const* out) const {
        const int channels = layer_of(layer).outputs * half_channels;
        const float* filters = frame.weights<float>(layer);
        kernels::sobel_rows(kernels::SobelRows<T>{rows, filters, filters + 9 * channels, channels, columns, out});
    }
    static void finish(float* const* out, std::int64_t columns) {
        for (int r = 0; r < group_rows; ++r)
            if (out[r]) kernels::half_tanh_row(out[r], columns);
    }
};

struct FloatRows : FrameRows<float> {
    static constexpr int overhang = kernels::RowConv::overhang;
    Scratch memory;

    FloatRows(const FusionFrame& f, std::int64_t columns)
        : FrameRows{f},
          memory(kernels::row_conv_memory(3 * plane_channels, columns) * std::int64_t{sizeof(float)}, "FusionNet") {}

    void convolve(int layer, const float* const* rows, std::int64_t columns, float* const* out) const {
        kernels::row_conv({taps(layer), frame.channels(layer), rows, frame.weights<float>(layer), frame.bias(layer),
                           slope(layer), layer_of(layer).outputs * half_channels, columns, out, memory.as<float>()});
    }
    void last(int layer, const float* const* rows, std::int64_t columns, float* const* out) const {
        kernels::last_rows({rows, frame.weights<float>(layer), *frame.bias(layer), columns, out});
        finish(out, columns);
    }
};

struct Bfloat16Rows : FrameRows<std::uint16_t> {
    static constexpr int overhang = kernels::tile_conv_overhang;
    kernels::TileSession session;

    Bfloat16Rows(const FusionFrame& f, std::int64_t) : FrameRows{f} {}

    void convolve(int layer, const Element* const* rows, std::int64_t columns, Element* const* out) const {
        using enum kernels::TileEpilogue;
        kernels::tile_conv({taps(layer), layer_of(layer).inputs, rows, frame.weights<Element>(layer), frame.bias(layer),
                            slope(layer), layer_of(layer).outputs * half_channels, columns, out,
                            layer_of(layer).with_rest ? activate_with_rest : activate});
    }
    void last(int layer, const Element* const* rows, std::int64_t columns, float* const* out) const {
        kernels::tile_conv({3, layer_of(layer).inputs, rows, frame.weights<Element>(layer), frame.bias(layer), 1,
                            half_channels, columns, nullptr, kernels::TileEpilogue::pair_sum, out});
        finish(out, columns);
    }
};

inline const std::array<RowLayer, fusion_layer_count>& layers_of(Precision precision) {
    return precision == Precision::bf16 ? fusion_layers<std::uint16_t> : fusion_layers<float>;
}

// Row-major weights [outputs][channels][taps] for inputs whose 16 channels are followed by what rounding them lost.
inline std::vector<float> twice(const float* w, int outputs, int channels, int taps) {
    std::vector<float> both;
    for (int k = 0; k < outputs; ++k)
        for (int c = 0; c < channels; c += half_channels)
            for (int i = 0; i < 2; ++i) {
                const float* const from = w + (std::int64_t{k} * channels + c) * taps;
                both.insert(both.end(), from, from + std::min(half_channels, channels - c) * taps);
            }
    return both;
}

// Where each layer's weights lie, from multiples of 64 bytes; the bytes of all.
FATHOM_INLINE std::int64_t FusionFrame::layout(Precision precision, Layout& packed) {
    std::int64_t bytes = 0;
    const auto take = [&](std::int64_t size) {
        const std::int64_t at = bytes;
        bytes += (size + 63) / 64 * 64;
        return at;
    };
    for (std::size_t i = 0; i < packed.size(); ++i) {
        const RowLayer& layer = layers_of(precision)[i];
        const int outputs = std::max(1, layer.outputs) * half_channels, taps = layer.kind == RowKind::conv1x1 ? 1 : 3;
        if (layer.kind == RowKind::stem || layer.kind == RowKind::sobel)
            packed[i].weights = take(2 * 9 * outputs * 4);
        else if (precision == Precision::bf16)
            packed[i].weights = take(2 * kernels::tile_weight_elements(outputs, layer.inputs, taps));
        else
            packed[i].weights =
                take(4 * kernels::row_conv_weight_elements(outputs, layer.inputs * plane_channels, taps));
        packed[i].bias = take(outputs * 4);
    }
    return bytes;
}

FATHOM_INLINE FusionFrame::FusionFrame(Precision precision, std::span<const LayerWeights> layers)
    : precision_(precision), isa_(isa()), memory_(layout(precision, packed_), "FusionNet") {
    std::memset(memory_.as<char>(), 0, static_cast<std::size_t>(layout(precision, packed_)));
    const bool tiles = precision == Precision::bf16;
    const auto& rows = layers_of(precision);
    for (std::size_t i = 0; i < packed_.size(); ++i) {
        const LayerWeights& from = layers[i];
        const int k = from.outputs, c = from.channels;
        packed_[i].channels = c;
        float* const bias = at<float>(packed_[i].bias);
        float* const numbers = at<float>(packed_[i].weights);
        std::uint16_t* const halves = at<std::uint16_t>(packed_[i].weights);
        const auto pack = [&](const float* w, int channels, int taps) {
            if (tiles)
                kernels::pack_tile_weights(w, k, channels, taps, halves);
            else
                kernels::pack_row_conv(w, k, channels, taps, numbers);
        };
        switch (rows[i].kind) {
            case RowKind::stem:  // [3, 3][16]
                for (int n = 0; n < k; ++n)
                    for (int t = 0; t < 9; ++t) numbers[t * k + n] = from.weight[n * 9 + t];
                break;
            case RowKind::sobel:  // [2][3, 3][channels]
                for (int n = 0; n < k; ++n)
                    for (int t = 0; t < 9; ++t) {
                        numbers[t * k + n] = from.weight[n * 9 + t];
                        numbers[(9 + t) * k + n] = from.second[n * 9 + t];
                    }
                break;
            case RowKind::conv3x3:
                if (tiles && rows[i].inputs * plane_channels == 2 * c)
                    pack(twice(from.weight, k, c, 9).data(), 2 * c, 3);
                else
                    pack(from.weight, c, 3);
                break;
            case RowKind::conv1x1: {  // both layers as one
                const int more = c / 3;
                std::vector<float> both;
                for (int n = 0; n < k; ++n) {
                    both.insert(both.end(), from.weight + n * c, from.weight + (n + 1) * c);
                    both.insert(both.end(), from.second + n * more, from.second + (n + 1) * more);
                }
                packed_[i].channels = c + more;
                pack(both.data(), c + more, 1);
                break;
            }
            case RowKind::last:
                if (tiles) {  // outputs: what bfloat16 holds of the weights, and the rest; channels: twice the same
                    std::vector<float> split(static_cast<std::size_t>(2 * 9 * c));
                    for (int t = 0; t < 9 * c; ++t) {
                        const float most = Float16<7>(from.weight[t]);
                        float* const to = split.data() + t;
                        to[0] = most, to[9 * c] = from.weight[t] - most;
                    }
                    kernels::pack_tile_weights(twice(split.data(), 2, c, 9).data(), 2, 2 * c, 3, halves);
                } else {  // [3, 3][16]
                    for (int n = 0; n < c; ++n)
                        for (int t = 0; t < 9; ++t) numbers[t * c + n] = from.weight[n * 9 + t];
                }
                break;
        }
        for (int n = 0; from.bias && n < k; ++n)
            bias[n] = from.bias[n] + (from.second_bias ? from.second_bias[n] : 0.0f);
    }
}

FATHOM_INLINE void FusionFrame::run(const FrameShape& shape, const float* y, const float* ir, float* out) const {
    const float* images[] = {y, ir};
    if (precision_ == Precision::bf16)
        run_frame<Bfloat16Rows>(*this, fusion_layers<std::uint16_t>, fusion_plan<std::uint16_t>, shape, images, out);
    else
        run_frame<FloatRows>(*this, fusion_layers<float>, fusion_plan<float>, shape, images, out);
}

}  // namespace fathom::inline v0::seafusion::detail
