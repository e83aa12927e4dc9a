// Definitions of zip.hpp. Layout and signatures: PKWARE's APPNOTE.TXT 6.3, sections 4.3.6 to 4.5.3.
#include <array>
#include <cstring>

#include "fathom/io/inflate.hpp"
#include "fathom/core/order.hpp"
#include "fathom/io/text.hpp"

namespace fathom::inline v0::io {

// Table k advances a checksum by the byte and k zero bytes, so that eight bytes take eight independent look-ups.
// Made at run time: as a constant it would cost every program 50 ms of compile time.
FATHOM_INLINE std::array<std::array<std::uint32_t, 256>, 8> make_crc_tables() {
    std::array<std::array<std::uint32_t, 256>, 8> t{};
    for (std::uint32_t i = 0; i < 256; ++i) {
        std::uint32_t c = i;
        for (int bit = 0; bit < 8; ++bit) c = (c >> 1) ^ (c & 1 ? 0xEDB88320u : 0);
        t[0][i] = c;
    }
    for (std::size_t k = 1; k < 8; ++k)
        for (std::size_t i = 0; i < 256; ++i) t[k][i] = (t[k - 1][i] >> 8) ^ t[0][t[k - 1][i] & 255];
    return t;
}

FATHOM_INLINE std::uint32_t crc32(std::string_view bytes, std::uint32_t before) {
    static const auto t = make_crc_tables();
    std::uint32_t c = ~before;
    std::size_t i = 0;
    for (; i + 8 <= bytes.size(); i += 8) {
        std::uint32_t low = 0, high = 0;
        std::memcpy(&low, bytes.data() + i, 4);
        std::memcpy(&high, bytes.data() + i + 4, 4);
        low ^= c;
        c = t[7][low & 255] ^ t[6][low >> 8 & 255] ^ t[5][low >> 16 & 255] ^ t[4][low >> 24] ^ t[3][high & 255] ^
            t[2][high >> 8 & 255] ^ t[1][high >> 16 & 255] ^ t[0][high >> 24];
    }
    for (; i < bytes.size(); ++i) c = (c >> 8) ^ t[0][(c ^ static_cast<unsigned char>(bytes[i])) & 255];
    return ~c;
}

FATHOM_INLINE bool is_zip(std::string_view bytes) {
    return bytes.substr(0, 4) == std::string_view("PK\3\4", 4) || bytes.substr(0, 4) == std::string_view("PK\5\6", 4);
}

// Little-endian fields of a file, bounds-checked.
struct ZipFields {
    const std::string& file;
    std::string_view bytes;

