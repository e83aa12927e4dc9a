// The segmentation net's layers (segmentation_net.hpp) in eval() as data for segmentation_frame.hpp: which planes of
// which maps each reads and writes.
#pragma once

#include <array>

#include "fathom/kernels/tile_conv.hpp"

namespace fathom::inline v0::seafusion::detail {

// Maps of features at 1/2^level of the image's size, rounded up at each halving. What is read by a 3x3 kernel has
// zeros around it.
enum SegmentationMap {
    // A stage's result, and what is between a block's convolutions.
    x4,
    t4,
    x8,
    t8,
    x16,
    t16,
    x32,
    t32,
    // What attention refines.
    arm32,
    arm16,
    arm8,
    // [coarser 128, attended 128]
    joined16,
    joined8,
    up8,
    segmentation_maps,
    // Those that nobody reads any more hold later ones.
    attended16_up8 = t8,
    gated16 = x8,
    head8 = t8,
    attended32_up16 = t16,
    head16 = x16,
    merged16 = arm16,
    merged8 = arm8,
    attended32_up8 = up8,
    fused8 = up8,
};
struct MapShape {
    int level, planes;
    bool border;
};
inline constexpr MapShape map_shapes[segmentation_maps] = {
    {2, 2, true},  {2, 2, true},  {3, 4, true},  {3, 4, true},  {4, 8, true}, {4, 8, true},  {5, 16, true},
    {5, 16, true}, {5, 4, false}, {4, 4, false}, {3, 4, false}, {4, 8, true}, {3, 8, false}, {3, 4, true}};

// Some of a map's planes.
struct Planes {
    SegmentationMap map;
    int first = 0;
};

// Layers of one step run beside each other; those that are chained, one after the other on the same rows.
enum class Turn { next, beside, chained };
enum class SegmentationKind { stem, borders, conv, classes, resize, attention };

struct SegmentationLayer {
    Turn turn;
    SegmentationKind kind;
    Planes in, out;
    int channels, outputs;
    int taps = 1, stride = 1;
    double slope = 1;  // of the leaky ReLU
    kernels::TileEpilogue epilogue = kernels::TileEpilogue::activate;
    SegmentationMap other = x4;  // of the epilogue
    int index = 0;               // of classes: which logits; of attention; of resize: whose factors, or -1
};

inline constexpr int stem_outputs = 64, attended_channels = 128, attentions = 3, segmentation_layer_count = 44;

constexpr std::array<SegmentationLayer, segmentation_layer_count> make_segmentation_layers() {
    using enum Turn;
    using kernels::TileEpilogue;
    constexpr double relu = 0, leaky = 0.01, none = 1;
    std::array<SegmentationLayer, segmentation_layer_count> layers{};
    std::size_t count = 0;
    const auto conv = [&](Turn turn, int taps, Planes in, int channels, Planes out, int outputs, double slope,
                          int stride = 1, TileEpilogue epilogue = TileEpilogue::activate, SegmentationMap other = x4) {
        layers[count++] = {turn, SegmentationKind::conv, in, out, channels, outputs, taps, stride, slope, epilogue,
                           other};
    };
    const auto classes = [&](Turn turn, Planes in, int channels, int index) {
        layers[count++] = {turn, SegmentationKind::classes, in, in,   channels, 0, 1, 1,
                           none, TileEpilogue::numbers,     x4, index};
    };
    const auto resize = [&](Turn turn, Planes in, Planes out, int attention) {
        layers[count++] = {turn, SegmentationKind::resize, in, out,      128, 128, 1, 1,
                           none, TileEpilogue::activate,   x4, attention};
    };
    // The stem with the pooling behind it; zeros around the maps.
    layers[count++] = {next, SegmentationKind::stem, {x4}, {x4}, 3, stem_outputs};
    layers[count++] = {beside, SegmentationKind::borders, {x4}, {x4}, 0, 0};
    // ResNet-18 behind its stem. A block's result takes the place of its input.
    const SegmentationMap x[] = {x4, x8, x16, x32}, t[] = {t4, t8, t16, t32};
    for (int stage = 0; stage < 4; ++stage) {
        const int n = 64 << stage;
        for (int block = 0; block < 2; ++block) {
            const bool halves = stage > 0 && block == 0;
            const SegmentationMap from = halves ? x[stage - 1] : x[stage];
            const int channels = halves ? n / 2 : n;
            if (halves) conv(next, 1, {from}, channels, {x[stage]}, n, none, 2);
            conv(halves ? beside : next, 3, {from}, channels, {t[stage]}, n, relu, halves ? 2 : 1);
            conv(next, 3, {t[stage]}, n, {x[stage]}, n, relu, 1, TileEpilogue::add, x[stage]);
        }
    }
    // Attention refinement.
    conv(next, 3, {x32}, 512, {arm32}, 128, leaky);
    conv(beside, 3, {x16}, 256, {arm16}, 128, leaky);
    conv(beside, 3, {x8}, 128, {arm8}, 128, leaky);
    const SegmentationMap arms[] = {arm32, arm16, arm8};
    for (int i = 0; i < attentions; ++i)
        layers[count++] = {i == 0 ? next : beside,
                           SegmentationKind::attention,
                           {arms[i]},
                           {arms[i]},
                           128,
                           128,
                           1,
                           1,
                           none,
                           TileEpilogue::activate,
                           x4,
                           i};
    resize(next, {arm32}, {attended32_up16}, 0);
    resize(beside, {arm32}, {attended32_up8}, 0);
    resize(beside, {arm16}, {joined16, 4}, 1);
    resize(beside, {arm16}, {attended16_up8}, 1);
    resize(beside, {arm8}, {joined8, 4}, 2);
    // The decoder.
    conv(next, 3, {attended32_up16}, 128, {joined16}, 128, leaky);  // conv_head32
    conv(chained, 1, {joined16}, 256, {merged16}, 128, leaky);      // sp16
    conv(beside, 3, {attended16_up8}, 128, {joined8}, 128, leaky);  // conv_head16
    conv(chained, 1, {joined8}, 256, {merged8}, 128, leaky);        // sp8
    conv(beside, 3, {joined16, 4}, 128, {head16}, 64, leaky);       // conv_out16
    classes(chained, {head16}, 64, 1);
    resize(next, {merged16}, {gated16}, -1);
    conv(chained, 1, {attended32_up8}, 128, {gated16}, 128, none, 1, TileEpilogue::gate, gated16);  // conv_fuse1
    conv(chained, 1, {gated16}, 128, {merged8}, 128, none, 1, TileEpilogue::gate, merged8);         // conv_fuse2
    conv(chained, 1, {merged8}, 128, {fused8}, 128, leaky);                                         // conv_fuse
    conv(next, 3, {fused8}, 128, {head8}, 128, leaky);                                              // conv_out
    classes(chained, {head8}, 128, 0);
    return count == layers.size() ? layers : throw count;  // at compile time
}

inline constexpr auto segmentation_layers = make_segmentation_layers();

}  // namespace fathom::inline v0::seafusion::detail
