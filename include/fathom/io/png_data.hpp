// A PNG file for the decoder (stb_image) to read: the same pixels, decompressed and checked here, in as few and as
// plain chunks as the format allows. The decoder reads memory that nobody wrote where a compressed stream or a palette
// is broken; so it gets to see neither.
#pragma once

#include "fathom/io/image_header.hpp"

namespace fathom::inline v0::io {

// `bytes` are a PNG file that read_image_header has accepted. An image with a palette becomes a grey one of its
// indices. Throws Error "file: PNG ..." if the data are broken or fewer than the size needs.
std::string plain_png(const std::string& file, std::string_view bytes, const ImageHeader& header);

}  // namespace fathom::inline v0::io

#ifndef FATHOM_COMPILED
#include "fathom/io/png_data.inl.hpp"
#endif
