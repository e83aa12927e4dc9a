// Goes through the coded data of a JPEG file as a decoder does, without making pixels. The decoder (stb_image) shows
// grey, or what was in its memory, where data are missing; this says so. Next: image_stb.hpp.
#pragma once

#include "fathom/io/file.hpp"

namespace fathom::inline v0::io {

// `bytes` are a JPEG file that read_image_header has accepted. Throws Error "file: JPEG ..." unless the data hold every
// block of every component, to the last bit in progressive files, with the restart markers that were announced and no
// word that the Huffman tables do not have. Files with more than 100 scans, or whose scans go over more than 100 blocks
// for each byte, are refused (encoders make 10 scans or so): time would grow as the square of the file's size.
void check_jpeg_scans(const std::string& file, std::string_view bytes);

}  // namespace fathom::inline v0::io

#ifndef FATHOM_COMPILED
#include "fathom/io/jpeg_scan.inl.hpp"
#endif
