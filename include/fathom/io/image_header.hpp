// What an image file says of itself, read before anything is decoded: its size, and whether it is all there. The
// decoder (stb_image) checks neither PNG's checksums nor that JPEG and BMP data reach the end.
#pragma once

#include <cstdint>

#include "fathom/io/exif.hpp"
#include "fathom/io/file.hpp"

namespace fathom::inline v0::io {

inline constexpr std::int64_t max_image_pixels = std::int64_t{1} << 28;

struct ImageHeader {
    enum class Format : std::uint8_t { png, jpeg, bmp };

    std::int64_t height = 0, width = 0;  // as shown, which an orientation may swap
    Format format = Format::png;
    int channels = 3;           // of the pixels to make: 1 or 3
    int bits = 8;               // per channel: 8 (or fewer) or 16
    int depth = 8;              // bits in the file per sample, or per index into the palette
    std::string palette;        // 3 bytes per color; empty: there is none
    bool grey_palette = false;  // of greys alone
    std::size_t data = 0;       // where the pixels of a BMP file begin
    bool top_down = false;      // its first row is the topmost
    Orientation orientation;    // how EXIF says that the stored pixels are shown
};

// Throws Error "file: ..." for other formats, impossible sizes, broken structure and files cut short.
ImageHeader read_image_header(const std::string& file, std::string_view bytes);

}  // namespace fathom::inline v0::io

#ifndef FATHOM_COMPILED
#include "fathom/io/image_header.inl.hpp"
#endif
