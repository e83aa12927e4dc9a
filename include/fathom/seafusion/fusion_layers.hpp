// The fusion net's layers (fusion_net.hpp) as data for depth_first.hpp: which rows of which planes each reads and
// writes.
#pragma once

#include <array>

#include "fathom/seafusion/depth_first.hpp"

namespace fathom::inline v0::seafusion::detail {

// Planes of 32 channels. Of each encoder, from 7 * encoder:
enum EncoderPlane {
    stem_alone,  // [x1, what rounding it lost]
    dense1,      // [x1, y1 of x1]
    dense1_end,  // [y2, gradient magnitude of x1]
    x2,
    dense2_y1,
    dense2_y2,
    dense2_gradient,
    encoder_planes
};
// And those of the decoder.
enum DecoderPlane {
    features = 2 * encoder_planes,  // [visible 48, infrared 48]
    decoded4 = features + 3,
    decoded3 = decoded4 + 2,  // in bfloat16 two planes of [16 channels, what rounding them lost], else one of 32
    decoded2 = decoded3 + 2,
    fusion_planes = decoded2 + 1
};

inline constexpr int encoder_layers = 9, fusion_layer_count = 2 * encoder_layers + 4;

// rests: the layers whose rounding harms the most keep what it loses (docs/performance.md).
constexpr std::array<RowLayer, fusion_layer_count> make_fusion_layers(bool rests) {
    std::array<RowLayer, fusion_layer_count> layers{};
    std::size_t next = 0;
    for (int encoder = 0; encoder < 2; ++encoder) {
        const int p = encoder * encoder_planes;
        using enum RowKind;
        const int x1 = 2 * (p + dense1), end = 2 * (p + dense1_end);  // halves
        // A block's 1x1 kernels, over [x, y1, y2] and over the magnitude, are one matrix product.
        layers[next++] = {stem, 0, encoder, 1, x1, 1, 0.2, 2 * (p + stem_alone)};
        layers[next++] = {conv3x3, 1, p + stem_alone, 1, x1 + 1, 1, 0.2};
        layers[next++] = {conv3x3, 2, p + dense1, 1, end, 1, 0.2};
        layers[next++] = {sobel, 2, p + dense1, 1, end + 1, 1, 1};
        layers[next++] = {conv1x1, 2, p + dense1, 2, 2 * (p + x2), 2, 0.1};
        layers[next++] = {conv3x3, 3, p + x2, 1, 2 * (p + dense2_y1), 2, 0.2};
        layers[next++] = {conv3x3, 4, p + x2, 2, 2 * (p + dense2_y2), 2, 0.2};
        layers[next++] = {sobel, 4, p + x2, 1, 2 * (p + dense2_gradient), 2, 1};
        layers[next++] = {conv1x1, 4, p + x2, 4, 2 * features + 3 * encoder, 3, 0.1};
    }
    layers[next++] = {RowKind::conv3x3, 5, features, 3, 2 * decoded4, 4, 0.2};
    layers[next++] = {RowKind::conv3x3, 6, decoded4, 2, 2 * decoded3, 2, 0.2, -1, rests};
    layers[next++] = {RowKind::conv3x3, 7, decoded3, rests ? 2 : 1, 2 * decoded2, 1, 0.2, -1, rests};
    layers[next++] = {RowKind::last, 8, decoded2, 1, 0, 0, 1};
    return layers;
}

// T: float, or std::uint16_t for bfloat16.
template <class T>
inline constexpr std::array<RowLayer, fusion_layer_count> fusion_layers = make_fusion_layers(sizeof(T) == 2);
template <class T>
inline constexpr RowPlan<fusion_planes> fusion_plan{fusion_layers<T>};

// What a layer computes with: pointers to row-major weights. Of a 1x1 layer: `weight` [K, 3C] over [x, y1, y2] and
// `second` [K, C] over the gradient magnitude, each with its bias; of Sobel: the filters [C, 1, 3, 3] of both
// directions.
struct LayerWeights {
    const float *weight, *bias, *second, *second_bias;
    int outputs, channels;  // of `weight`
};

}  // namespace fathom::inline v0::seafusion::detail
