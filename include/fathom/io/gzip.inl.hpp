// Definitions of gzip.hpp. Section numbers are RFC 1952's.
#include "fathom/io/zip.hpp"

namespace fathom::inline v0::io {

FATHOM_INLINE bool is_gzip(std::string_view bytes) { return bytes.starts_with("\x1f\x8b"); }

FATHOM_INLINE Inflated inflate_gzip(const std::string& file, std::string_view bytes, std::size_t most) {
    const auto byte = [&](std::size_t i) {
        if (i >= bytes.size()) fail_file(file, {"gzip: the file ends at byte ", bytes.size(), " in the middle"});
        return std::uint32_t{static_cast<unsigned char>(bytes[i])};
    };
    if (!is_gzip(bytes)) fail_file(file, {"gzip: no gzip header at byte 0"});
    const std::uint32_t method = byte(2), flags = byte(3);
    if (method != 8) fail_file(file, {"gzip: method ", method, " at byte 2, expected 8 (deflate)"});
    if ((flags & 0xe0) != 0) fail_file(file, {"gzip: unknown flags ", flags, " at byte 3"});
    std::size_t at = 10;  // 2.3.1: optional fields in this order
    if (flags & 4) at += 2 + (byte(at) | byte(at + 1) << 8);
    for (const std::uint32_t text : {8u, 16u})  // the file's name, a comment
        if (flags & text)
            while (byte(at++) != 0) continue;
    if (flags & 2) at += 2;
    static_cast<void>(byte(at));
    Inflated out = inflate(file, "gzip", bytes.substr(at), most);
    out.used += at;
    if (!out.ended) return out;
    const auto word = [&] {
        std::uint32_t value = 0;
        for (int shift = 0; shift < 32; shift += 8) value |= byte(out.used++) << shift;
        return value;
    };
    const std::uint32_t checksum = word(), size = word(), sum = crc32(out.data);
    if (sum != checksum) fail_file(file, {"gzip: decompressed data have checksum ", sum, ", expected ", checksum});
    if (size != static_cast<std::uint32_t>(out.data.size()))
        fail_file(file, {"gzip: decompressed data have ", out.data.size(), " bytes, expected ", size});
    if (out.used != bytes.size())
        fail_file(file, {"gzip: ", bytes.size() - out.used, " bytes behind the compressed data"});
    return out;
}

}  // namespace fathom::inline v0::io
