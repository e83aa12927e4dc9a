// Decompresses deflate (RFC 1951) and zlib (RFC 1950), as PNG files and zip files written by others than PyTorch have
// it. Strict: what the formats do not allow is an error, and no byte of the output is one that the data did not give.
#pragma once

#include <cstdint>

#include "fathom/io/file.hpp"

namespace fathom::inline v0::io {

// Deflate gives at most 258 bytes for two bits: a stream of n bytes cannot become more than 1032 n.
inline constexpr std::uint64_t max_inflation = 1032;

struct Inflated {
    std::string data;
    std::size_t used = 0;  // bytes of the input
    bool ended = false;    // false: there is more than was asked for
};

// At most `most` bytes of what deflated `bytes` hold. Throws Error "FILE: WHAT: ...".
Inflated inflate(const std::string& file, const char* what, std::string_view bytes, std::size_t most);

// The same for a zlib stream, with its checksum verified if the stream ends within `most` bytes.
Inflated inflate_zlib(const std::string& file, const char* what, std::string_view bytes, std::size_t most);

}  // namespace fathom::inline v0::io

#ifndef FATHOM_COMPILED
#include "fathom/io/inflate.inl.hpp"
#endif
