// Synthetic street scenes for training without data: a visible image, the infrared image of the same view, and the
// label of every pixel, by day or by night. One seed gives the same bytes on every machine and thread. Included by
// name: fathom.hpp leaves this folder out. Next: compose.inl.hpp (what stands where).
#pragma once

#include <cstdint>

#include "fathom/core/config.hpp"
#include "fathom/core/where.hpp"
#include "fathom/tensor/tensor.hpp"

namespace fathom::inline v0::data {

enum class TimeOfDay : std::uint8_t { automatic, day, night };  // automatic: the seed decides, both equally often

struct SceneOptions {
    std::int64_t height = 480;
    std::int64_t width = 640;
    TimeOfDay time = TimeOfDay::automatic;
};

struct SyntheticScene {
    Tensor<std::uint8_t> visible;   // [H, W, 3], RGB
    Tensor<std::uint8_t> infrared;  // [H, W]
    Tensor<std::uint8_t> label;     // [H, W], the classes 0 to 8 of MSRS; no pixel is left out
    bool night = false;
};

// At least 32 x 32 and at most 2^24 pixels; throws Error otherwise. A seed shows about the same street at any size of
// one aspect.
SyntheticScene make_scene(std::uint64_t seed, const SceneOptions& options = {}, Where site = Where::here());

}  // namespace fathom::inline v0::data

#ifndef FATHOM_COMPILED
#include "fathom/data/scene/synthetic.inl.hpp"
#endif
