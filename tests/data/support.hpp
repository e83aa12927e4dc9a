// What the tests of data/ share: a folder of their own and small image files.
#pragma once

#include <doctest/doctest.h>
#include <stdlib.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "fathom/io/image.hpp"
#include "fathom/tensor/factories.hpp"

namespace data_test {

// An empty folder, removed with all that is in it.
struct Folder {
    std::filesystem::path path;

    Folder() {
        char name[] = "/tmp/fathom_data_XXXXXX";
        REQUIRE(mkdtemp(name) != nullptr);
        path = name;
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    ~Folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path, ignored);
    }
    std::string operator/(const std::string& name) const { return (path / name).string(); }
    std::string make(const std::string& name) const {
        std::filesystem::create_directories(path / name);
        return *this / name;
    }
};

inline void touch(const std::string& path) { std::ofstream(path) << "x"; }

// Pixels that differ everywhere: sample (y, x, c) is (first + 31 y + 7 x + 3 c) mod 256.
inline void write_pattern(const std::string& path, std::int64_t height, std::int64_t width, std::int64_t channels,
                          int first) {
    std::vector<std::uint8_t> pixels;
    for (std::int64_t y = 0; y < height; ++y)
        for (std::int64_t x = 0; x < width; ++x)
            for (std::int64_t c = 0; c < channels; ++c)
                pixels.push_back(static_cast<std::uint8_t>(first + 31 * y + 7 * x + 3 * c));
    fathom::io::write_image(path, fathom::from_data(pixels.data(), {height, width, channels}));
}
inline float pattern(std::int64_t y, std::int64_t x, std::int64_t c, int first) {
    return static_cast<float>(static_cast<std::uint8_t>(first + 31 * y + 7 * x + 3 * c)) / 255;
}

// A grey PNG of 16 bits per sample, uncompressed inside.
inline void write_grey16(const std::string& path, std::uint32_t height, std::uint32_t width,
                         const std::vector<std::uint16_t>& samples) {
    std::string raw;
    for (std::uint32_t y = 0; y < height; ++y) {
        raw.push_back(0);
        for (std::uint32_t x = 0; x < width; ++x) {
            const std::uint16_t v = samples[y * width + x];
            raw.push_back(static_cast<char>(v >> 8));
            raw.push_back(static_cast<char>(v & 255));
        }
    }
    const auto big = [](std::uint32_t v) {
        std::string s;
        for (int shift = 24; shift >= 0; shift -= 8) s.push_back(static_cast<char>(v >> shift & 255));
        return s;
    };
    std::uint32_t a = 1, b = 0;
    for (const char c : raw) a = (a + static_cast<unsigned char>(c)) % 65521, b = (b + a) % 65521;
    const auto n = static_cast<std::uint32_t>(raw.size());
    std::string stream = {0x78, 0x01, 0x01};
    for (const std::uint32_t v : {n, ~n})
        stream.push_back(static_cast<char>(v & 255)), stream.push_back(static_cast<char>(v >> 8 & 255));
    stream += raw + big(b << 16 | a);
    const auto chunk = [&](const std::string& type, const std::string& data) {
        std::uint32_t crc = 0xFFFFFFFFu;
        for (const char c : type + data) {
            crc ^= static_cast<unsigned char>(c);
            for (int k = 0; k < 8; ++k) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xEDB88320u : 0);
        }
        return big(static_cast<std::uint32_t>(data.size())) + type + data + big(~crc);
    };
    std::ofstream(path, std::ios::binary) << "\x89PNG\r\n\x1A\n"
                                          << chunk("IHDR", big(width) + big(height) + std::string("\x10\0\0\0\0", 5))
                                          << chunk("IDAT", stream) << chunk("IEND", "");
}

}  // namespace data_test
