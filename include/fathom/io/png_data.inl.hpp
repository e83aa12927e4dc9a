// Definitions of png_data.hpp. Sections are those of W3C REC-PNG.
#include "fathom/io/inflate.hpp"

namespace fathom::inline v0::io {

// Bytes of the filtered rows (2.3), of all seven passes if they are interlaced (2.6).
FATHOM_INLINE std::size_t png_row_bytes(std::size_t height, std::size_t width, std::size_t pixel_bits,
                                        bool interlaced) {
    struct Pass {
        std::size_t y, x, dy, dx;
    };
    constexpr Pass whole = {0, 0, 1, 1}, passes[] = {{0, 0, 8, 8}, {0, 4, 8, 8}, {4, 0, 8, 4}, {0, 2, 4, 4},
                                                     {2, 0, 4, 2}, {0, 1, 2, 2}, {1, 0, 2, 1}};
    const auto size = [&](const Pass& p) {
        const std::size_t rows = (height + p.dy - 1 - p.y) / p.dy, columns = (width + p.dx - 1 - p.x) / p.dx;
        return columns == 0 ? 0 : rows * (1 + (columns * pixel_bits + 7) / 8);
    };
    if (!interlaced) return size(whole);
    std::size_t all = 0;
    for (const Pass& pass : passes) all += size(pass);
    return all;
}

FATHOM_INLINE std::string plain_png(const std::string& file, std::string_view bytes, const ImageHeader& header) {
    const auto byte = [&](std::size_t at) { return std::size_t{static_cast<unsigned char>(bytes[at])}; };
    constexpr std::size_t first_chunk = 8, header_end = 33, color_at = 25;
    const std::size_t depth = byte(24), color = byte(color_at), interlace = byte(28);
    constexpr std::size_t samples[] = {1, 0, 3, 1, 2, 0, 4};  // of a pixel, by color type
    const bool indexed = color == 3;

    std::string compressed;
    for (std::size_t at = first_chunk; bytes.substr(at + 4, 4) != "IEND";) {
        const std::size_t size = byte(at) << 24 | byte(at + 1) << 16 | byte(at + 2) << 8 | byte(at + 3);
        if (bytes.substr(at + 4, 4) == "IDAT") compressed += bytes.substr(at + 8, size);
        at += 12 + size;
    }
    const auto height = static_cast<std::size_t>(header.orientation.height),
               width = static_cast<std::size_t>(header.orientation.width);
    const std::size_t needed = png_row_bytes(height, width, depth * samples[color], interlace == 1);
    // Some encoders write a little more than the rows, which harms nothing; but only at its end has the stream a
    // checksum.
    constexpr std::size_t slack = 1 << 16;
    const Inflated stream = inflate_zlib(file, "PNG", compressed, needed + slack);
    const std::string& rows = stream.data;
    if (rows.size() < needed || !stream.ended)
        fail_file(file, {"PNG of ", height, " x ", width, " pixels with ", rows.size(), " bytes of rows",
                         stream.ended ? "" : " or more", ", expected ", needed});

    std::string plain(bytes.substr(0, header_end));
    if (indexed) plain[color_at] = 0;
    const auto append = [&](std::size_t value, int count, bool little) {
        for (int i = 0; i < count; ++i)
            plain += static_cast<char>(static_cast<unsigned char>(value >> 8 * (little ? i : count - 1 - i)));
    };
    // A zlib stream of stored blocks. The checksums behind it are not looked at.
    constexpr std::size_t block = 65535;
    const std::size_t blocks = (needed + block - 1) / block;
    plain.reserve(plain.size() + needed + 5 * blocks + 64);
    append(2 + 5 * blocks + needed + 4, 4, false);
    plain += "IDAT\x78\x01";
    for (std::size_t at = 0; at < needed; at += block) {
        const std::size_t size = needed - at < block ? needed - at : block;
        append(at + size == needed, 1, true), append(size, 2, true), append(~size, 2, true);
        plain.append(rows, at, size);
    }
    append(0, 8, true);
    return plain.append("\0\0\0\0IEND\0\0\0\0", 12);
}

}  // namespace fathom::inline v0::io
