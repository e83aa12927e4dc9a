// Image files. Declared here; defined by image_stb.hpp, which one unit of a header-only program includes
// (fathom::compiled contains it). Pixels are [height, width, channels], row-major; channels are 1 (grey) or 3 (red,
// green, blue).
#pragma once

#include <string>

#include "fathom/tensor/tensor.hpp"

namespace fathom::inline v0::io {

// PNG, JPEG and BMP with 8 bits per channel. An alpha channel is dropped. A palette becomes color, or grey if all its
// entries are grey. A file with 16 bits per channel is refused: read_image_float reads it. Errors are `PATH: what`;
// checksums of PNG files are verified, a file cut short is refused, and so is one of more than 2^28 pixels.
Tensor<std::uint8_t> read_image(const std::string& path, Where site = Where::here());

// The same, but of a PNG file with a palette in colors the indices, [H, W, 1], which are what a label image means; a
// palette of grey entries gives their values, as above.
Tensor<std::uint8_t> read_image_indices(const std::string& path, Where site = Where::here());

// As read_image with values in [0, 1], from 8 bits (x / 255) and 16 bits (x / 65535) alike.
Tensor<float> read_image_float(const std::string& path, Where site = Where::here());

// Throws Error unless write_image knows the ending of the name: for what must fail before any work.
void check_image_ending(const std::string& path);

// Writes pixels [H, W, 1] or [H, W, 3] as PNG or JPEG (quality 95), as the name's ending says (.png, .jpg, .jpeg), in
// one step: an old file is replaced whole or not at all.
void write_image(const std::string& path, const Tensor<std::uint8_t>& pixels, Where site = Where::here());

}  // namespace fathom::inline v0::io
