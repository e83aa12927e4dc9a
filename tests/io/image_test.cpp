#include "fathom/io/image.hpp"

#include <cmath>

#include "fathom/io/image_header.hpp"
#include "tests/io/image_bytes.hpp"

using fathom::Shape;
using fathom::Tensor;
using fathom::io::read_image;
using fathom::io::read_image_float;
using fathom::io::write_image;
using namespace io_test;

namespace {

// The golden images are 9 x 13, made by other programs of these values (r, c, k: row, column, channel).
constexpr int height = 9, width = 13;
int colored(int r, int c, int k) { return (r * 37 + c * 11 + k * 50) % 256; }
int smooth(int r, int c, int k) { return std::min(255, r * 20 + c * 5 + k * 15); }
int fine(int r, int c, int k) { return (r * 37 + c * 11 + k * 50) * 131 % 65536; }
int palette(int r, int c, int k) {
    const int i = (r + c) % 8;
    return k == 0 ? i * 30 : k == 1 ? 255 - i * 20 : i * 10;
}
int grey_palette(int r, int c, int) { return (r + c) % 8 * 30; }
int black_white(int r, int c, int) { return (r + c) % 3 == 0 ? 255 : 0; }

// The largest difference to a function of row, column and channel.
template <class T, class F>
double difference(const Tensor<T>& image, int channels, F&& expected, double scale = 1) {
    REQUIRE(image.shape() == Shape{height, width, channels});
    REQUIRE(image.is_contiguous());
    double worst = 0;
    const T* p = image.data();
    for (int r = 0; r < height; ++r)
        for (int c = 0; c < width; ++c)
            for (int k = 0; k < channels; ++k)
                worst = std::max(worst, std::abs(static_cast<double>(*p++) - scale * expected(r, c, k)));
    return worst;
}

Tensor<std::uint8_t> pixels(const Shape& shape) {
    Tensor<std::uint8_t> x = Tensor<std::uint8_t>::adopt(fathom::detail::new_tensor(
        shape, fathom::detail::row_major_strides(shape), fathom::DType::uint8, fathom::Device::cpu(), "test", {}));
    for (std::int64_t i = 0; i < x.numel(); ++i) x.mutable_data()[i] = static_cast<std::uint8_t>(i * 7 + i / 5);
    return x;
}

bool same(const Tensor<std::uint8_t>& a, const Tensor<std::uint8_t>& b) {
    return a.shape() == b.shape() && std::memcmp(a.data(), b.data(), static_cast<std::size_t>(a.numel())) == 0;
}

std::string read_error(const std::string& path) {
    return error_of([&] { read_image(path); });
}

}  // namespace

TEST_CASE("io/image: the indices of a palette instead of its colors") {
    const auto index = [](int r, int c, int) { return (r + c) % 8; };
    CHECK(difference(fathom::io::read_image_indices(golden("palette.png")), 1, index) == 0);
    CHECK(difference(fathom::io::read_image_indices(golden("palette_grey.png")), 1, grey_palette) == 0);
    CHECK(difference(fathom::io::read_image_indices(golden("palette.bmp")), 1, index) == 0);
    CHECK(difference(fathom::io::read_image_indices(golden("rgb.png")), 3, colored) == 0);
    CHECK(error_of([] { fathom::io::read_image_indices(golden("grey16.png")); }).find("has 16 bits per channel") !=
          std::string::npos);
    // Damaged files fail as they do elsewhere.
    const Folder folder;
    const std::string file = folder / "palette.png", bytes = read_file(golden("palette.png"));
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        std::string damaged = bytes;
        damaged[at] = static_cast<char>(damaged[at] ^ 0x11);
        write_file(file, damaged);
        const std::string error = error_of([&] { fathom::io::read_image_indices(file); });
        REQUIRE((error == "no error" || error.substr(0, file.size() + 2) == file + ": "));
    }
}

