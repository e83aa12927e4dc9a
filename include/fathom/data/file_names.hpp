// Names of files, which look the same and are not: "é" is one character where Linux and Windows wrote it, and "e" with
// an accent behind it where a Mac did. Used by pairs.hpp.
#pragma once

#include <string>
#include <string_view>

#include "fathom/core/config.hpp"

namespace fathom::inline v0::data {

// The name with every character decomposed and accents in one order (Unicode's NFD), for comparison. What is not UTF-8
// stays as it is.
std::string decomposed(std::string_view name);

}  // namespace fathom::inline v0::data

#ifndef FATHOM_COMPILED
#include "fathom/data/file_names.inl.hpp"
#endif
