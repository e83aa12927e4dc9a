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

struct Chunk {
    std::string type, data;
};

// A PNG file of these rows, each with its filter byte in front, uncompressed inside; chunks without a type are left
// out.
inline void write_png(const std::string& path, std::uint32_t height, std::uint32_t width, int depth, int color,
                      const std::string& raw, const std::vector<Chunk>& chunks = {}) {
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
    const auto text = [&](const Chunk& chunk) {
        std::uint32_t crc = 0xFFFFFFFFu;
        for (const char c : chunk.type + chunk.data) {
            crc ^= static_cast<unsigned char>(c);
            for (int k = 0; k < 8; ++k) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xEDB88320u : 0);
        }
        return big(static_cast<std::uint32_t>(chunk.data.size())) + chunk.type + chunk.data + big(~crc);
    };
    const std::string header = {static_cast<char>(depth), static_cast<char>(color), 0, 0, 0};
    std::ofstream file(path, std::ios::binary);
    file << "\x89PNG\r\n\x1A\n" << text({"IHDR", big(width) + big(height) + header});
    for (const Chunk& chunk : chunks)
        if (!chunk.type.empty()) file << text(chunk);
    file << text({"IDAT", stream}) << text({"IEND", ""});
}

// A grey PNG of 16 bits per sample.
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
    write_png(path, height, width, 16, 0, raw);
}

}  // namespace data_test
