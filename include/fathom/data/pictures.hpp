// Images and labels as pictures of 8 bits, to be looked at: for files (io/image.hpp) and contact_sheet.hpp.
#pragma once

#include <span>

#include "fathom/core/config.hpp"
#include "fathom/data/classes.hpp"
#include "fathom/tensor/tensor.hpp"

namespace fathom::inline v0::data {

// An image [H, W, C] with values in [0, 1] as bytes: clamped and rounded. Throws where one is not finite, naming the
// place.
Tensor<std::uint8_t> image_bytes(const Tensor<float>& image, Where site = Where::here());

// Labels [H, W] as a picture [H, W, 3] in the colors of their classes; ignored pixels are white. Throws on any other
// value, naming the pixel.
Tensor<std::uint8_t> color_labels(const Tensor<std::uint8_t>& label, std::span<const Color> colors = class_colors,
                                  Where site = Where::here());

}  // namespace fathom::inline v0::data

#ifndef FATHOM_COMPILED
#include "fathom/data/pictures.inl.hpp"
#endif