    template <class Integer>
    Integer at(std::uint64_t offset, const char* what) const {
        if (offset > bytes.size() || bytes.size() - offset < sizeof(Integer))
            fail_file(file, {"zip: ", what, " at byte ", offset, " is beyond the end"});
        Integer value;
        std::memcpy(&value, bytes.data() + offset, sizeof value);
        return value;
    }
    std::uint64_t u16(std::uint64_t offset, const char* what) const { return at<std::uint16_t>(offset, what); }
    std::uint64_t u32(std::uint64_t offset, const char* what) const { return at<std::uint32_t>(offset, what); }
    std::uint64_t u64(std::uint64_t offset, const char* what) const { return at<std::uint64_t>(offset, what); }
    std::string_view text(std::uint64_t offset, std::uint64_t size, const char* what) const {
        if (offset > bytes.size() || bytes.size() - offset < size)
            fail_file(file, {"zip: ", what, " at byte ", offset, " is beyond the end"});
        return bytes.substr(static_cast<std::size_t>(offset), static_cast<std::size_t>(size));
    }
};

struct ZipDirectory {
    std::uint64_t offset, size, count;
};

inline constexpr std::uint64_t zip_end_size = 22;

// Where the end record stands. The record whose comment ends where the file ends is preferred to one with other bytes
// behind it. 0 if there is none.
FATHOM_INLINE std::uint64_t find_zip_end(const ZipFields& zip) {
    constexpr std::uint64_t most_behind = 65535;  // a comment's length
    const std::uint64_t size = zip.bytes.size();
    if (size < zip_end_size) return 0;
    const std::uint64_t last = size - zip_end_size, first = last > most_behind ? last - most_behind : 0;
    std::uint64_t found = 0;
    for (std::uint64_t end = last + 1; end-- > first;) {
        if (zip.u32(end, "") != 0x06054b50) continue;
        const std::uint64_t comment = zip.u16(end + 20, "");
        if (end + zip_end_size + comment == size) return end;
        if (found == 0 && comment <= last - end) found = end;
    }
    return found;
}

FATHOM_INLINE ZipDirectory find_zip_directory(const ZipFields& zip) {
    constexpr std::uint64_t locator_size = 20;
    const std::uint64_t end = find_zip_end(zip);
    if (end == 0 && (zip.bytes.size() < zip_end_size || zip.u32(0, "") != 0x06054b50))
        fail_file(zip.file, {"zip: no end record: the file is truncated or no zip file"});
    ZipDirectory directory{zip.u32(end + 16, ""), zip.u32(end + 12, ""), zip.u16(end + 10, "")};
    if (end >= locator_size && zip.u32(end - locator_size, "") == 0x07064b50) {
        const std::uint64_t end64 = zip.u64(end - locator_size + 8, "");
        if (zip.u32(end64, "zip64 end record") != 0x06064b50)
            fail_file(zip.file, {"zip: no zip64 end record at byte ", end64});
        directory = {zip.u64(end64 + 48, "zip64 end record"), zip.u64(end64 + 40, "zip64 end record"),
                     zip.u64(end64 + 32, "zip64 end record")};
    }
    if (directory.offset > end || directory.size > end - directory.offset)
        fail_file(zip.file, {"zip: directory of ", directory.size, " bytes at byte ", directory.offset,
                             " is beyond its end record at byte ", end});
    if (directory.count > directory.size / 46)
        fail_file(zip.file, {"zip: directory of ", directory.size, " bytes cannot hold ", directory.count, " entries"});
    return directory;
}

// Replaces what is all ones by the 64-bit values of the zip64 extra field, in the order that the format fixes.
FATHOM_INLINE void read_zip64(const ZipFields& zip, std::uint64_t at, std::uint64_t end,
                              std::initializer_list<std::uint64_t*> values) {
    for (std::uint64_t size = 0; at + 4 <= end; at += 4 + size) {
        size = zip.u16(at + 2, "extra field");
        if (zip.u16(at, "extra field") != 1) continue;
        std::uint64_t field = at + 4;
        for (std::uint64_t* value : values) {
            if (*value != 0xffffffff) continue;
            if (field + 8 > at + 4 + size || field + 8 > end)
                fail_file(zip.file, {"zip: zip64 field at byte ", at, " is too short"});
            *value = zip.u64(field, "zip64 field");
            field += 8;
        }
        return;
    }
}

// The entry whose directory record stands at `at`, which moves on to the next. Records start before `end`.
FATHOM_INLINE ZipEntry read_zip_entry(const ZipFields& zip, std::uint64_t& at, std::uint64_t end) {
    if (end - at < 46 || zip.u32(at, "") != 0x02014b50) fail_file(zip.file, {"zip: no directory record at byte ", at});
    const std::uint64_t flags = zip.u16(at + 8, ""), method = zip.u16(at + 10, "");
    const std::uint64_t name_size = zip.u16(at + 28, ""), extra_size = zip.u16(at + 30, ""),
                        comment_size = zip.u16(at + 32, "");
    std::uint64_t stored = zip.u32(at + 20, ""), size = zip.u32(at + 24, ""), header = zip.u32(at + 42, "");
    if (name_size + extra_size + comment_size > end - at - 46)
        fail_file(zip.file, {"zip: directory record at byte ", at, " is beyond the directory's end"});
    ZipEntry entry{zip.text(at + 46, name_size, ""), {}, 0, zip.at<std::uint32_t>(at + 16, ""), 0, method == 8};
    const std::string name = "zip: entry " + io::quoted(entry.name);
    if (flags & 1) fail_file(zip.file, {name, " is encrypted"});
    if (method != 0 && method != 8)
        fail_file(zip.file, {name, " is compressed by method ", method, ", expected 0 (stored) or 8 (deflated)"});
    read_zip64(zip, at + 46 + name_size, at + 46 + name_size + extra_size, {&size, &stored, &header});
    if (method == 0 && stored != size)
        fail_file(zip.file, {name, " is stored in ", stored, " bytes, expected its size, ", size});
    if (size > max_inflation * (stored + 1))
        fail_file(zip.file, {name, " claims ", size, " bytes, which ", stored, " deflated ones cannot become"});
    entry.size = size;
    if (zip.u32(header, "local header") != 0x04034b50)
        fail_file(zip.file, {name, " has no local header at byte ", header});
    const std::uint64_t local_name = zip.u16(header + 26, "local header"),
                        local_extra = zip.u16(header + 28, "local header");
    if (zip.text(header + 30, local_name, "local header") != entry.name)
        fail_file(zip.file, {name, " has another name in its local header at byte ", header});
    entry.offset = header + 30 + local_name + local_extra;
    entry.content = zip.text(entry.offset, stored, "an entry's content");
    at += 46 + name_size + extra_size + comment_size;
    return entry;
}

FATHOM_INLINE detail::List<ZipEntry> read_zip(const std::string& file, std::string_view bytes) {
    const ZipFields zip{file, bytes};
    const ZipDirectory directory = find_zip_directory(zip);
    detail::List<ZipEntry> entries;
    std::uint64_t at = directory.offset;
    for (std::uint64_t i = 0; i < directory.count; ++i)
        entries.push_back(read_zip_entry(zip, at, directory.offset + directory.size));

    std::uint64_t last = 0;
    for (const std::size_t i : detail::sorted_order(
             entries.size(), [&](std::size_t a, std::size_t b) { return entries[a].offset < entries[b].offset; })) {
        const ZipEntry& entry = entries[i];
        if (entry.offset < last)
            fail_file(file,
                      {"zip: entry ", io::quoted(entry.name), " at byte ", entry.offset, " overlaps the one before"});
        last = entry.offset + entry.content.size();
    }
    if (last > directory.offset)
        fail_file(file, {"zip: entries reach to byte ", last, " into the directory at byte ", directory.offset});

    detail::List<ZipEntry> by_name;
    for (const std::size_t i : detail::sorted_order(
             entries.size(), [&](std::size_t a, std::size_t b) { return entries[a].name < entries[b].name; })) {
        if (!by_name.empty() && by_name.back().name == entries[i].name)
            fail_file(file, {"zip: entry ", io::quoted(entries[i].name), " occurs twice"});
        by_name.push_back(entries[i]);
    }
    return by_name;
}

FATHOM_INLINE const ZipEntry* find_entry(const detail::List<ZipEntry>& entries, std::string_view name) {
    const std::size_t at = detail::first_not(entries.size(), [&](std::size_t i) { return entries[i].name < name; });
    return at < entries.size() && entries[at].name == name ? &entries[at] : nullptr;
}

FATHOM_INLINE std::string_view unpacked(const std::string& file, const ZipEntry& entry, std::string& buffer) {
    const std::string name = "zip: entry " + io::quoted(entry.name);
    std::string_view content = entry.content;
    if (entry.deflated) {
        Inflated data = inflate(file, name.c_str(), entry.content, static_cast<std::size_t>(entry.size));
        if (!data.ended || data.data.size() != entry.size)
            fail_file(file, {name, " unpacks to ", data.ended ? "" : "more than ", data.data.size(),
                             " bytes, expected ", entry.size});
        buffer = std::move(data.data);
        content = buffer;
    }
    if (const std::uint32_t crc = crc32(content); crc != entry.crc)
        fail_file(file, {name, " at byte ", entry.offset, " has checksum ", crc, ", expected ", entry.crc});
    return content;
}

}  // namespace fathom::inline v0::io
