// The zip container as PyTorch writes it (entries stored without compression, zip64 where sizes need it) and as other
// programs write it again (deflated, with something behind its end). Checksums are verified.
#pragma once

#include <cstdint>

#include "fathom/core/list.hpp"
#include "fathom/io/file.hpp"

namespace fathom::inline v0::io {

// CRC-32 as in zip and PNG. To continue, pass the result for what came before.
std::uint32_t crc32(std::string_view bytes, std::uint32_t before = 0);

struct ZipEntry {
    std::string_view name;     // these point into the file's bytes
    std::string_view content;  // as stored
    std::uint64_t offset;      // of the content, in the file
    std::uint32_t crc;         // of what it unpacks to
    std::uint64_t size;        // the same
    bool deflated = false;
};

bool is_zip(std::string_view bytes);

// The entries of the central directory in the order of their names. Checked: they lie in the file, do not overlap, are
// stored or deflated, and their names differ. As PyTorch does, passes over up to 64 KiB behind the end record.
detail::List<ZipEntry> read_zip(const std::string& file, std::string_view bytes);

// Null if there is none of that name. `entries` as from read_zip.
const ZipEntry* find_entry(const detail::List<ZipEntry>& entries, std::string_view name);

// The content, unpacked into `buffer` if it is deflated. Throws unless it has the size and the checksum that the
// directory says.
std::string_view unpacked(const std::string& file, const ZipEntry& entry, std::string& buffer);

}  // namespace fathom::inline v0::io

#ifndef FATHOM_COMPILED
#include "fathom/io/zip.inl.hpp"
#endif
