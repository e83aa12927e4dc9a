#include "fathom/io/zip.hpp"
#include "tests/fuzz/fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    return fuzz::run(data, size, [](const std::string& file, std::string_view bytes) {
        for (fathom::io::ZipEntry entry : fathom::io::read_zip(file, bytes)) {
            std::string buffer;
            if (entry.crc == 0) entry.crc = fathom::io::crc32(entry.content);  // a way past the checksum
            fathom::io::unpacked(file, entry, buffer);
        }
    });
}
