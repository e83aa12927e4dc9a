// Whether a fused image keeps what the infrared one shows: people, whose warmth training can lose. Next: detection.hpp
// (what a detector makes of the image).
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "fathom/metrics/detection.hpp"
#include "fathom/tensor/tensor.hpp"

namespace fathom::inline v0::metrics {

// The mean luminance of the fused image on the pixels of a mask, divided by that of the infrared image there: 1 where
// the fused image is as bright as the infrared one, 0 where it is black. Images are [H, W], [H, W, 1] or [H, W, 3] with
// red, green and blue, masks [H, W], not 0 where a pixel counts. Undefined (nullopt) without such a pixel, and where
// the infrared image is black on all of them.
std::optional<double> retention(const Tensor<std::uint8_t>& infrared, const Tensor<std::uint8_t>& fused,
                                const Tensor<std::uint8_t>& mask, Where site = Where::here());

// The same over the pixels of any number of images.
class Retention {
public:
    void add(const Tensor<std::uint8_t>& infrared, const Tensor<std::uint8_t>& fused, const Tensor<std::uint8_t>& mask,
             Where site = Where::here());
    // What another one has counted.
    void add(const Retention& other) {
        infrared_ += other.infrared_, fused_ += other.fused_;
        pixels_ += other.pixels_;
    }
    std::int64_t pixels() const { return pixels_; }
    std::optional<double> value() const;

    // Below this a fused image loses what the infrared one shows.
    static constexpr double least = 0.8;

private:
    double infrared_ = 0, fused_ = 0;
    std::int64_t pixels_ = 0;
};

// Masks: the pixels of labels [H, W] that are of class c; those whose centres are in a box.
Tensor<std::uint8_t> class_mask(const Tensor<std::uint8_t>& label, std::int64_t c, Where site = Where::here());
Tensor<std::uint8_t> box_mask(std::int64_t height, std::int64_t width, std::span<const Box> boxes,
                              Where site = Where::here());

}  // namespace fathom::inline v0::metrics

#ifndef FATHOM_COMPILED
#include "fathom/metrics/retention.inl.hpp"
#endif
