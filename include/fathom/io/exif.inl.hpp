// Definitions of exif.hpp. Layout: TIFF 6.0, section 2; the tag: Exif 2.32, section 4.6.4.

namespace fathom::inline v0::io {

FATHOM_INLINE int exif_orientation(std::string_view tiff) {
    if (tiff.size() < 8 || (tiff.substr(0, 2) != "II" && tiff.substr(0, 2) != "MM")) return 1;
    const bool little = tiff[0] == 'I';
    const auto number = [&](std::size_t at, std::size_t bytes) -> std::size_t {
        std::size_t value = 0;
        for (std::size_t i = 0; i < bytes; ++i)
            value |= std::size_t{static_cast<unsigned char>(tiff[at + i])} << 8 * (little ? i : bytes - 1 - i);
        return value;
    };
    constexpr std::size_t entry_size = 12, orientation_tag = 0x0112, short_type = 3;
    const std::size_t directory = number(4, 4);
    if (number(2, 2) != 42 || directory > tiff.size() - 2) return 1;
    const std::size_t count = number(directory, 2);
    for (std::size_t i = 0, at = directory + 2; i < count && tiff.size() - at >= entry_size; ++i, at += entry_size) {
        if (number(at, 2) != orientation_tag) continue;
        const std::size_t code = number(at + 8, 2);
        return number(at + 2, 2) == short_type && code >= 1 && code <= 8 ? static_cast<int>(code) : 1;
    }
    return 1;
}

}  // namespace fathom::inline v0::io