TEST_CASE("io/image: PNG of every kind") {
    CHECK(difference(read_image(golden("rgb.png")), 3, colored) == 0);
    CHECK(difference(read_image(golden("rgb_interlaced.png")), 3, colored) == 0);
    CHECK(difference(read_image(golden("grey.png")), 1, colored) == 0);
    CHECK(difference(read_image(golden("rgba.png")), 3, colored) == 0);  // alpha 77 everywhere, dropped
    CHECK(difference(read_image(golden("grey_alpha.png")), 1, colored) == 0);
    CHECK(difference(read_image(golden("palette.png")), 3, palette) == 0);
    CHECK(difference(read_image(golden("palette_grey.png")), 1, grey_palette) == 0);
    CHECK(difference(read_image(golden("bits1.png")), 1, black_white) == 0);
}

TEST_CASE("io/image: BMP of every kind") {
    CHECK(difference(read_image(golden("rgb.bmp")), 3, colored) == 0);
    CHECK(difference(read_image(golden("rgba.bmp")), 3, colored) == 0);
    CHECK(difference(read_image(golden("grey.bmp")), 1, colored) == 0);
    CHECK(difference(read_image(golden("palette.bmp")), 3, palette) == 0);
    CHECK(difference(read_image(golden("palette_grey.bmp")), 1, grey_palette) == 0);
    CHECK(difference(read_image(golden("bits1.bmp")), 1, black_white) == 0);
}

TEST_CASE("io/image: JPEG, also progressive, grey, CMYK and with a thumbnail inside") {
    CHECK(difference(read_image(golden("rgb.jpg")), 3, smooth) <= 3);
    CHECK(difference(read_image(golden("progressive.jpg")), 3, smooth) <= 4);
    CHECK(difference(read_image(golden("grey.jpg")), 1, smooth) <= 3);
    CHECK(difference(read_image(golden("cmyk.jpg")), 3, smooth) <= 4);
    CHECK(difference(read_image(golden("thumbnail.jpg")), 3, smooth) <= 3);
}

TEST_CASE("io/image: 16 bits per channel") {
    CHECK(read_error(golden("rgb16.png")) ==
          golden("rgb16.png") + ": has 16 bits per channel, expected 8; read_image_float reads both");
    CHECK(difference(read_image_float(golden("rgb16.png")), 3, fine, 1 / 65535.0) < 1e-7);
    CHECK(difference(read_image_float(golden("rgb16_interlaced.png")), 3, fine, 1 / 65535.0) < 1e-7);
    CHECK(difference(read_image_float(golden("grey16.png")), 1, fine, 1 / 65535.0) < 1e-7);
    CHECK(difference(read_image_float(golden("rgb.png")), 3, colored, 1 / 255.0) < 1e-7);
    CHECK(difference(read_image_float(golden("palette_grey.bmp")), 1, grey_palette, 1 / 255.0) < 1e-7);
    CHECK(difference(read_image_float(golden("grey.jpg")), 1, smooth, 1 / 255.0) < 0.013);
}

TEST_CASE("io/image: what is written is read again") {
    const Folder folder;
    for (const Shape& shape : {Shape{1, 1, 1}, Shape{1, 1, 3}, Shape{17, 5, 3}, Shape{6, 33, 1}, Shape{64, 48, 3}}) {
        const Tensor<std::uint8_t> x = pixels(shape);
        for (const char* name : {"a.png", "B.PNG"}) {
            write_image(folder / name, x);
            CHECK(same(read_image(folder / name), x));
        }
        for (const char* name : {"a.jpg", "a.JPEG"}) {
            write_image(folder / name, x);
            CHECK(read_image(folder / name).shape() == Shape{shape[0], shape[1], 3});  // grey becomes color
        }
    }
    CHECK(folder.names().size() == 4);
    const Tensor<std::uint8_t> rgb = read_image(golden("rgb.jpg"));
    write_image(folder / "again.jpg", rgb);
    CHECK(difference(read_image(folder / "again.jpg"), 3, smooth) <= 5);
    // The same pixels give the same file.
    write_image(folder / "again2.jpg", rgb);
    CHECK(read_file(folder / "again.jpg") == read_file(folder / "again2.jpg"));
}

