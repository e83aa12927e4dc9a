// The segmentation net's inference in bfloat16: activations and weights of two bytes, sums in float, layer by layer
// (segmentation_layers.hpp) on tiles (kernels/tile_conv.hpp). Batch norms are folded into the convolutions, in double.
// Next: segmentation_frame.inl.hpp.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "fathom/core/allocator.hpp"
#include "fathom/core/refcount.hpp"
#include "fathom/seafusion/segmentation_layers.hpp"

namespace fathom::inline v0::seafusion::detail {

// A convolution and the batch norm behind it, row-major; without one, the norm's are null.
struct FoldableConv {
    int outputs, channels;
    const float* weight;  // [outputs, channels, taps, taps]
    const float *gamma, *beta, *mean, *variance;
    double eps;
};

// Sizes at 1/2^level, rounded up at each halving.
struct LevelSize {
    std::int64_t height, width;
    constexpr LevelSize half() const { return {(height + 1) / 2, (width + 1) / 2}; }
    constexpr LevelSize at(int level) const { return level == 0 ? *this : half().at(level - 1); }
};

// An image of color: elements from image to image, channel to channel, row to row, pixel to pixel.
struct ColorImages {
    const float* data;
    std::int64_t images, image, channel, row, pixel;
    LevelSize size;
};

class SegmentationFrame : public Refcounted {
public:
    // Those of segmentation_layers, attentions too.
    explicit SegmentationFrame(std::span<const FoldableConv> convs);

    const std::vector<double>& eps() const { return eps_; }  // that were folded in
    // A pixel of logits has so many numbers, of which the classes are the first.
    int logits_step() const { return logits_step_; }
    // logits[0], [1]: [images, height, width, logits_step] at 1/8 and 1/16 of the size. On any thread.
    void run(const ColorImages& x, float* const* logits) const;

    struct Packed {
        std::int64_t weights = 0, bias = 0;  // offsets in bytes
    };
    template <class T>
    const T* at(std::int64_t offset) const {
        return reinterpret_cast<const T*>(memory_.as<char>() + offset);
    }
    const Packed& layer(std::size_t index) const { return packed_[index]; }

private:
    static std::int64_t layout(std::span<const FoldableConv> convs, std::span<Packed> packed);

    std::vector<double> eps_;
    int logits_step_;
    std::array<Packed, segmentation_layer_count> packed_;
    Scratch memory_;
};

}  // namespace fathom::inline v0::seafusion::detail

#ifndef FATHOM_COMPILED
#include "fathom/seafusion/segmentation_frame.inl.hpp"
#endif
