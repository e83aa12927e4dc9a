// Files: a read-only mapping, and a writer that puts a whole new file in place of an old one or leaves the old one
// untouched. Every error of io/ is one line, `FILE: what, expected, got`. Next: safetensors.hpp, pth.hpp, image.hpp.
#pragma once

#include <string>
#include <string_view>

#include "fathom/core/error.hpp"

namespace fathom::inline v0::io {

// Throws Error "file: parts".
[[noreturn]] void fail_file(const std::string& file, Parts parts);
// The same with ", errno's text" behind it.
[[noreturn]] void fail_system(const std::string& file, const char* what, int error);

// A regular file's contents, mapped for reading. Another process must not shorten the file meanwhile.
class MappedFile {
public:
    explicit MappedFile(std::string path);
    MappedFile(const MappedFile&) = delete;
    MappedFile& operator=(const MappedFile&) = delete;
    ~MappedFile();

    const std::string& path() const { return path_; }
    std::string_view bytes() const { return {static_cast<const char*>(data_), size_}; }

private:
    std::string path_;
    void* data_ = nullptr;
    std::size_t size_ = 0;
};

// Writes to a temporary file in the same folder; commit() flushes it to the disk and renames it to `path`. Without
// commit(), or when anything fails, the temporary is removed and an old file stays as it was. A symbolic link is
// followed; what is no regular file is refused.
class AtomicWriter {
public:
    explicit AtomicWriter(std::string path);
    AtomicWriter(const AtomicWriter&) = delete;
    AtomicWriter& operator=(const AtomicWriter&) = delete;
    ~AtomicWriter();

    void write(const void* data, std::size_t bytes);
    void write(std::string_view text) { write(text.data(), text.size()); }
    // Flushes what was written to the disk, so that commit() only has to rename.
    void flush();
    void commit();

private:
    void close_and_remove();
    [[noreturn]] void fail_write(const char* what, int error);

    std::string path_, target_, folder_, temporary_;
    int descriptor_ = -1;
    bool flushed_ = false;
};

// Makes `path` another name of the file `existing`, in the place of what was there, so that the bytes are stored once.
// Neither may be written into afterwards, only replaced, as AtomicWriter does. False where that is not possible: on a
// file system without such names, across two of them, or where `path` is a link or no file.
bool link_file(const std::string& existing, const std::string& path);

// Removes the temporary files that AtomicWriters of killed processes left in a folder; those of living ones stay.
void remove_stale_temporaries(const std::string& folder);

}  // namespace fathom::inline v0::io

#ifndef FATHOM_COMPILED
#include "fathom/io/file.inl.hpp"
#endif
