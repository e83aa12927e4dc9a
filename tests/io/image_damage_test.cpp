// Damaged image files give an error, never pixels that the file does not hold.
#include <ctime>

#include "fathom/core/allocator.hpp"
#include "fathom/io/image.hpp"
#include "tests/io/image_bytes.hpp"
#include "tests/support.hpp"

using fathom::io::read_image;
using fathom::io::read_image_indices;
using fathom::tests::contains;
using fathom::tests::elements;
using namespace io_test;

namespace {

const std::string zero(1, '\0');

// What is wrong with a file, without its name.
std::string problem(const std::string& bytes) {
    const Folder folder;
    const std::string file = folder / "a";
    write_file(file, bytes);
    const std::string picture = error_of([&] { read_image(file); }),
                      label = error_of([&] { read_image_indices(file); });
    CHECK((picture == "no error") == (label == "no error"));
    CHECK((picture == "no error" || picture.substr(0, file.size() + 2) == file + ": "));
    return picture == "no error" ? picture : picture.substr(file.size() + 2);
}

// The places of a marker in a JPEG file.
std::vector<std::size_t> markers(const std::string& jpeg, int first, int last) {
    std::vector<std::size_t> places;
    for (std::size_t at = 0; at + 1 < jpeg.size(); ++at) {
        const int second = static_cast<unsigned char>(jpeg[at + 1]);
        if (jpeg[at] == '\xff' && second >= first && second <= last) places.push_back(at);
    }
    return places;
}
const std::string end_of_image = "\xff\xd9";

}  // namespace

TEST_CASE("io/image_damage: an index beyond the palette") {
    const std::string two = chunk("PLTE", "rgbRGB"), grey_two = chunk("PLTE", std::string("\0\0\0\7\7\7", 6));
    for (const std::string& palette : {two, grey_two}) {
        CHECK(problem(make_png(png_header(2, 1, 8, 3), palette, zero + std::string("\0\1", 2))) == "no error");
        CHECK(problem(make_png(png_header(2, 1, 8, 3), palette, zero + std::string("\0\2", 2))) ==
              "the pixel at row 0, column 1 has color 2 of a palette of 2");
        CHECK(problem(make_png(png_header(4, 1, 2, 3), palette, zero + "\x1b")) ==
              "the pixel at row 0, column 2 has color 2 of a palette of 2");
        CHECK(problem(make_png(png_header(2, 2, 4, 3), palette, zero + "\x10" + zero + "\xf1")) ==
              "the pixel at row 1, column 0 has color 15 of a palette of 2");
    }
    CHECK(problem(make_png(png_header(8, 1, 1, 3), chunk("PLTE", "rgb"), zero + "\x01")) ==
          "the pixel at row 0, column 7 has color 1 of a palette of 1");
    CHECK(problem(make_png(png_header(1, 1, 8, 3), "", zero + zero)) == "PNG of indices without their palette");
    for (const std::size_t size : {0u, 1u, 4u, 771u})
        CHECK(contains(problem(make_png(png_header(1, 1, 8, 3), chunk("PLTE", std::string(size, 'x')), zero + zero)),
                       "PNG palette of " + std::to_string(size) + " bytes"));
    const std::string bmp_two = "bgr0BGR0", four(4, '\0');
    CHECK(problem(make_bmp(2, 1, 8, bmp_two, std::string("\0\1\0\0", 4))) == "no error");
    CHECK(problem(make_bmp(2, 1, 8, bmp_two, std::string("\0\2\0\0", 4))) ==
          "the pixel at row 0, column 1 has color 2 of a palette of 2");
    CHECK(problem(make_bmp(2, 1, 4, bmp_two, std::string("\x1f\0\0\0", 4))) ==
          "the pixel at row 0, column 1 has color 15 of a palette of 2");
    CHECK(problem(make_bmp(8, 1, 1, "bgr0", std::string("\x01\0\0\0", 4))) ==
          "the pixel at row 0, column 7 has color 1 of a palette of 1");
    CHECK(problem(make_bmp(1, 1, 8, "", four)) == "BMP of indices without their palette");
    // Colors that the header does not count are none.
    CHECK(problem(make_bmp(2, 1, 8, bmp_two, std::string("\0\1\0\0", 4), 1)) ==
          "the pixel at row 0, column 1 has color 1 of a palette of 1");
    CHECK(problem(make_bmp(2, 1, 8, bmp_two, std::string("\0\1\0\0", 4), 0xffffffff)) == "no error");
}

