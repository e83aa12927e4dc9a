#include "fathom/io/image_header.hpp"
#include "tests/fuzz/fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    return fuzz::run(data, size, [](const std::string& file, std::string_view bytes) {
        const fathom::io::ImageHeader header = fathom::io::read_image_header(file, bytes);
        if (header.height < 1 || header.width < 1 || header.height * header.width > fathom::io::max_image_pixels)
            std::abort();
    });
}
