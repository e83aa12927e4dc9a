// Decompresses gzip (RFC 1952), as files of data sets come.
#pragma once

#include "fathom/io/inflate.hpp"

namespace fathom::inline v0::io {

bool is_gzip(std::string_view bytes);

// At most `most` bytes of what the file's one member holds; its checksum and size are verified if it ends within them.
// Throws Error "FILE: gzip: ..."; bytes behind the member are refused.
Inflated inflate_gzip(const std::string& file, std::string_view bytes, std::size_t most);

}  // namespace fathom::inline v0::io

#ifndef FATHOM_COMPILED
#include "fathom/io/gzip.inl.hpp"
#endif
