// The nine classes of MSRS labels, beside ignored_label: their names and their colors. Nothing is drawn here; see
// pictures.hpp for that.
#pragma once

#include <array>
#include <cstdint>

#include "fathom/core/ignored_label.hpp"

namespace fathom::inline v0::data {

inline constexpr std::int64_t class_count = 9;

inline constexpr std::array<const char*, class_count> class_names = {
    "background", "car", "person", "bike", "curve", "car stop", "guardrail", "color cone", "bump"};

// Red, green, blue.
inline constexpr std::array<std::array<std::uint8_t, 3>, class_count> class_colors = {{{0, 0, 0},
                                                                                       {64, 0, 128},
                                                                                       {64, 64, 0},
                                                                                       {0, 128, 192},
                                                                                       {0, 0, 192},
                                                                                       {128, 128, 0},
                                                                                       {64, 64, 128},
                                                                                       {192, 128, 128},
                                                                                       {192, 64, 0}}};

}  // namespace fathom::inline v0::data
