// PNG, JPEG and BMP files, as pictures and as labels.
#include "fathom/io/image_stb.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace {

// With the checksums of its chunks mended, so that a PNG file gets further than those.
std::string mended(std::string png) {
    constexpr std::size_t signature = 8;
    if (png.compare(0, 4, "\x89PNG") != 0) return png;
    const auto byte = [&](std::size_t at) { return std::size_t{static_cast<unsigned char>(png[at])}; };
    for (std::size_t at = signature; at + 12 <= png.size();) {
        const std::size_t size = byte(at) << 24 | byte(at + 1) << 16 | byte(at + 2) << 8 | byte(at + 3);
        if (size > png.size() - at - 12) break;
        const std::uint32_t crc = fathom::io::crc32(std::string_view(png).substr(at + 4, size + 4));
        for (std::size_t i = 0; i < 4; ++i) png[at + 8 + size + i] = static_cast<char>(crc >> 8 * (3 - i) & 255);
        at += 12 + size;
    }
    return png;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const fuzz::MemoryFile memory(mended({reinterpret_cast<const char*>(data), size}));
    const auto read = [&](auto&& reader) {
        fuzz::run(
            data, size, [&](const std::string& file, std::string_view) { reader(file); }, memory.path());
    };
    // The same file gives the same pixels, whatever lay in memory before.
    const auto twice = [&](auto&& reader) {
        read([&](const std::string& file) {
            const auto first = reader(file), second = reader(file);
            for (std::int64_t i = 0; i < first.numel(); ++i)
                if (first.data({})[i] != second.data({})[i]) std::abort();
        });
    };
    twice([](const std::string& file) { return fathom::io::read_image_float(file, {}); });
    read([](const std::string& file) { fathom::io::read_image(file, {}); });
    read([](const std::string& file) { fathom::io::read_image_indices(file, {}); });
    return 0;
}
