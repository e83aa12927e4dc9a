// What an image file means beside its samples: how the camera was held, and what the numbers of a label stand for.
#include "fathom/io/image.hpp"
#include "fathom/io/image_header.hpp"
#include "tests/io/image_bytes.hpp"
#include "tests/support.hpp"

using fathom::Shape;
using fathom::io::read_image;
using fathom::io::read_image_float;
using fathom::io::read_image_indices;
using fathom::tests::elements;
using namespace io_test;
using Bytes = std::vector<std::uint8_t>;

namespace {

struct Place {
    std::int64_t row, column;
};
// The stored pixel that is shown at row r, column c (EXIF 2.32, table of orientations); h, w: as stored.
Place stored_place(int orientation, std::int64_t r, std::int64_t c, std::int64_t h, std::int64_t w) {
    switch (orientation) {
        case 2:
            return {r, w - 1 - c};
        case 3:
            return {h - 1 - r, w - 1 - c};
        case 4:
            return {h - 1 - r, c};
        case 5:
            return {c, r};
        case 6:
            return {h - 1 - c, r};
        case 7:
            return {h - 1 - c, w - 1 - r};
        case 8:
            return {c, w - 1 - r};
        default:
            return {r, c};
    }
}

template <class T>
bool is_turned(const fathom::Tensor<T>& shown, const fathom::Tensor<T>& stored, int orientation) {
    const std::int64_t h = stored.shape()[0], w = stored.shape()[1], channels = stored.shape()[2];
    if (!(shown.shape() == (orientation < 5 ? Shape{h, w, channels} : Shape{w, h, channels}))) return false;
    bool same = true;
    for (std::int64_t r = 0, i = 0; r < shown.shape()[0]; ++r)
        for (std::int64_t c = 0; c < shown.shape()[1]; ++c)
            for (std::int64_t k = 0; k < channels; ++k, ++i) {
                const Place p = stored_place(orientation, r, c, h, w);
                same = same && shown.data()[i] == stored.data()[(p.row * w + p.column) * channels + k];
            }
    return same;
}

Bytes indices_of(const std::string& bytes) {
    const Folder folder;
    write_file(folder / "a", bytes);
    const auto image = read_image_indices(folder / "a");
    REQUIRE(image.shape()[2] == 1);
    return elements(image);
}

}  // namespace

TEST_CASE("io/image_meaning: an EXIF orientation turns and mirrors the image, in every reader") {
    const Folder folder;
    const std::string file = folder / "a";
    const std::string png = read_file(golden("rgb.png")), palette = read_file(golden("palette.png"));
    for (int code = 1; code <= 8; ++code)
        for (const bool little : {true, false}) {
            CAPTURE(code);
            const std::string block = exif(static_cast<std::uint16_t>(code), little);
            for (const char* name : {"rgb.jpg", "progressive.jpg", "grey.jpg", "cmyk.jpg"}) {
                CAPTURE(name);
                write_file(file, with_exif(read_file(golden(name)), block));
                CHECK(is_turned(read_image(file), read_image(golden(name)), code));
                CHECK(is_turned(read_image_float(file), read_image_float(golden(name)), code));
            }
            for (const char* name : {"rgb.png", "palette.png", "grey16.png", "bits1.png", "rgb_interlaced.png"}) {
                CAPTURE(name);
                write_file(file, read_file(golden(name)).insert(33, chunk("eXIf", block)));
                CHECK(is_turned(read_image_float(file), read_image_float(golden(name)), code));
                if (std::string(name) == "grey16.png") continue;
                CHECK(is_turned(read_image_indices(file), read_image_indices(golden(name)), code));
            }
            const fathom::io::ImageHeader header = fathom::io::read_image_header(file, read_file(file));
            CHECK(header.orientation.code == code);
            CHECK(header.height == (code < 5 ? 9 : 13));
            CHECK(header.width == (code < 5 ? 13 : 9));
        }
}

