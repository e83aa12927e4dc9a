// Decompression, of what zlib wrote, and of what nobody should have written.
#include "fathom/io/inflate.hpp"

#include "tests/io/support.hpp"

using fathom::io::inflate_zlib;
using namespace io_test;

namespace {

const std::string text =
    "the quick brown fox jumps over the lazy dog; the quick brown fox jumps over the lazy dog; "
    "the quick brown fox jumps over the lazy dog; "
    "cbebhhhgdbhaggahedbfaaaagdgadhhdfddheagbcebfgdeehgahdggcffbhbcgfhahaegccdaddgffheagcdgahfdghfgfafhadccbeabbahaedeb"
    "cfebcc";
// The same by zlib 1.2.13 at level 9, with codes of its own and with the fixed ones.
const char dynamic_bytes[] =
    "\x78\xda\xb5\xcd\xdb\x0d\xc3\x50\x08\x03\xd0\x55\xee\x1e\x9d\x06\x30\xd8\x7d\xa6\x4d\x93\xbe\xa6\x2f\xe9"
    "\x0e\x45\xe2\xc3\xe2\x58\x2c\xca\x71\x5b\xf7\x71\x1c\x3e\x4f\xcf\xcb\xa8\xe9\x35\x0e\xeb\xf9\x7a\x1f\xd3"
    "\x23\xe7\xb1\xf4\xf9\x64\x9f\xf7\xc0\xc4\xdd\x2f\xfd\x07\x87\xa7\x4b\x22\x5c\x46\x9a\x12\x5e\xd6\x43\xd0"
    "\x20\xa1\x00\xa5\xd1\x23\xbd\x88\x4c\xb5\x01\x19\x55\x2e\x0f\x96\x4c\x96\x8c\x80\x01\xac\xda\x6c\x74\x55"
    "\x05\xaa\x58\xd6\x00\xd1\x4f\xcc\x7d\x93\x48\x8f\xea\x8d\x2f\x42\x1e\x60\x1f";
const char fixed_bytes[] =
    "\x78\x01\x2b\xc9\x48\x55\x28\x2c\xcd\x4c\xce\x56\x48\x2a\xca\x2f\xcf\x53\x48\xcb\xaf\x50\xc8\x2a\xcd\x2d"
    "\x28\x56\xc8\x2f\x4b\x2d\x52\x28\x01\x4a\xe7\x24\x56\x55\x2a\xa4\xe4\xa7\x5b\x83\x79\xb4\x51\x9c\x9c\x94"
    "\x9a\x94\x91\x91\x91\x9e\x92\x94\x91\x98\x9e\x9e\x98\x91\x9a\x92\x94\x96\x08\x04\xe9\x29\xe9\x89\x29\x19"
    "\x19\x29\x69\x29\x29\x19\xa9\x89\xe9\x49\xc9\xa9\x49\x69\xe9\x29\xa9\xa9\x19\x40\x35\x29\xe9\xe9\xc9\x69"
    "\x69\x49\x19\x49\xc9\xe9\x69\x19\x89\x19\x89\xa9\xe9\xc9\xc9\x29\x89\x29\x29\xe9\x69\x69\x20\xb5\xc9\x40"
    "\xad\x19\x69\x29\xe9\x19\x69\xe9\x69\x89\x40\x05\x29\xc9\x40\x4b\x12\x93\x92\x40\x2a\x53\x52\x93\x92\xd3"
    "\x80\x38\x19\x00\x42\x1e\x60\x1f";
const std::string dynamic(dynamic_bytes, sizeof dynamic_bytes - 1), fixed(fixed_bytes, sizeof fixed_bytes - 1);

constexpr std::size_t much = 1 << 20;

}  // namespace

TEST_CASE("io/inflate: what zlib wrote, whole and in part") {
    for (const std::string& data : {dynamic, fixed}) {
        const auto whole = inflate_zlib("f", "x", data, much);
        CHECK(whole.data == text);
        CHECK(whole.ended);
        CHECK(whole.used == data.size());
        for (std::size_t most = 0; most < text.size(); ++most) {
            const auto part = inflate_zlib("f", "x", data, most);
            REQUIRE(part.data == text.substr(0, most));
            REQUIRE_FALSE(part.ended);
        }
        CHECK(inflate_zlib("f", "x", data, text.size()).ended);
        CHECK(inflate_zlib("f", "x", data + "behind", much).used == data.size());
    }
}

TEST_CASE("io/inflate: damaged data give an error or what they say") {
    for (const std::string& data : {dynamic, fixed}) {
        fuzz("f", data, 1, [](std::string_view bytes) { inflate_zlib("f", "x", bytes, much); });
        for (std::size_t size = 0; size < data.size(); ++size)
            REQUIRE_FALSE(
                survives("f", data.substr(0, size), [](std::string_view b) { inflate_zlib("f", "x", b, much); }));
    }
    // A bomb gives no more than it was asked for.
    const std::string zeros(1000, '\0');
    CHECK(error_of([&] { inflate_zlib("f", "x", "\x78\x01" + zeros, much); }).find("f: x: broken compressed data: ") ==
          0);
}
