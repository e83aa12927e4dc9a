// Text from files: is it UTF-8, and how it stands in a message or in JSON.
#pragma once

#include <string>
#include <string_view>

#include "fathom/core/config.hpp"

namespace fathom::inline v0::io {

// Whether the text is valid UTF-8 (no overlong forms, no surrogates).
bool is_utf8(std::string_view text);
// The text as a JSON string, quotes included. The text must be UTF-8.
std::string json_quoted(std::string_view text);
// Any bytes for a message: quoted, on one line, not UTF-8 as \xNN, shortened beyond 100 bytes.
// Call it as io::quoted: with <iomanip> in the unit, an unqualified call with a std::string finds std::quoted.
std::string quoted(std::string_view text);

}  // namespace fathom::inline v0::io

#ifndef FATHOM_COMPILED
#include "fathom/io/text.inl.hpp"
#endif
