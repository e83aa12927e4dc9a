// A bitmap font of 5 x 7 pixels for labels in pictures: printable ASCII. Used by canvas.hpp.
#pragma once

#include <cstddef>
#include <cstdint>

namespace fathom::inline v0::data {

inline constexpr std::int64_t glyph_width = 5, glyph_height = 7;

// Bit 5 * row + column of a glyph is set where it has ink; the first is the space.
inline constexpr std::uint64_t glyphs[95] = {
    0x000000000, 0x100421084, 0x00000294a, 0x295f57d4a, 0x11f4717c4, 0x632222263, 0x593511526, 0x000001084, 0x208210888,
    0x088842082, 0x009575480, 0x0084f9080, 0x088c00000, 0x0000f8000, 0x18c000000, 0x002222200, 0x3a33ae62e, 0x3884210c4,
    0x7c444422e, 0x3a304111f, 0x211f4a988, 0x3a3083c3f, 0x3a317844c, 0x08422221f, 0x3a317462e, 0x1910f462e, 0x00c6018c0,
    0x0886018c0, 0x410411110, 0x001f07c00, 0x044441041, 0x10044422e, 0x3ab5b422e, 0x463f8c62e, 0x3e317c62f, 0x3a210862e,
    0x1d318c527, 0x7c217843f, 0x04217843f, 0x7a31e862e, 0x4631fc631, 0x38842108e, 0x19284211c, 0x452519531, 0x7c2108421,
    0x4631ad771, 0x4639ace31, 0x3a318c62e, 0x04217c62f, 0x59358c62e, 0x45257c62f, 0x3e107043e, 0x10842109f, 0x3a318c631,
    0x11518c631, 0x2ab5ac631, 0x462a22a31, 0x108454631, 0x7c222221f, 0x38421084e, 0x020820820, 0x39084210e, 0x000004544,
    0x7c0000000, 0x000002082, 0x7a3e83800, 0x3e319b421, 0x3a210b800, 0x7a31cda10, 0x383f8b800, 0x084238a4c, 0x3a1e8f800,
    0x46319b421, 0x388421804, 0x192843008, 0x24a32a421, 0x388421086, 0x4635aac00, 0x46319b400, 0x3a318b800, 0x042f8bc00,
    0x421ecd800, 0x04219b400, 0x3e0e0b800, 0x324211c42, 0x5b318c400, 0x11518c400, 0x2ab58c400, 0x454454400, 0x3a1e8c400,
    0x7c4447c00, 0x208411088, 0x108421084, 0x088441082, 0x011510000};

// Whether a character has ink at a row and column; what is not printable ASCII shows as a question mark.
constexpr bool has_ink(char character, std::int64_t row, std::int64_t column) {
    const int code = static_cast<unsigned char>(character);
    const std::size_t index = static_cast<std::size_t>(code >= 32 && code < 127 ? code - 32 : '?' - 32);
    return (glyphs[index] >> (glyph_width * row + column) & 1) != 0;
}

}  // namespace fathom::inline v0::data