TEST_CASE("io/image_damage: broken compressed data of a PNG file") {
    const std::string header = png_header(2, 2, 8, 0), rows("\0ab\0cd", 6), end = chunk("IEND", "");
    const auto with_data = [&](const std::string& data) { return problem(header + chunk("IDAT", data) + end); };
    const std::string good = stored_zlib(rows);
    CHECK(with_data(good) == "no error");
    CHECK(problem(header + chunk("IDAT", good.substr(0, 5)) + chunk("IDAT", good.substr(5)) + end) == "no error");
    for (std::size_t size = 0; size < good.size(); ++size) CHECK(with_data(good.substr(0, size)) != "no error");
    CHECK(with_data(stored_zlib(std::string("\0ab\0c", 5))) == "PNG of 2 x 2 pixels with 5 bytes of rows, expected 6");
    CHECK(with_data(stored_zlib(rows + "more")) == "no error");
    CHECK(contains(with_data(stored_zlib(std::string("\5ab\0cd", 6))), "cannot decode the image"));  // no such filter
    std::string sum = good;
    sum.back() ^= 1;
    CHECK(contains(with_data(sum), "PNG: decompressed data have checksum "));
    CHECK(contains(with_data("\x78\x02" + good.substr(2)), "no zlib header"));
    CHECK(contains(with_data("\x78\x01\x07"), "a block of the unknown kind 3"));
    CHECK(contains(with_data(std::string("\x78\x01\x01\x06\x00\x00\x00", 7) + rows),
                   "a stored block whose size is damaged"));
    // Fixed code: a copy from before the beginning (length 3, distance 1, first of all).
    CHECK(contains(with_data(std::string("\x78\x01\x03\x02\x00\x00\x00\x00\x00", 9)),
                   "a copy from before the beginning"));
    // Dynamic codes: no literals at all; an overfull code of code lengths.
    CHECK(contains(with_data(std::string("\x78\x01\x05\x00\x00\x00\x00\x00\x00\x00\x00\x00", 12)),
                   "broken compressed data"));
    CHECK(contains(with_data(std::string("\x78\x01\x05\xe0\x49\x92\x24\x49\x92\x24\x49\x92\x24\x49", 14)),
                   "an impossible code"));
    // Flipped bits of real files, with their checksums mended: the compressed data's own checksum still tells, unless
    // the bit is one that means nothing (padding, the compressor's level).
    const Folder folder;
    const std::string file = folder / "a";
    const auto pixels_of = [&](const std::string& bytes) {
        write_file(file, bytes);
        return elements(fathom::io::read_image_float(file));
    };
    for (const char* name : {"rgb.png", "palette.png", "rgb_interlaced.png", "grey16.png"}) {
        const std::string bytes = read_file(golden(name));
        const std::vector<float> expected = pixels_of(bytes);
        const std::size_t at = bytes.find("IDAT");
        const std::string data = bytes.substr(at + 4, bytes.size() - at - 4 - 16);
        for (std::size_t i = 0; i < data.size(); ++i)
            for (int bit = 0; bit < 8; ++bit) {
                std::string damaged = data;
                damaged[i] = static_cast<char>(damaged[i] ^ (1 << bit));
                std::vector<float> pixels = expected;
                error_of([&] { pixels = pixels_of(bytes.substr(0, at - 4) + chunk("IDAT", damaged) + end); });
                REQUIRE_MESSAGE(pixels == expected, name << ": bit " << bit << " of byte " << i);
            }
    }
}

TEST_CASE("io/image_damage: kinds of PNG that there are not") {
    // Found by fuzzing: no bits per sample were a division by zero where labels are read.
    const std::string palette = chunk("PLTE", std::string(768, 'x'));
    for (int color = 0; color < 8; ++color)
        for (int depth = 0; depth <= 32; ++depth) {
            const bool known = depth == 8 || (depth == 16 && color != 3) ||
                               ((color == 0 || color == 3) && (depth == 1 || depth == 2 || depth == 4));
            const std::string header = png_header(1, 1, static_cast<char>(depth), static_cast<char>(color));
            const std::string error = problem(make_png(header, palette, std::string(9, '\0')));
            const bool exists = known && color != 1 && color != 5 && color != 7;
            CHECK_MESSAGE(contains(error, "which the format does not have") == !exists,
                          "color " << color << ", depth " << depth);
        }
}

TEST_CASE("io/image_damage: JPEG data that end before the image does") {
    for (const char* name :
         {"rgb.jpg", "grey.jpg", "cmyk.jpg", "progressive.jpg", "restart.jpg", "restart_progressive.jpg"}) {
        CAPTURE(name);
        const std::string jpeg = read_file(golden(name));
        CHECK(problem(jpeg) == "no error");
        // From the first byte of coded data on, every cut that is given an end again.
        const std::size_t scan = markers(jpeg, 0xda, 0xda).front();
        for (std::size_t size = scan + 20; size + 4 < jpeg.size(); ++size) {
            if (jpeg[size - 1] == '\xff') continue;  // fill, no cut
            REQUIRE_MESSAGE(problem(jpeg.substr(0, size) + end_of_image) != "no error", "cut to " << size << " bytes");
        }
    }
}

