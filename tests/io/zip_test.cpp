#include "fathom/io/zip.hpp"

#include "tests/io/pth_writer.hpp"

using fathom::io::crc32;
using fathom::io::find_entry;
using fathom::io::read_zip;
using namespace io_test;

namespace {

const std::string zero(1, '\0');
const std::vector<ZipFile> two = {{"b", "second"}, {"a/x", ""}};

std::string zip_error(const std::string& bytes) {
    return error_of([&] {
        for (const auto& entry : read_zip("f", bytes)) {
            std::string buffer;
            fathom::io::unpacked("f", entry, buffer);
        }
    });
}

// `bytes` with a field overwritten, `from_end` bytes before the end.
std::string patched(std::string bytes, std::size_t from_end, const std::string& field) {
    return bytes.replace(bytes.size() - from_end, field.size(), field);
}

}  // namespace

TEST_CASE("io/zip: checksums") {
    CHECK(crc32("") == 0);
    CHECK(crc32("123456789") == 0xCBF43926);
    CHECK(crc32("The quick brown fox jumps over the lazy dog") == 0x414FA339);
    const std::string text = "The quick brown fox jumps over the lazy dog";
    for (std::size_t i = 0; i <= text.size(); ++i)
        CHECK(crc32(std::string_view(text).substr(i), crc32(std::string_view(text).substr(0, i))) == 0x414FA339);
}

TEST_CASE("io/zip: entries, plain and zip64, with a comment") {
    for (const bool zip64_end : {false, true})
        for (const bool zip64 : {false, true})
            for (const char* comment : {"", "a comment", "PK\5\6 and more than twenty-two bytes behind it"}) {
                std::vector<ZipFile> files = two;
                files[0].zip64 = zip64;
                const std::string bytes = make_zip(files, zip64_end, comment);
                const auto entries = read_zip("f", bytes);
                REQUIRE(entries.size() == 2);
                CHECK(entries[0].name == "a/x");
                CHECK(entries[0].content.empty());
                CHECK(entries[1].name == "b");
                CHECK(entries[1].content == "second");
                CHECK(bytes.substr(static_cast<std::size_t>(entries[1].offset), 6) == "second");
                CHECK(zip_error(bytes) == "no error");
                CHECK(find_entry(entries, "b") == &entries[1]);
                CHECK(find_entry(entries, "a") == nullptr);
                CHECK(find_entry(entries, "c") == nullptr);
            }
    CHECK(read_zip("f", make_zip({})).empty());
}

TEST_CASE("io/zip: what is refused") {
    const std::string good = make_zip(two);
    CHECK(zip_error("") == "f: zip: no end record: the file is truncated or no zip file");
    CHECK(zip_error(good.substr(0, good.size() - 1)) == "f: zip: no end record: the file is truncated or no zip file");
    CHECK(zip_error(patched(good, 6, le<std::uint32_t>(1u << 30))).find("f: zip: directory of ") == 0);
    CHECK(zip_error(patched(good, 12, le<std::uint16_t>(3))).find("cannot hold 3 entries") != std::string::npos);
    CHECK(zip_error(patched(good, 10, le<std::uint32_t>(10))).find("cannot hold 2 entries") != std::string::npos);
    std::vector<ZipFile> files = two;
    files[0].method = 12;
    CHECK(zip_error(make_zip(files)) ==
          "f: zip: entry \"b\" is compressed by method 12, expected 0 (stored) or 8 (deflated)");
    files[0].method = 8;
    CHECK(zip_error(make_zip(files)).find("f: zip: entry \"b\": broken compressed data: ") == 0);
    files[0].method = 0, files[0].flags = 1;
    CHECK(zip_error(make_zip(files)) == "f: zip: entry \"b\" is encrypted");
    files[0].flags = 0, files[0].crc_error = 1;
    CHECK(zip_error(make_zip(files)).find("f: zip: entry \"b\" at byte 38 has checksum ") == 0);
    CHECK(zip_error(make_zip({{"b", "1"}, {"b", "2"}})) == "f: zip: entry \"b\" occurs twice");
}

