// The label of a pixel whose class nobody was sure of. The one place where it stands: losses leave such pixels out
// (ops/ohem.hpp), metrics do not count them, and data/ reads them from files.
#pragma once

#include <cstdint>

#include "fathom/core/config.hpp"

namespace fathom::inline v0 {

inline constexpr std::uint8_t ignored_label = 255;

}  // namespace fathom::inline v0
