// What the fuzz targets share. A reader may give a result, or throw Error with one line that begins with the file's name;
// anything else, a sanitizer's report above all, is a fault. `scripts/fuzz.sh` runs a target for hours.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "fathom/core/error.hpp"

namespace fuzz {

// `read` gets the file's name and its bytes.
template <class Read>
int run(const std::uint8_t* data, std::size_t size, Read&& read, const std::string& name = "file") {
    try {
        read(name, std::string_view(reinterpret_cast<const char*>(data), size));
    } catch (const fathom::Error& error) {
        const std::string text = error.what();
        if (!text.starts_with(name + ": ") || text.find('\n') != std::string::npos || text.size() > 4000) {
            std::fprintf(stderr, "an error of another form: %s\n", text.c_str());
            std::abort();
        }
    }
    return 0;
}

// A file in memory that can be opened by its path.
class MemoryFile {
public:
    explicit MemoryFile(std::string_view bytes) : descriptor_(::memfd_create("fuzz", 0)) {
        if (descriptor_ < 0 || ::write(descriptor_, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size()))
            std::abort();
    }
    MemoryFile(const MemoryFile&) = delete;
    MemoryFile& operator=(const MemoryFile&) = delete;
    ~MemoryFile() { ::close(descriptor_); }
    std::string path() const { return "/proc/self/fd/" + std::to_string(descriptor_); }

private:
    int descriptor_;
};

}  // namespace fuzz
