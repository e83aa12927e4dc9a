#include "fathom/io/idx.hpp"

#include "fathom/io/gzip.hpp"
#include "fathom/io/zip.hpp"
#include "fathom/tensor/tensor.hpp"
#include "tests/io/support.hpp"
#include "tests/support.hpp"

using namespace fathom;
using namespace io_test;
using io::parse_idx;

namespace {

std::string bytes_of(const std::vector<int>& values) {
    std::string out;
    for (const int v : values) out += static_cast<char>(static_cast<unsigned char>(v));
    return out;
}

// [2, 3] of uint8.
const std::string good = bytes_of({0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 0, 1, 2, 253, 254, 255});

// A gzip file in its plainest form: one stored block.
const std::string plain_head = bytes_of({0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 255});

std::string stored(const std::string& content) {
    const auto size = static_cast<std::uint16_t>(content.size());
    return bytes_of({1}) + le(size) + le(static_cast<std::uint16_t>(~size)) + content;
}
std::string trailer(const std::string& content) {
    return le(io::crc32(content)) + le(static_cast<std::uint32_t>(content.size()));
}
std::string gzipped(const std::string& content = good) { return plain_head + stored(content) + trailer(content); }

std::string idx_error(const std::string& bytes) {
    return error_of([&] { parse_idx("f", bytes); });
}

std::string changed(std::string bytes, std::size_t at, int value) {
    bytes[at] = static_cast<char>(static_cast<unsigned char>(value));
    return bytes;
}

}  // namespace

TEST_CASE("io/idx: arrays of every type, the bytes of their numbers turned") {
    const Folder folder;
    write_file(folder / "a", good);
    const AnyTensor x = io::load_idx(folder / "a");
    CHECK(x.dtype() == DType::uint8);
    CHECK(x.shape() == Shape({2, 3}));
    CHECK(tests::numbers(x) == std::vector<double>{0, 1, 2, 253, 254, 255});
    const AnyTensor ints = parse_idx("f", bytes_of({0, 0, 12, 1, 0, 0, 0, 2, 0, 0, 1, 2, 255, 255, 255, 254}));
    CHECK(ints.dtype() == DType::int32);
    CHECK(tests::numbers(ints) == std::vector<double>{258, -2});
    CHECK(tests::numbers(parse_idx("f", bytes_of({0, 0, 13, 1, 0, 0, 0, 1, 0x3f, 0x80, 0, 0}))) ==
          std::vector<double>{1});
    CHECK(tests::numbers(parse_idx("f", bytes_of({0, 0, 14, 1, 0, 0, 0, 1, 0xc0, 0, 0, 0, 0, 0, 0, 0}))) ==
          std::vector<double>{-2});
    CHECK(parse_idx("f", bytes_of({0, 0, 8, 0, 7})).shape() == Shape{});
    CHECK(parse_idx("f", bytes_of({0, 0, 8, 2, 0, 0, 0, 0, 255, 255, 255, 255})).numel() == 0);
}

TEST_CASE("io/idx: compressed by gzip, with and without its optional fields") {
    CHECK(tests::same_bits(parse_idx("f", gzipped()), parse_idx("f", good)));
    const std::string all = changed(plain_head, 3, 1 | 2 | 4 | 8 | 16) + bytes_of({3, 0, 9, 9, 9}) + "train.idx" +
                            bytes_of({0}) + "a comment" + bytes_of({0, 1, 2});
    CHECK(tests::same_bits(parse_idx("f", all + stored(good) + trailer(good)), parse_idx("f", good)));
    for (std::size_t size = 0; size < all.size() + 5 + good.size() + 8; ++size)
        CHECK(idx_error((all + stored(good) + trailer(good)).substr(0, size)) != "no error");
    CHECK(idx_error(changed(gzipped(), 2, 7)) == "f: gzip: method 7 at byte 2, expected 8 (deflate)");
    CHECK(idx_error(changed(gzipped(), 3, 0x40)) == "f: gzip: unknown flags 64 at byte 3");
    CHECK(idx_error(gzipped() + "x") == "f: gzip: 1 bytes behind the compressed data");
    CHECK(idx_error(plain_head + stored(good) + le(std::uint32_t{1}) + le(std::uint32_t{18}))
              .find("f: gzip: decompressed data have checksum ") == 0);
    CHECK(idx_error(plain_head + stored(good) + le(io::crc32(good)) + le(std::uint32_t{17})) ==
          "f: gzip: decompressed data have 18 bytes, expected 17");
    // A header whose data the file cannot hold: nothing is allocated for them.
    CHECK(idx_error(gzipped(good.substr(0, 4) + bytes_of({127, 255, 255, 255, 0, 0, 0, 1, 5})))
              .find("compressed bytes cannot become") != std::string::npos);
    CHECK(idx_error(gzipped(changed(good, 7, 1) + std::string(40, 'x')))
              .find("f: idx: more data than the uint8 [1,3] of the header") == 0);
}

TEST_CASE("io/idx: what is refused") {
    CHECK(idx_error("") == "f: idx: no idx file: the first two bytes are not 0");
    CHECK(idx_error("hello") == "f: idx: no idx file: the first two bytes are not 0");
    CHECK(idx_error(changed(good, 2, 9)) ==
          "f: idx: type 9 at byte 2, expected 8 (uint8), 12 (int32), 13 (float) or 14 (double)");
    CHECK(idx_error(changed(good, 3, 9)) == "f: idx: 9 dimensions at byte 3, expected at most 8");
    CHECK(idx_error(good.substr(0, 11)) == "f: idx: the file ends in its header");
    CHECK(idx_error(changed(good, 7, 3)) ==
          "f: idx: 6 bytes of data at byte 12, which are not the uint8 [3,3] of the header");
    CHECK(idx_error(good + "x") == "f: idx: 7 bytes of data at byte 12, which are not the uint8 [2,3] of the header");
    std::string huge = bytes_of({0, 0, 14, 3});
    for (int i = 0; i < 12; ++i) huge += '\xff';
    CHECK(idx_error(huge).find("f: idx: sizes [4294967295,4294967295,4294967295] at byte 4 are beyond") == 0);
}

TEST_CASE("io/idx: damaged files give an error or an array") {
    fuzz("f", good, 1, [](std::string_view bytes) { parse_idx("f", bytes); });
    fuzz("f", gzipped(), 1, [](std::string_view bytes) { parse_idx("f", bytes); });
}
