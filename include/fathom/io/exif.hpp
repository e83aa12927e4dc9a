// How a camera was held, from the EXIF block of an image file. The only field that changes what a picture means.
#pragma once

#include <cstdint>
#include <string_view>

#include "fathom/core/config.hpp"

namespace fathom::inline v0::io {

// EXIF's orientation, 1 (as stored) to 8, of a TIFF block: what follows "Exif\0\0" in a JPEG file, PNG's eXIf chunk. 1
// where there is none or the block makes no sense, as viewers have it: cameras and editors write many that do not.
int exif_orientation(std::string_view tiff);

// Where a stored pixel is shown. Orientations 5 to 8 swap height and width.
struct Orientation {
    int code = 1;
    std::int64_t height = 0, width = 0;  // as stored

    bool swaps() const { return code >= 5; }
    // The number of the pixel, counted along rows of the shown image.
    std::int64_t shown(std::int64_t row, std::int64_t column) const {
        const std::int64_t up = height - 1 - row, left = width - 1 - column;
        switch (code) {
            case 2:
                return row * width + left;
            case 3:
                return up * width + left;
            case 4:
                return up * width + column;
            case 5:
                return column * height + row;
            case 6:
                return column * height + up;
            case 7:
                return left * height + up;
            case 8:
                return left * height + row;
            default:
                return row * width + column;
        }
    }
};

}  // namespace fathom::inline v0::io

#ifndef FATHOM_COMPILED
#include "fathom/io/exif.inl.hpp"
#endif
