// Definitions of zip_writer.hpp. Layout and signatures: PKWARE's APPNOTE.TXT 6.3, sections 4.3.7 to 4.5.3.
#include <algorithm>

namespace fathom::inline v0::io {

// `count` bytes of an integer, the lowest first.
FATHOM_INLINE std::string zip_bytes(std::uint64_t value, int count) {
    std::string out;
    for (int i = 0; i < count; ++i, value >>= 8) out += static_cast<char>(static_cast<unsigned char>(value & 255));
    return out;
}

FATHOM_INLINE void ZipWriter::add(std::string_view name, std::string_view head, std::string_view body) {
    const std::uint64_t size = head.size() + body.size(), crc = crc32(body, crc32(head));
    const bool wide = size >= large_, far_off = at_ >= large_;
    const auto field = [&](std::uint64_t value, bool in_extra) { return zip_bytes(in_extra ? 0xffffffff : value, 4); };
    const auto extra = [&](bool with_place) {
        std::string values;
        if (wide) values += zip_bytes(size, 8) + zip_bytes(size, 8);
        if (with_place && far_off) values += zip_bytes(at_, 8);
        return values.empty() ? values : zip_bytes(1, 2) + zip_bytes(values.size(), 2) + values;
    };
    const bool ascii = std::all_of(name.begin(), name.end(), [](char c) { return static_cast<signed char>(c) >= 0; });
    // What both headers have: version that reads it, flags (names in UTF-8), stored, the first of January 1980.
    const std::string common = zip_bytes(wide || far_off ? 45 : 20, 2) + zip_bytes(ascii ? 0 : 0x800, 2) +
                               zip_bytes(0, 4) + zip_bytes(0x21, 2) + zip_bytes(crc, 4) + field(size, wide) +
                               field(size, wide) + zip_bytes(name.size(), 2);
    const std::string local_extra = extra(false);
    const std::string local = "PK\3\4" + common + zip_bytes(local_extra.size(), 2);
    directory_ += "PK\1\2" + zip_bytes(45, 2) + common + zip_bytes(extra(true).size(), 2) + zip_bytes(0, 10) +
                  field(at_, far_off);
    directory_.append(name).append(extra(true));
    for (const std::string_view piece : {std::string_view(local), name, std::string_view(local_extra), head, body}) {
        writer_.write(piece);
        at_ += piece.size();
    }
    ++count_;
}

FATHOM_INLINE void ZipWriter::finish() {
    constexpr std::uint64_t most_entries = 0xffff, end64_size = 56;
    writer_.write(directory_);
    const bool zip64 = at_ >= large_ || directory_.size() >= large_ || count_ >= most_entries;
    if (zip64) {
        writer_.write("PK\6\6" + zip_bytes(end64_size - 12, 8) + zip_bytes(45, 2) + zip_bytes(45, 2) + zip_bytes(0, 8) +
                      zip_bytes(count_, 8) + zip_bytes(count_, 8) + zip_bytes(directory_.size(), 8) +
                      zip_bytes(at_, 8));
        writer_.write("PK\6\7" + zip_bytes(0, 4) + zip_bytes(at_ + directory_.size(), 8) + zip_bytes(1, 4));
    }
    const std::uint64_t count = zip64 ? most_entries : count_;
    writer_.write("PK\5\6" + zip_bytes(0, 4) + zip_bytes(count, 2) + zip_bytes(count, 2) +
                  zip_bytes(zip64 ? 0xffffffff : directory_.size(), 4) + zip_bytes(zip64 ? 0xffffffff : at_, 4) +
                  zip_bytes(0, 2));
}

}  // namespace fathom::inline v0::io
