// Definitions of image_header.hpp. PNG: W3C REC-PNG, section 5. JPEG: ITU-T T.81, annex B. BMP: Microsoft's
// BITMAPINFOHEADER.
#include <algorithm>
#include <utility>

#include "fathom/io/inflate.hpp"
#include "fathom/io/text.hpp"
#include "fathom/io/zip.hpp"

namespace fathom::inline v0::io {

// Fields of a file, bounds-checked.
struct ImageFields {
    const std::string& file;
    std::string_view bytes;

    // Throws unless `size` bytes stand at `at`.
    void need(std::size_t at, std::size_t size, const char* what) const {
        if (at > bytes.size() || bytes.size() - at < size)
            fail_file(file, {"truncated: ", what, " at byte ", at, " needs ", size, " bytes, the file ends at byte ",
                             bytes.size()});
    }
    unsigned byte(std::size_t at) const { return static_cast<unsigned char>(bytes[at]); }
    unsigned u8(std::size_t at, const char* what) const { return need(at, 1, what), byte(at); }
    unsigned big16(std::size_t at, const char* what) const { return need(at, 2, what), byte(at) << 8 | byte(at + 1); }
    unsigned big32(std::size_t at, const char* what) const { return big16(at, what) << 16 | big16(at + 2, what); }
    unsigned little16(std::size_t at, const char* what) const {
        return need(at, 2, what), byte(at + 1) << 8 | byte(at);
    }
    unsigned little32(std::size_t at, const char* what) const {
        return little16(at + 2, what) << 16 | little16(at, what);
    }
};

FATHOM_INLINE void check_image_size(const ImageFields& in, const ImageHeader& image) {
    constexpr std::int64_t side = 1 << 24;
    if (image.width < 1 || image.height < 1)
        fail_file(in.file, {"image of ", image.height, " x ", image.width, " pixels"});
    if (image.width > side || image.height > side || image.width * image.height > max_image_pixels)
        fail_file(in.file, {"image of ", image.height, " x ", image.width, " pixels, expected at most 2^28"});
}

FATHOM_INLINE void set_palette(ImageHeader& image, std::string colors) {
    bool grey = true;
    for (std::size_t i = 0; i + 2 < colors.size(); i += 3)
        grey = grey && colors[i] == colors[i + 1] && colors[i] == colors[i + 2];
    image.palette = std::move(colors);
    image.grey_palette = grey;
    image.channels = grey ? 1 : 3;
}

// 11.2.2 of the PNG specification.
FATHOM_INLINE void check_png_kind(const ImageFields& in, unsigned depth, unsigned color) {
    const bool known = color == 0 || color == 2 || color == 3 || color == 4 || color == 6;
    const bool deep = depth == 8 || (depth == 16 && color != 3);
    const bool shallow = (color == 0 || color == 3) && (depth == 1 || depth == 2 || depth == 4);
    if (!known || !(deep || shallow))
        fail_file(in.file,
                  {"PNG of color type ", color, " with ", depth, " bits per sample, which the format does not have"});
    if (in.byte(26) != 0 || in.byte(27) != 0 || in.byte(28) > 1)
        fail_file(in.file, {"PNG with compression ", in.byte(26), ", filter ", in.byte(27), ", interlace ", in.byte(28),
                            ", expected 0, 0 and 0 or 1"});
}

FATHOM_INLINE ImageHeader read_png_header(const ImageFields& in) {
    ImageHeader image;
    std::int64_t compressed = 0, raw_bits = 0;
    bool ended = false;
    for (std::size_t at = 8; !ended;) {
        const std::size_t size = in.big32(at, "PNG chunk");
        in.need(at + 4, 4, "PNG chunk");
        const std::string_view type = in.bytes.substr(at + 4, 4);
        const std::string name = io::quoted(type);
        if (size > 0x7fffffff)
            fail_file(in.file, {"PNG chunk ", name, " at byte ", at, " has the impossible size ", size});
        in.need(at + 8, size + 4, "PNG chunk");
        if (const unsigned crc = crc32(in.bytes.substr(at + 4, size + 4)); crc != in.big32(at + 8 + size, ""))
            fail_file(in.file, {"PNG chunk ", name, " at byte ", at, " has checksum ", crc, ", expected ",
                                in.big32(at + 8 + size, "")});
        if ((at == 8) != (type == "IHDR"))
            fail_file(in.file, {"PNG chunk ", name, " at byte ", at, ", expected one IHDR, first"});
        const std::string_view data = in.bytes.substr(at + 8, size);
        if (type == "IHDR") {
            if (size != 13) fail_file(in.file, {"PNG header of ", size, " bytes, expected 13"});
            image.width = in.big32(16, "");
            image.height = in.big32(20, "");
            const unsigned depth = in.byte(24), color = in.byte(25);
            check_png_kind(in, depth, color);
            image.bits = depth == 16 ? 16 : 8;
            image.depth = static_cast<int>(depth);
            image.channels = color == 0 || color == 4 ? 1 : 3;
            check_image_size(in, image);
            constexpr int samples[] = {1, 0, 3, 1, 2, 0, 4};
            raw_bits = image.width * image.height * static_cast<std::int64_t>(depth) * samples[color];
        } else if (type == "PLTE" && in.byte(25) == 3) {
            if (size < 3 || size > 768 || size % 3 != 0 || !image.palette.empty())
                fail_file(in.file,
                          {"PNG palette of ", size, " bytes at byte ", at, ", expected one of 3 to 768, by threes"});
            set_palette(image, std::string(data));
        } else if (type == "eXIf") {
            image.orientation.code = exif_orientation(data);
        } else if (type == "IDAT") {
            compressed += static_cast<std::int64_t>(size);
        }
        ended = type == "IEND";
        at += 12 + size;
    }
    // A small file does not get to claim a large image.
    if (raw_bits / 8 > static_cast<std::int64_t>(max_inflation) * (compressed + 1))
        fail_file(in.file,
                  {"PNG of ", image.height, " x ", image.width, " pixels with only ", compressed, " bytes of data"});
    if (in.byte(25) == 3 && image.palette.empty()) fail_file(in.file, {"PNG of indices without their palette"});
    return image;
}

// Huffman tables with more than 256 codes would run past the decoder's arrays.
FATHOM_INLINE void check_jpeg_tables(const ImageFields& in, std::size_t at, std::size_t end) {
    while (at < end) {
        in.need(at, 17, "JPEG Huffman table");
        std::size_t codes = 0;
        for (std::size_t i = 1; i <= 16; ++i) codes += in.byte(at + i);
        if (codes > 256 || 17 + codes > end - at)
            fail_file(in.file, {"JPEG Huffman table of ", codes, " codes at byte ", at, " does not fit its segment"});
        at += 17 + codes;
    }
}

// Steps from marker to marker to the end of the image; thumbnails inside segments are not seen.
FATHOM_INLINE ImageHeader read_jpeg_header(const ImageFields& in) {
    ImageHeader image;
    image.format = ImageHeader::Format::jpeg;
    for (std::size_t at = 2;;) {
        in.need(at, 2, "JPEG marker");
        if (in.byte(at) != 0xff)
            fail_file(in.file, {"JPEG: expected a marker at byte ", at, ", got byte ", in.byte(at)});
        const unsigned marker = in.byte(at + 1);
        if (marker == 0xff) {  // fill
            ++at;
            continue;
        }
        if (marker == 0xd9) break;
        if (marker == 0x01 || (marker >= 0xd0 && marker <= 0xd8)) {
            at += 2;
            continue;
        }
        const std::size_t size = in.big16(at + 2, "JPEG segment");
        if (size < 2) fail_file(in.file, {"JPEG segment at byte ", at, " has the impossible size ", size});
        in.need(at + 2, size, "JPEG segment");
        const bool frame = marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
        if (frame) {
            if (image.width) fail_file(in.file, {"JPEG: a second frame at byte ", at});
            in.need(at + 4, 6, "JPEG frame");
            if (in.byte(at + 4) != 8)
                fail_file(in.file, {"JPEG with ", in.byte(at + 4), " bits per channel, expected 8"});
            image.height = in.big16(at + 5, "");
            image.width = in.big16(at + 7, "");
            image.channels = in.byte(at + 9) == 1 ? 1 : 3;
            check_image_size(in, image);
        }
        if (marker == 0xc4) check_jpeg_tables(in, at + 4, at + 2 + size);
        constexpr std::string_view exif("Exif\0\0", 6);
        if (const std::string_view data = in.bytes.substr(at + 4, size - 2);
            marker == 0xe1 && data.starts_with(exif) && image.orientation.code == 1)
            image.orientation.code = exif_orientation(data.substr(exif.size()));
        at += 2 + size;
        if (marker != 0xda) continue;
        if (!image.width) fail_file(in.file, {"JPEG: a scan at byte ", at, " before the frame"});
        // Coded data: up to the next marker that is no stuffed zero and no restart.
        for (;; ++at) {
            at = in.bytes.find('\xff', at);
            if (at == std::string_view::npos)
                fail_file(in.file, {"truncated: JPEG data reach the end of the file, byte ", in.bytes.size()});
            const unsigned next = in.u8(at + 1, "JPEG marker");
            if (next != 0 && next != 0xff && (next < 0xd0 || next > 0xd7)) break;
        }
    }
    if (!image.width) fail_file(in.file, {"JPEG without an image"});
    return image;
}

FATHOM_INLINE ImageHeader read_bmp_header(const ImageFields& in) {
    ImageHeader image;
    image.format = ImageHeader::Format::bmp;
    const std::size_t data = in.little32(10, "BMP header"), info = in.little32(14, "BMP header");
    in.need(14, info, "BMP header");
    if (info != 12 && info != 40 && info != 56 && info != 108 && info != 124)
        fail_file(in.file, {"BMP header of ", info, " bytes, which is unknown"});
    const bool old = info == 12;
    const auto height = static_cast<std::int32_t>(old ? in.little16(20, "") : in.little32(22, ""));
    image.width = old ? in.little16(18, "") : static_cast<std::int32_t>(in.little32(18, ""));
    image.height = height < 0 ? -static_cast<std::int64_t>(height) : height;
    const unsigned bits = old ? in.little16(24, "") : in.little16(28, ""), compression = old ? 0 : in.little32(30, "");
    check_image_size(in, image);
    if (compression != 0 && compression != 3)
        fail_file(in.file, {"BMP with compression ", compression, ", expected none"});
    if (bits != 1 && bits != 4 && bits != 8 && bits != 16 && bits != 24 && bits != 32)
        fail_file(in.file, {"BMP with ", bits, " bits per pixel"});
    const auto row_bits = static_cast<std::size_t>(image.width) * bits;
    in.need(data, (row_bits + 31) / 32 * 4 * static_cast<std::size_t>(image.height - 1) + (row_bits + 7) / 8,
            "BMP data");
    if (bits > 8) return image;
    if (compression != 0) fail_file(in.file, {"BMP of ", bits, " bits per pixel with compression ", compression});
    // As many colors as the header says, 0 being all that have an index, but none beyond the beginning of the data.
    const std::size_t width = old ? 3 : 4, begin = 14 + info, said = old ? 0 : in.little32(46, "");
    const std::size_t room = data < begin ? 0 : (data - begin) / width, all = std::size_t{1} << bits;
    const std::size_t count = std::min({said == 0 ? all : said, all, room});
    if (count == 0) fail_file(in.file, {"BMP of indices without their palette"});
    std::string colors;
    for (std::size_t at = begin; at < begin + count * width; at += width)
        for (std::size_t c = 3; c-- > 0;) colors += in.bytes[at + c];  // stored blue, green, red
    set_palette(image, std::move(colors));
    image.depth = static_cast<int>(bits);
    image.data = data;
    image.top_down = height < 0;
    return image;
}

FATHOM_INLINE ImageHeader read_stored_header(const ImageFields& in) {
    if (in.bytes.empty()) fail_file(in.file, {"is empty, expected a PNG, JPEG or BMP image"});
    if (in.bytes.substr(0, 8) == "\x89PNG\r\n\x1a\n") return read_png_header(in);
    if (in.bytes.substr(0, 3) == "\xff\xd8\xff") return read_jpeg_header(in);
    if (in.bytes.substr(0, 2) == "BM") return read_bmp_header(in);
    fail_file(in.file, {"is in no image format that fathom reads, expected PNG, JPEG or BMP"});
}

FATHOM_INLINE ImageHeader read_image_header(const std::string& file, std::string_view bytes) {
    ImageHeader image = read_stored_header({file, bytes});
    image.orientation.height = image.height, image.orientation.width = image.width;
    if (image.orientation.swaps()) std::swap(image.height, image.width);
    return image;
}

}  // namespace fathom::inline v0::io
