// Definitions of bfloat16_frame.hpp.
#pragma once

#include <vector>

#include "fathom/core/float16.hpp"
#include "fathom/kernels/bfloat16_rows.hpp"
#include "fathom/kernels/tile_conv.hpp"
#include "fathom/seafusion/bfloat16_frame.hpp"

namespace fathom::inline v0::seafusion::detail {

static_assert(group_rows == kernels::tile_rows);

// What computes rows in bfloat16, for FrameBlock.
struct Bfloat16Rows {
    using Element = std::uint16_t;
    using Session = kernels::TileSession;
    static constexpr int overhang = kernels::tile_conv_overhang;

    const Bfloat16Frame& frame;

    template <class T>
    const T* weights(int layer) const {
        return frame.at<T>(frame.packed_[static_cast<std::size_t>(layer)].weights);
    }
    const float* bias(int layer) const { return frame.at<float>(frame.packed_[static_cast<std::size_t>(layer)].bias); }
    static const RowLayer& layer_of(int layer) { return fusion_layers[static_cast<std::size_t>(layer)]; }
    static float slope(int layer) { return static_cast<float>(layer_of(layer).slope); }

    void stem(int layer, const float* const* rows, std::int64_t columns, Element* const* out,
              Element* const* copy) const {
        kernels::stem_rows({rows, weights<float>(layer), bias(layer), slope(layer), columns, out, copy});
    }
    void convolve(int layer, const Element* const* rows, std::int64_t columns, Element* const* out) const {
        const RowLayer& l = layer_of(layer);
        kernels::tile_conv({l.kind == RowKind::conv3x3 ? 3 : 1, l.inputs, rows, weights<Element>(layer), bias(layer),
                            slope(layer), l.outputs * half_channels, columns, out, nullptr});
    }
    void sobel(int layer, const Element* const* rows, std::int64_t columns, Element* const* out) const {
        const int channels = layer_of(layer).outputs * half_channels;
        const float* filters = weights<float>(layer);
        kernels::sobel_rows({rows, filters, filters + 9 * channels, channels, columns, out});
    }
    void last(int layer, const Element* const* rows, std::int64_t columns, float* const* out) const {
        kernels::tile_conv({3, layer_of(layer).inputs, rows, weights<Element>(layer), bias(layer), 1, half_channels,
                            columns, nullptr, out});
        for (int r = 0; r < group_rows; ++r)
            if (out[r]) kernels::half_tanh_row(out[r], columns);
    }
};

// Where each layer's weights lie, from multiples of 64 bytes; the bytes of all.
FATHOM_INLINE std::int64_t Bfloat16Frame::layout(std::array<Packed, fusion_layer_count>& packed) {
    std::int64_t bytes = 0;
    const auto take = [&](std::int64_t size) {
        const std::int64_t at = bytes;
        bytes += (size + 63) / 64 * 64;
        return at;
    };
    for (std::size_t i = 0; i < packed.size(); ++i) {
        const RowLayer& layer = fusion_layers[i];
        const int outputs = std::max(1, layer.outputs) * half_channels;
        if (layer.kind == RowKind::stem || layer.kind == RowKind::sobel)
            packed[i].weights = take(2 * 9 * outputs * 4);
        else
            packed[i].weights =
                take(2 * kernels::tile_weight_elements(outputs, layer.inputs, layer.kind == RowKind::conv1x1 ? 1 : 3));
        packed[i].bias = take(outputs * 4);
    }
    return bytes;
}

FATHOM_INLINE Bfloat16Frame::Bfloat16Frame(std::span<const LayerWeights> layers)
    : memory_(layout(packed_), "FusionNet") {
    std::memset(memory_.as<char>(), 0, static_cast<std::size_t>(layout(packed_)));
    for (std::size_t i = 0; i < packed_.size(); ++i) {
        const LayerWeights& from = layers[i];
        const int k = from.outputs, c = from.channels;
        float* const bias = at<float>(packed_[i].bias);
        float* const numbers = at<float>(packed_[i].weights);
        std::uint16_t* const tiles = at<std::uint16_t>(packed_[i].weights);
        switch (fusion_layers[i].kind) {
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
                kernels::pack_tile_weights(from.weight, k, c, 3, tiles);
                break;
            case RowKind::conv1x1: {  // both layers as one
                const int more = c / 3;
                std::vector<float> both;
                for (int n = 0; n < k; ++n) {
                    both.insert(both.end(), from.weight + n * c, from.weight + (n + 1) * c);
                    both.insert(both.end(), from.second + n * more, from.second + (n + 1) * more);
                }
                kernels::pack_tile_weights(both.data(), k, c + more, 1, tiles);
                break;
            }
            case RowKind::last: {  // what bfloat16 holds of the weights, and the rest
                std::vector<float> split(static_cast<std::size_t>(2 * 9 * c));
                for (int t = 0; t < 9 * c; ++t) {
                    const float most = Float16<7>(from.weight[t]);
                    split[static_cast<std::size_t>(t)] = most;
                    split[static_cast<std::size_t>(9 * c + t)] = from.weight[t] - most;
                }
                kernels::pack_tile_weights(split.data(), 2, c, 3, tiles);
                break;
            }
        }
        for (int n = 0; from.bias && n < k; ++n)
            bias[n] = from.bias[n] + (from.second_bias ? from.second_bias[n] : 0.0f);
    }
}

FATHOM_INLINE void Bfloat16Frame::run(const FrameShape& shape, const float* y, const float* ir, float* out) const {
    const float* images[] = {y, ir};
    run_frame(Bfloat16Rows{*this}, fusion_layers, fusion_plan, shape, images, out);
}

}  // namespace fathom::inline v0::seafusion::detail