TEST_CASE("io/image_meaning: an EXIF block without an orientation that makes sense changes nothing") {
    const Folder folder;
    const std::string file = folder / "a", jpeg = read_file(golden("rgb.jpg"));
    const auto unturned = [&](const std::string& block) {
        write_file(file, with_exif(jpeg, block));
        return is_turned(read_image(file), read_image(golden("rgb.jpg")), 1);
    };
    const std::string six = exif(6);
    for (std::size_t size = 0; size < 30; ++size) CHECK(unturned(six.substr(0, size)));
    CHECK(unturned(exif(0)));
    CHECK(unturned(exif(9)));
    CHECK(unturned("XX" + six.substr(2)));
    for (const std::uint32_t offset : {0xffffffffu, 0x7fffffffu, 37u, 38u}) {
        std::string far = six;
        far.replace(4, 4, le(offset));
        CHECK(unturned(far));
    }
    // Not the thumbnail's own, not another segment's.
    write_file(file, std::string(jpeg).insert(2, "\xff\xe1" + big16(six.size() + 2) + six));
    CHECK(is_turned(read_image(file), read_image(golden("rgb.jpg")), 1));
}

TEST_CASE("io/image_meaning: numbers of labels") {
    const std::string zero(1, '\0');
    // Grey of few bits: the numbers in the file, not the greys that a viewer spreads them over.
    CHECK(indices_of(make_png(png_header(8, 1, 1, 0), "", zero + "\x4d")) == Bytes{0, 1, 0, 0, 1, 1, 0, 1});
    CHECK(indices_of(make_png(png_header(4, 1, 2, 0), "", zero + "\x1b")) == Bytes{0, 1, 2, 3});
    CHECK(indices_of(make_png(png_header(3, 1, 4, 0), "", zero + "\x08\x70")) == Bytes{0, 8, 7});
    CHECK(indices_of(make_png(png_header(3, 1, 8, 0), "", zero + "\x08\x07\xff")) == Bytes{8, 7, 255});
    // A palette: its indices; its values where it is a way to write greys, unless there are two of them only.
    const std::string colors = chunk("PLTE", "rgbRGBabcABC"),
                      greys = chunk("PLTE", std::string("\5\5\5\0\0\0\7\7\7", 9)),
                      black_white = chunk("PLTE", std::string("\0\0\0\xff\xff\xff", 6));
    CHECK(indices_of(make_png(png_header(4, 1, 2, 3), colors, zero + "\x1b")) == Bytes{0, 1, 2, 3});
    CHECK(indices_of(make_png(png_header(4, 1, 8, 3), colors, zero + std::string("\3\2\1\0", 4))) == Bytes{3, 2, 1, 0});
    CHECK(indices_of(make_png(png_header(3, 1, 8, 3), greys, zero + std::string("\2\1\0", 3))) == Bytes{7, 0, 5});
    CHECK(indices_of(make_png(png_header(8, 1, 1, 3), black_white, zero + "\x4d")) == Bytes{0, 1, 0, 0, 1, 1, 0, 1});
    const std::string bmp_colors = "bgr0BGR0xyz0XYZ0", bmp_two("\0\0\0\0\xff\xff\xff\0", 8);
    CHECK(indices_of(make_bmp(4, 1, 4, bmp_colors, std::string("\x01\x23\0\0", 4))) == Bytes{0, 1, 2, 3});
    CHECK(indices_of(make_bmp(2, 2, 8, bmp_colors, std::string("\0\1\0\0\2\3\0\0", 8))) == Bytes{2, 3, 0, 1});
    CHECK(indices_of(make_bmp(2, -2, 8, bmp_colors, std::string("\0\1\0\0\2\3\0\0", 8))) == Bytes{0, 1, 2, 3});
    CHECK(indices_of(make_bmp(8, 1, 1, bmp_two, std::string("\x4d\0\0\0", 4))) == Bytes{0, 1, 0, 0, 1, 1, 0, 1});
    // As a picture the same files have the colors that viewers show.
    const Folder folder;
    write_file(folder / "a", make_png(png_header(4, 1, 2, 0), "", zero + "\x1b"));
    CHECK(elements(read_image(folder / "a")) == Bytes{0, 85, 170, 255});
    write_file(folder / "a", make_bmp(2, 1, 8, bmp_colors, std::string("\3\0\0\0", 4)));
    CHECK(elements(read_image(folder / "a")) == Bytes{'Z', 'Y', 'X', 'r', 'g', 'b'});
}