TEST_CASE("io/image: views are written as they look") {
    const Folder folder;
    const Tensor<std::uint8_t> x = pixels({3, 6, 8});  // planes, as networks have them
    const auto view = Tensor<std::uint8_t>::adopt(fathom::detail::new_view(x, {6, 8, 3}, {8, 1, 48}, 0));
    write_image(folder / "a.png", view);
    const Tensor<std::uint8_t> y = read_image(folder / "a.png");
    for (int r = 0; r < 6; ++r)
        for (int c = 0; c < 8; ++c)
            for (int k = 0; k < 3; ++k) REQUIRE(y.data()[(r * 8 + c) * 3 + k] == x.data()[k * 48 + r * 8 + c]);
}

TEST_CASE("io/image: what cannot be written, and an old file that stays") {
    const Folder folder;
    const auto write_error = [](const std::string& path, const Shape& shape) {
        return error_of([&] { write_image(path, pixels(shape), {"a.cpp", 7}); });
    };
    write_file(folder / "a.png", "old");
    CHECK(write_error(folder / "a.tif", {1, 1, 1}) ==
          folder / "a.tif" + ": unknown ending, expected .png, .jpg or .jpeg");
    CHECK(write_error(folder / "png", {1, 1, 1}) == folder / "png" + ": unknown ending, expected .png, .jpg or .jpeg");
    CHECK(write_error(folder / "a.png", {2, 2}) ==
          "write_image: " + folder / "a.png" + ": pixels of shape [2,2], expected [height, width, 1 or 3] at a.cpp:7");
    for (const Shape& shape : {Shape{2, 2, 2}, Shape{2, 2, 4}, Shape{0, 2, 3}, Shape{2, 0, 1}, Shape{1, 2, 2, 3}})
        CHECK(write_error(folder / "a.png", shape).find("expected [height") != std::string::npos);
    CHECK(write_error(folder / "a.jpg", {65536, 1, 1}).find("too many for the format") != std::string::npos);
    CHECK(write_error(folder / "none/a.png", {1, 1, 1}) ==
          folder / "none/a.png" + ": cannot create, No such file or directory");
    CHECK(read_file(folder / "a.png") == "old");
    CHECK(folder.names().size() == 1);
}

TEST_CASE("io/image: what is no image") {
    const Folder folder;
    const std::string path = folder / "a.png";
    const auto content_error = [&](const std::string& bytes) {
        write_file(path, bytes);
        return read_error(path).substr(path.size());
    };
    CHECK(read_error(folder / "none.png") == folder / "none.png" + ": cannot open, No such file or directory");
    CHECK(content_error("") == ": is empty, expected a PNG, JPEG or BMP image");
    CHECK(content_error("GIF89a") == ": is in no image format that fathom reads, expected PNG, JPEG or BMP");
    CHECK(content_error("\x89PNG\r\n\x1a\n") ==
          ": truncated: PNG chunk at byte 8 needs 2 bytes, the file ends at byte 8");
    const std::string png = read_file(golden("rgb.png"));
    std::string damaged = png;
    damaged[60] ^= 1;
    CHECK(content_error(damaged).find(": PNG chunk \"IDAT\" at byte 33 has checksum ") == 0);
    CHECK(content_error(png.substr(0, png.size() - 12)).find(": truncated: PNG chunk at byte ") == 0);
    CHECK(content_error("\x89PNG\r\n\x1a\n" + chunk("IDAT", "x")) ==
          ": PNG chunk \"IDAT\" at byte 8, expected one IHDR, first");
    CHECK(content_error(png_header(1, 1) + chunk("IHDR", "x")) ==
          ": PNG chunk \"IHDR\" at byte 33, expected one IHDR, first");
    CHECK(content_error(png_header(0, 5) + chunk("IEND", "")) == ": image of 5 x 0 pixels");
    CHECK(content_error(png_header(1 << 20, 1 << 20) + chunk("IEND", "")) ==
          ": image of 1048576 x 1048576 pixels, expected at most 2^28");
    CHECK(content_error(png_header(0xffffffffu, 1) + chunk("IEND", "")) ==
          ": image of 1 x 4294967295 pixels, expected at most 2^28");
    CHECK(content_error(png_header(10000, 10000) + chunk("IDAT", "xxxx") + chunk("IEND", "")) ==
          ": PNG of 10000 x 10000 pixels with only 4 bytes of data");
    CHECK(content_error(png_header(2, 2) + chunk("IDAT", "xxxx") + chunk("IEND", ""))
              .find(": PNG: broken compressed data: no zlib header") == 0);
    CHECK(content_error(png_header(2, 2, 8, 5) + chunk("IDAT", "xxxx") + chunk("IEND", "")) ==
          ": PNG of color type 5 with 8 bits per sample, which the format does not have");
    for (const char* name : {"rgb.jpg", "progressive.jpg", "grey.jpg", "thumbnail.jpg", "rgb.bmp", "palette.bmp",
                             "bits1.bmp", "rgb_interlaced.png", "grey16.png"}) {
        CAPTURE(name);
        const std::string bytes = read_file(golden(name));
        const std::size_t padding = std::string(name) == "rgb.bmp"       ? 1
                                    : std::string(name) == "palette.bmp" ? 3
                                    : std::string(name) == "bits1.bmp"   ? 2
                                                                         : 0;
        for (std::size_t size = 1; size + padding < bytes.size(); ++size)
            REQUIRE(content_error(bytes.substr(0, size)) != "no error");
    }
}

