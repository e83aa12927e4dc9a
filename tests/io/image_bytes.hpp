// Image files made byte by byte, so that the tests can make wrong ones too.
#pragma once

#include "fathom/io/zip.hpp"
#include "tests/io/support.hpp"

namespace io_test {

inline std::string big(std::uint32_t v) {
    return {static_cast<char>(v >> 24), static_cast<char>(v >> 16 & 255), static_cast<char>(v >> 8 & 255),
            static_cast<char>(v & 255)};
}
inline std::string big16(std::size_t v) { return big(static_cast<std::uint32_t>(v)).substr(2); }

inline std::string chunk(const std::string& type, const std::string& data) {
    return big(static_cast<std::uint32_t>(data.size())) + type + data + big(fathom::io::crc32(type + data));
}
inline std::string png_header(std::uint32_t w, std::uint32_t h, char depth = 8, char color = 2) {
    return "\x89PNG\r\n\x1a\n" + chunk("IHDR", big(w) + big(h) + depth + color + std::string(3, '\0'));
}

// A zlib stream of one stored block.
inline std::string stored_zlib(const std::string& data) {
    std::uint32_t a = 1, b = 0;
    for (const char c : data) a = (a + static_cast<unsigned char>(c)) % 65521, b = (b + a) % 65521;
    const auto size = static_cast<std::uint16_t>(data.size());
    return "\x78\x01\x01" + le(size) + le(static_cast<std::uint16_t>(~size)) + data + big(b << 16 | a);
}

// `rows`: each row behind its filter byte.
inline std::string make_png(const std::string& header, const std::string& chunks, const std::string& rows) {
    return header + chunks + chunk("IDAT", stored_zlib(rows)) + chunk("IEND", "");
}

// An uncompressed BMP file with a palette of blue, green, red, 0; `rows` bottom up, padded to 4 bytes each.
inline std::string make_bmp(std::int32_t w, std::int32_t h, std::uint16_t bits, const std::string& palette,
                            const std::string& rows, std::uint32_t colors_used = 0) {
    const auto data = static_cast<std::uint32_t>(54 + palette.size());
    return "BM" + le(static_cast<std::uint32_t>(data + rows.size())) + le(std::uint32_t{0}) + le(data) +
           le(std::uint32_t{40}) + le(w) + le(h) + le(std::uint16_t{1}) + le(bits) + le(std::uint32_t{0}) +
           le(std::uint32_t{0}) + le(std::uint32_t{0}) + le(std::uint32_t{0}) + le(colors_used) + le(std::uint32_t{0}) +
           palette + rows;
}

// An EXIF block that says nothing but this orientation.
inline std::string exif(std::uint16_t orientation, bool little = true) {
    const auto number = [&](auto value) {
        std::string bytes = le(value);
        return little ? bytes : std::string(bytes.rbegin(), bytes.rend());
    };
    return (little ? "II" : "MM") + number(std::uint16_t{42}) + number(std::uint32_t{8}) + number(std::uint16_t{2}) +
           number(std::uint16_t{0x010f}) + number(std::uint16_t{2}) + number(std::uint32_t{2}) +
           std::string("x\0\0\0", 4) + number(std::uint16_t{0x0112}) + number(std::uint16_t{3}) +
           number(std::uint32_t{1}) + number(orientation) + std::string(2, '\0') + number(std::uint32_t{0});
}
// A JPEG file with that block behind its first marker.
inline std::string with_exif(std::string jpeg, const std::string& block) {
    return jpeg.insert(2, "\xff\xe1" + big16(block.size() + 8) + std::string("Exif\0\0", 6) + block);
}

}  // namespace io_test
