// Files of boxes, a text for each image and a box in each line: what was labelled, and what a detector found.
// metrics/detection.hpp compares the two.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "fathom/metrics/detection.hpp"

namespace fathom::inline v0::data {

// Numbers with blanks between them; the class is a whole number.
enum class BoxFormat : std::uint8_t {
    yolo,    // `class cx cy w h`, behind it the score of what was found: centre and size as shares of the picture's
    pixels,  // `class x1 y1 x2 y2`, of what was found `class score x1 y1 x2 y2`: corners
};

struct BoxOptions {
    BoxFormat format = BoxFormat::yolo;
    std::int64_t classes = 1;
    std::int64_t height = 0, width = 0;  // of the picture, for BoxFormat::yolo
};

// Boxes in pixels, in the order of the file; an empty file is a picture without boxes. Throws Error, `PATH: line N:
// what`, on a line that is none, a class outside 0 to classes - 1, corners in the wrong order, and shares of the
// picture that are not from -1 to 2: then the file is in pixels.
std::vector<metrics::LabelledBox> read_boxes(const std::string& path, const BoxOptions& options,
                                             Where site = Where::here());
std::vector<metrics::PredictedBox> read_detections(const std::string& path, const BoxOptions& options,
                                                   Where site = Where::here());

// The same of bytes in memory; `file` is what errors begin with.
std::vector<metrics::LabelledBox> parse_boxes(const std::string& file, std::string_view bytes,
                                              const BoxOptions& options, Where site = Where::here());
std::vector<metrics::PredictedBox> parse_detections(const std::string& file, std::string_view bytes,
                                                    const BoxOptions& options, Where site = Where::here());

}  // namespace fathom::inline v0::data

#ifndef FATHOM_COMPILED
#include "fathom/data/boxes.inl.hpp"
#endif
