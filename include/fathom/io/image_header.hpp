// What an image file says of itself, read before anything is decoded: its size, and whether it is all there. The
// decoder (stb_image) checks neither PNG's checksums nor that JPEG and BMP data reach the end.
#pragma once

#include <cstdint>

#include "fathom/io/file.hpp"

namespace fathom::inline v0::io {

inline constexpr std::int64_t max_image_pixels = std::int64_t{1} << 28;

struct ImageHeader {
    std::int64_t height = 0, width = 0;
    int channels = 3;           // of the pixels to make: 1 or 3
    int bits = 8;               // per channel: 8 (or fewer) or 16
    bool grey_palette = false;  // decodes to three equal channels
};

// Throws Error "file: ..." for other formats, impossible sizes, broken structure and files cut short.
ImageHeader read_image_header(const std::string& file, std::string_view bytes);

}  // namespace fathom::inline v0::io

#ifndef FATHOM_COMPILED
#include "fathom/io/image_header.inl.hpp"
#endif
