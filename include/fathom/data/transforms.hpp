// What training does to a sample before a net sees it: color jitter, mirroring, scaling, a random crop. All of it is
// drawn first, from numbers that belong to the sample's place in the run; then the crop's pixels are computed straight
// from the sample's, whatever lies outside it left alone. Next: pair_loader.hpp.
#pragma once

#include <array>
#include <cstdint>

#include "fathom/core/random.hpp"
#include "fathom/data/dataset.hpp"

namespace fathom::inline v0::data {

// The fusion net is trained with `flip` alone or with nothing, the segmentation net with all three (Tang, Yuan and Ma,
// Information Fusion 82, 2022, and its code).
struct TransformOptions {
    // Of the visible image only, in this order, each factor f uniform in [0.5, 1.5] and each result clamped to [0, 1]:
    // brightness f x; contrast f x + (1 - f) m, m the mean luminance of the whole image; saturation f x + (1 - f) y,
    // y the pixel's luminance.
    bool jitter = false;
    // Mirrored left to right, half of the time.
    bool flip = true;
    // By a factor of scale_factors; an image smaller than the crop is enlarged until the crop fits, keeping its aspect.
    // Without it such an image is an error.
    bool scale = false;
};

inline constexpr std::array<double, 6> scale_factors = {0.75, 1, 1.25, 1.5, 1.75, 2};

// A sample's numbers: the stream's first so many.
inline constexpr std::uint64_t draws_per_sample = 8;

// What was drawn.
struct Transform {
    bool jitter = false;
    double brightness = 1, contrast = 1, saturation = 1;
    bool mirrored = false;
    std::int64_t scaled_height = 0, scaled_width = 0;       // of the whole image after mirroring and scaling
    std::int64_t top = 0, left = 0, height = 0, width = 0;  // of the crop in that image
};

// For crops of height x width; both 0: the whole image. Throws Error if the crop does not fit.
Transform draw_transform(const Sample& sample, const TransformOptions& options, std::int64_t height, std::int64_t width,
                         RandomStream stream, Where site = Where::here());

// Where the crop is to be written, row-major; null for what is not wanted.
struct CropTargets {
    float* visible = nullptr;       // [3, h, w], RGB in [0, 1]
    float* luminance = nullptr;     // [h, w], of the above: core/luminance.hpp
    float* chroma = nullptr;        // [2, h, w], Cr and Cb of the above
    float* infrared = nullptr;      // [h, w], in [0, 1]
    std::int64_t* label = nullptr;  // [h, w]
};

// Images are interpolated between the four nearest pixels, labels take the nearest; pixels are squares whose centres
// lie at half-integers, as in PyTorch's interpolate with align_corners = false. Several steps of scaling are one: an
// image that is shrunk, and enlarged again for the crop, is sampled once.
void apply_transform(const Transform& transform, const Sample& sample, const CropTargets& targets,
                     Where site = Where::here());

}  // namespace fathom::inline v0::data

#ifndef FATHOM_COMPILED
#include "fathom/data/transforms.inl.hpp"
#endif
