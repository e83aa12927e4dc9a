// The nine classes of MSRS labels, their names and the colors in which label images are shown.
#pragma once

#include <array>
#include <cstdint>

#include "fathom/core/config.hpp"
#include "fathom/data/contact_sheet.hpp"
#include "fathom/tensor/tensor.hpp"

namespace fathom::inline v0::data {

inline constexpr std::int64_t class_count = 9;
inline constexpr std::uint8_t ignored_label = 255;  // a pixel whose class nobody was sure of

inline constexpr std::array<const char*, 9> class_names = {"background", "car",       "person",     "bike", "curve",
                                                           "car stop",   "guardrail", "color cone", "bump"};

inline constexpr std::array<std::array<std::uint8_t, 3>, 9> class_colors = {{{0, 0, 0},
                                                                             {64, 0, 128},
                                                                             {64, 64, 0},
                                                                             {0, 128, 192},
                                                                             {0, 0, 192},
                                                                             {128, 128, 0},
                                                                             {64, 64, 128},
                                                                             {192, 128, 128},
                                                                             {192, 64, 0}}};

// Labels [H, W] as a picture [H, W, 3]; ignored pixels are white. Throws on any other value, naming the pixel.
Tensor<std::uint8_t> color_labels(const Tensor<std::uint8_t>& label, Where site = Where::here());

// The classes with those colors, for ContactSheet::add_legend.
std::vector<LegendEntry> class_legend();

}  // namespace fathom::inline v0::data

#ifndef FATHOM_COMPILED
#include "fathom/data/classes.inl.hpp"
#endif
