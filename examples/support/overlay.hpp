// Pictures with classes laid over them.
#pragma once

#include <cmath>
#include <cstdint>
#include <span>

#include "fathom/data/pictures.hpp"
#include "fathom/ops/copy.hpp"
#include "fathom/ops/views.hpp"
#include "fathom/tensor/factories.hpp"

namespace program {

// A grey picture as three equal channels, as training has it.
inline fathom::Tensor<std::uint8_t> color(const fathom::Tensor<std::uint8_t>& image) {
    return fathom::contiguous(fathom::expand(image, {image.size(0), image.size(1), 3}));
}

// The picture with each class but the first, the background, in its color.
inline fathom::Tensor<std::uint8_t> overlaid(const fathom::Tensor<std::uint8_t>& picture,
                                             const fathom::Tensor<std::uint8_t>& labels,
                                             std::span<const fathom::data::Color> classes, double opacity) {
    const auto colors = fathom::data::color_labels(labels, classes);
    auto out = fathom::empty<std::uint8_t>(picture.shape());
    const std::uint8_t *from = picture.data(), *color = colors.data(), *label = labels.data();
    std::uint8_t* to = out.mutable_data();
    for (std::int64_t i = 0; i < picture.numel(); ++i) {
        const double share = label[i / 3] == 0 ? 0 : opacity;
        to[i] = static_cast<std::uint8_t>(std::lround((1 - share) * from[i] + share * color[i]));
    }
    return out;
}

}  // namespace program