TEST_CASE("io/image_damage: restart markers of JPEG files") {
    const std::string jpeg = read_file(golden("restart.jpg"));
    const std::vector<std::size_t> restarts = markers(jpeg, 0xd0, 0xd7);
    REQUIRE(restarts.size() >= 3);
    CHECK(contains(problem(jpeg.substr(0, restarts[1]) + end_of_image), "no restart marker 1 after "));
    // An interval that is missing, or twice, and a marker that is out of order.
    CHECK(problem(jpeg.substr(0, restarts[0]) + jpeg.substr(restarts[1])) != "no error");
    std::string twice = jpeg;
    CHECK(problem(twice.insert(restarts[1], jpeg.substr(restarts[0], restarts[1] - restarts[0]))) != "no error");
    std::string wrong = jpeg;
    wrong[restarts[1] + 1] = '\xd5';
    CHECK(contains(problem(wrong), "no restart marker 1 after "));
    std::string without = jpeg;
    CHECK(problem(without.erase(restarts[0], 2)) != "no error");
    std::string filled = jpeg;
    CHECK(problem(filled.insert(restarts[0], "\xff\xff")) == "no error");  // fill bytes are allowed
}

TEST_CASE("io/image_damage: JPEG scans that leave something out, or come again") {
    const std::string jpeg = read_file(golden("progressive.jpg"));
    const std::vector<std::size_t> scans = markers(jpeg, 0xda, 0xda);
    REQUIRE(scans.size() >= 3);
    CHECK(contains(problem(jpeg.substr(0, scans.back()) + end_of_image), "do not give all of its values"));
    const std::string last = jpeg.substr(scans.back());
    CHECK(contains(problem(jpeg.substr(0, jpeg.size() - 2) + last), "that were there before"));
    // The first scan, which has the averages, taken out.
    CHECK(problem(jpeg.substr(0, scans[0]) + jpeg.substr(scans[1])) != "no error");
}

TEST_CASE("io/image_damage: JPEG tables that are missing") {
    for (const char* name : {"rgb.jpg", "grey.jpg", "progressive.jpg"}) {
        CAPTURE(name);
        const std::string jpeg = read_file(golden(name));
        for (const int table : {0xdb, 0xc4}) {
            std::string without = jpeg;
            for (const std::size_t at : markers(jpeg, table, table)) {
                if (at > markers(jpeg, 0xda, 0xda).front()) break;
                without[at + 1] = '\xef';  // another application's segment
            }
            CHECK(contains(problem(without), "is missing"));
        }
    }
}

TEST_CASE("io/image_damage: scans over many blocks in few bytes take no time") {
    // A grey progressive image of 512 x 512: DC, then AC in 63 scans that each say in a few bytes that all is 0.
    std::string jpeg = "\xff\xd8\xff\xdb" + big16(67) + std::string(1, '\0') + std::string(64, '\1') + "\xff\xc2" +
                       big16(11) + "\x08" + big16(512) + big16(512) + "\x01\x01\x11" + std::string(1, '\0');
    const auto table = [](char place, const std::string& symbols) {  // words 0, 10, 110...
        std::string counts(16, '\0');
        for (std::size_t i = 0; i < symbols.size(); ++i) counts[i] = 1;
        return "\xff\xc4" + big16(19 + symbols.size()) + place + counts + symbols;
    };
    const auto scan = [](const std::string& component, char first, char last) {
        return "\xff\xda" + big16(8) + "\x01" + component + first + last + std::string(1, '\0');
    };
    jpeg +=
        table(0, std::string("\0", 1)) + table(0x10, "\xc0");  // DC: no difference; AC: a run of 4096 and more blocks
    const std::string component("\x01\x00", 2);
    jpeg += scan(component, 0, 0) + std::string(512, '\0');  // 4096 blocks
    std::string whole = jpeg;
    for (char k = 1; k < 64; ++k)
        whole += scan(component, k, k) + std::string(2, '\0');  // 0, then 12 bits: 4096 blocks
    CHECK(problem(jpeg + scan(component, 1, 63) + std::string(2, '\0') + end_of_image) == "no error");
    CHECK(contains(problem(whole + end_of_image), "scans that go over "));
}

TEST_CASE("io/image_damage: a small file does not get to claim a large image") {
    const auto seconds = [](auto&& f) {
        const std::clock_t begin = std::clock();
        f();
        return static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
    };
    for (const char* name : {"rgb.jpg", "grey.jpg", "progressive.jpg"}) {
        std::string jpeg = read_file(golden(name));
        jpeg.replace(markers(jpeg, 0xc0, 0xc2).front() + 5, 4, big16(16384) + big16(16384));
        std::string error;
        const std::int64_t peak = fathom::memory_report().peak;
        CHECK(seconds([&] { error = problem(jpeg); }) < 1);
        CHECK(fathom::memory_report().peak == peak);
        CHECK(contains(error, "JPEG of 16384 x 16384 pixels with only "));
    }
    CHECK(contains(problem(make_png(png_header(16384, 16384, 8, 0), "", zero)),
                   "PNG of 16384 x 16384 pixels with only "));
    CHECK(contains(problem(make_bmp(16384, 16384, 8, "bgr0", "")), "truncated"));
}
