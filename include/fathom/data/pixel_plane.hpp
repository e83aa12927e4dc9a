// The samples of an image in memory, in 8 bits where these hold them exactly, otherwise in 16. Used by
// dataset.hpp.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "fathom/core/config.hpp"
#include "fathom/tensor/tensor.hpp"

namespace fathom::inline v0::data {

class PixelPlane {
public:
    PixelPlane() = default;
    explicit PixelPlane(std::vector<std::uint8_t> samples) : eight_(std::move(samples)) {}
    // From values that are x / 255 or x / 65535; others are rounded to the latter.
    explicit PixelPlane(const Tensor<float>& values);

    std::int64_t size() const { return static_cast<std::int64_t>(eight_.size() + sixteen_.size()); }
    // In [0, 1].
    float operator[](std::int64_t i) const {
        const auto at = static_cast<std::size_t>(i);
        return sixteen_.empty() ? static_cast<float>(eight_[at]) / 255 : static_cast<float>(sixteen_[at]) / 65535;
    }
    std::int64_t bytes() const { return static_cast<std::int64_t>(eight_.size() + 2 * sixteen_.size()); }

    // Samples as stored, of 255 or 65535; one of the two is empty.
    const std::vector<std::uint8_t>& eight() const { return eight_; }
    const std::vector<std::uint16_t>& sixteen() const { return sixteen_; }

private:
    std::vector<std::uint8_t> eight_;
    std::vector<std::uint16_t> sixteen_;
};

}  // namespace fathom::inline v0::data

#ifndef FATHOM_COMPILED
#include "fathom/data/pixel_plane.inl.hpp"
#endif