TEST_CASE("io/zip: deflated entries") {
    // "aaaaaaaaaa" with the fixed code.
    const std::string text(10, 'a'), deflated = "\x4b\x84\x03\x00";
    const std::string packed(deflated.data(), 3), bytes = make_zip({{"x", packed + zero, 8, 0, false, 0, text}});
    const auto entries = read_zip("f", bytes);
    REQUIRE(entries.size() == 1);
    std::string buffer;
    CHECK(fathom::io::unpacked("f", entries[0], buffer) == text);
    const auto wrong = [&](const std::string& data, const std::string& unpacked) {
        return zip_error(make_zip({{"x", data, 8, 0, false, 0, unpacked}}));
    };
    CHECK(wrong(packed + zero, text + "a") == "f: zip: entry \"x\" unpacks to 10 bytes, expected 11");
    CHECK(wrong(packed + zero, text.substr(1)) == "f: zip: entry \"x\" unpacks to more than 9 bytes, expected 9");
    CHECK(wrong(packed + zero, "aaaaaaaaab").find("has checksum") != std::string::npos);
    CHECK(wrong(packed + zero, std::string(6000, 'a')) ==
          "f: zip: entry \"x\" claims 6000 bytes, which 4 deflated ones cannot become");
    for (std::size_t size = 0; size < 3; ++size) CHECK(wrong(packed.substr(0, size), text) != "no error");
}

TEST_CASE("io/zip: bytes behind the end record are passed over, up to 64 KiB, as PyTorch does") {
    for (const bool zip64_end : {false, true}) {
        const std::string good = make_zip(two, zip64_end, "a comment");
        for (const std::size_t size : {std::size_t{1}, std::size_t{100}, std::size_t{65000}})
            for (const char filler : {'\0', 'P', 'x'}) {
                const std::string bytes = good + std::string(size, filler);
                CHECK(zip_error(bytes) == "no error");
                CHECK(read_zip("f", bytes).size() == 2);
            }
        CHECK(zip_error(good + std::string(70'000, 'x')) ==
              "f: zip: no end record: the file is truncated or no zip file");
    }
}

TEST_CASE("io/zip: entries that overlap or lie outside") {
    const std::string good = make_zip({{"a", "xxxx"}, {"b", "yyyy"}});
    const std::size_t second = good.rfind("PK\1\2");
    std::string bytes = good;
    bytes.replace(second + 42, 4, le<std::uint32_t>(1));  // local header at byte 1
    CHECK(zip_error(bytes) == "f: zip: entry \"b\" has no local header at byte 1");
    bytes.replace(second + 42, 4, le<std::uint32_t>(0));  // that of the first entry
    CHECK(zip_error(bytes) == "f: zip: entry \"b\" has another name in its local header at byte 0");
    bytes = good;
    bytes.replace(second + 42, 4, le<std::uint32_t>(0xfffffff0u));
    CHECK(zip_error(bytes) == "f: zip: local header at byte 4294967280 is beyond the end");
    const std::size_t first = good.find("PK\1\2");
    bytes = good;
    bytes.replace(first + 20, 8, le<std::uint32_t>(50) + le<std::uint32_t>(50));  // the first reaches into the second
    CHECK(zip_error(bytes).find("f: zip: entry \"b\" at byte ") == 0);
    CHECK(zip_error(bytes).find("overlaps the one before") != std::string::npos);
    bytes = good;
    bytes.replace(second + 20, 8, le<std::uint32_t>(20) + le<std::uint32_t>(20));  // the second into the directory
    CHECK(zip_error(bytes).find("f: zip: entries reach to byte ") == 0);
    bytes.replace(second + 20, 8, le<std::uint32_t>(1u << 30) + le<std::uint32_t>(1u << 30));
    CHECK(zip_error(bytes).find("an entry's content at byte ") != std::string::npos);
    bytes.replace(second + 20, 8, le<std::uint32_t>(4) + le<std::uint32_t>(5));
    CHECK(zip_error(bytes) == "f: zip: entry \"b\" is stored in 4 bytes, expected its size, 5");
}

TEST_CASE("io/zip: damaged files give an error or entries") {
    const auto parse = [](std::string_view bytes) {
        for (const auto& entry : read_zip("f", bytes)) {
            std::string buffer;
            fathom::io::unpacked("f", entry, buffer);
        }
    };
    std::vector<ZipFile> files = two;
    fuzz("f", make_zip(files), 1, parse);
    files[0].zip64 = true;
    fuzz("f", make_zip(files, true, "comment"), 1, parse);
}
