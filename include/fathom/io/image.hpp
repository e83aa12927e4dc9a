// Image files. Declared here; defined by image_stb.hpp, which one unit of a header-only program includes (the linker
// names it if none does; fathom::compiled contains it). Pixels are [height, width, channels], row-major; channels are 1
// (grey) or 3 (red, green, blue).
#pragma once

#include <string>

#include "fathom/tensor/tensor.hpp"

namespace fathom::inline v0::io {

// PNG, JPEG and BMP with 8 bits per channel, turned and mirrored as an EXIF orientation in a JPEG or PNG file says:
// [H, W] is the image as viewers show it (ImageHeader says whether it was). An alpha channel is dropped. A palette
// becomes color, or grey if all its entries are grey. A file with 16 bits per channel is refused: read_image_float
// reads it. Errors are `PATH: what`; checksums of PNG files are verified; a file cut short is refused, and so is one of
// more than 2^28 pixels, one whose size its bytes cannot fill, and one with a pixel that is not in its palette.
Tensor<std::uint8_t> read_image(const std::string& path, Where site = Where::here());

// The same, but what a label image means, [H, W, 1], where that is not its colors: of a PNG or BMP file with a palette
// in colors the indices; of a grey PNG file with fewer than 8 bits the numbers in the file (0 to 3 of two bits); of any
// file with one bit 0 and 1. A palette of grey entries otherwise gives their values, as above.
Tensor<std::uint8_t> read_image_indices(const std::string& path, Where site = Where::here());

// As read_image with values in [0, 1], from 8 bits (x / 255) and 16 bits (x / 65535) alike.
Tensor<float> read_image_float(const std::string& path, Where site = Where::here());

// Throws Error unless write_image knows the ending of the name: for what must fail before any work.
void check_image_ending(const std::string& path);

// Writes pixels [H, W, 1] or [H, W, 3] as PNG or JPEG (quality 95), as the name's ending says (.png, .jpg, .jpeg), in
// one step: an old file is replaced whole or not at all.
void write_image(const std::string& path, const Tensor<std::uint8_t>& pixels, Where site = Where::here());

// The bytes of such a file: as PNG, or as JPEG of a quality from 1 to 100.
std::string encode_png(const Tensor<std::uint8_t>& pixels, Where site = Where::here());
std::string encode_jpeg(const Tensor<std::uint8_t>& pixels, int quality, Where site = Where::here());

#ifndef FATHOM_COMPILED
// What the linker says in a program without the definitions: undefined reference to what this is called.
namespace include_fathom_io_image_stb_hpp_in_one_unit {
Tensor<std::uint8_t> read_image(const std::string& path, Where site);
Tensor<std::uint8_t> read_image_indices(const std::string& path, Where site);
Tensor<float> read_image_float(const std::string& path, Where site);
void check_image_ending(const std::string& path);
void write_image(const std::string& path, const Tensor<std::uint8_t>& pixels, Where site);
std::string encode_png(const Tensor<std::uint8_t>& pixels, Where site);
std::string encode_jpeg(const Tensor<std::uint8_t>& pixels, int quality, Where site);
}  // namespace include_fathom_io_image_stb_hpp_in_one_unit

inline Tensor<std::uint8_t> read_image(const std::string& path, Where site) {
    return include_fathom_io_image_stb_hpp_in_one_unit::read_image(path, site);
}
inline Tensor<std::uint8_t> read_image_indices(const std::string& path, Where site) {
    return include_fathom_io_image_stb_hpp_in_one_unit::read_image_indices(path, site);
}
inline Tensor<float> read_image_float(const std::string& path, Where site) {
    return include_fathom_io_image_stb_hpp_in_one_unit::read_image_float(path, site);
}
inline void check_image_ending(const std::string& path) {
    include_fathom_io_image_stb_hpp_in_one_unit::check_image_ending(path);
}
inline void write_image(const std::string& path, const Tensor<std::uint8_t>& pixels, Where site) {
    include_fathom_io_image_stb_hpp_in_one_unit::write_image(path, pixels, site);
}
inline std::string encode_png(const Tensor<std::uint8_t>& pixels, Where site) {
    return include_fathom_io_image_stb_hpp_in_one_unit::encode_png(pixels, site);
}
inline std::string encode_jpeg(const Tensor<std::uint8_t>& pixels, int quality, Where site) {
    return include_fathom_io_image_stb_hpp_in_one_unit::encode_jpeg(pixels, quality, site);
}
#endif

}  // namespace fathom::inline v0::io
