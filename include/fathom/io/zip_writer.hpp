// Writes a zip container, its entries stored without compression; with zip64's fields where sizes need them. Read by
// zip.hpp.
#pragma once

#include "fathom/io/zip.hpp"

namespace fathom::inline v0::io {

class ZipWriter {
public:
    // large: from which size or place on the 64-bit fields are used.
    explicit ZipWriter(AtomicWriter& writer, std::uint64_t large = 0xffffffff) : writer_(writer), large_(large) {}

    // The content is `head`, then `body`. Names, of less than 2^16 bytes, must differ; nobody checks that here.
    void add(std::string_view name, std::string_view head, std::string_view body);
    // The directory; the caller commits the file.
    void finish();

private:
    AtomicWriter& writer_;
    std::uint64_t large_, at_ = 0, count_ = 0;
    std::string directory_;
};

}  // namespace fathom::inline v0::io

#ifndef FATHOM_COMPILED
#include "fathom/io/zip_writer.inl.hpp"
#endif