TEST_CASE("io/image: bytes of a file without the file") {
    const Folder folder;
    const auto rgb = pixels({20, 31, 3});
    write_image(folder / "a.png", rgb), write_image(folder / "a.jpg", rgb);
    CHECK(fathom::io::encode_png(rgb) == read_file(folder / "a.png"));
    CHECK(fathom::io::encode_jpeg(rgb, 95) == read_file(folder / "a.jpg"));
    CHECK(fathom::io::encode_jpeg(rgb, 40).size() < fathom::io::encode_jpeg(rgb, 95).size());
    CHECK(error_of([&] {
              fathom::io::encode_png(pixels({2, 2}), {"a.cpp", 7});
          }) == "encode_png: pixels of shape [2,2], expected [height, width, 1 or 3] at a.cpp:7");
    for (const int quality : {0, 101})
        CHECK(error_of([&] {
                  fathom::io::encode_jpeg(rgb, quality, {"a.cpp", 7});
              }) == "encode_jpeg: quality " + std::to_string(quality) + ", expected one from 1 to 100 at a.cpp:7");
}

TEST_CASE("io/image: damaged files give an error or an image") {
    const Folder folder;
    const std::string path = folder / "a";
    for (const char* name :
         {"rgb.png", "rgb_interlaced.png", "palette.png", "bits1.png", "grey16.png", "rgb.bmp", "palette.bmp",
          "bits1.bmp", "rgba.bmp", "rgb.jpg", "progressive.jpg", "cmyk.jpg", "restart.jpg"}) {
        CAPTURE(name);
        fuzz(path, read_file(golden(name)), 1, [&](std::string_view bytes) {
            // A PNG whose checksums do not stop it reaches the decoder.
            std::string fixed(bytes);
            for (std::size_t at = 8; fixed.substr(0, 8) == "\x89PNG\r\n\x1a\n" && at + 12 <= fixed.size();) {
                std::uint32_t size = 0;
                for (std::size_t i = 0; i < 4; ++i) size = size << 8 | static_cast<unsigned char>(fixed[at + i]);
                if (size > fixed.size() - at - 12) break;
                fixed.replace(at + 8 + size, 4,
                              big(fathom::io::crc32(std::string_view(fixed).substr(at + 4, size + 4))));
                at += 12 + size;
            }
            if (fathom::io::ImageHeader header = fathom::io::read_image_header(path, fixed);
                header.height * header.width > 1'000'000)
                return;  // slow only
            write_file(path, fixed);
            read_image_float(path);
        });
    }
}
