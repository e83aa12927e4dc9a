// Definitions of idx.hpp.
#include <algorithm>

#include "fathom/io/gzip.hpp"
#include "fathom/io/tensor_bytes.hpp"

namespace fathom::inline v0::io {

struct IdxHeader {
    DType dtype = DType::uint8;
    Shape shape;
    std::size_t size = 0;  // of the header, and with the data of what it says
    std::int64_t data = 0;
};

FATHOM_INLINE IdxHeader read_idx_header(const std::string& file, std::string_view bytes) {
    const auto byte = [&](std::size_t i) { return std::uint32_t{static_cast<unsigned char>(bytes[i])}; };
    if (bytes.size() < 4 || byte(0) != 0 || byte(1) != 0)
        fail_file(file, {"idx: no idx file: the first two bytes are not 0"});
    IdxHeader header;
    switch (byte(2)) {
        case 0x08:
            header.dtype = DType::uint8;
            break;
        case 0x0c:
            header.dtype = DType::int32;
            break;
        case 0x0d:
            header.dtype = DType::float32;
            break;
        case 0x0e:
            header.dtype = DType::float64;
            break;
        default:
            fail_file(file,
                      {"idx: type ", byte(2), " at byte 2, expected 8 (uint8), 12 (int32), 13 (float) or 14 (double)"});
    }
    const std::size_t rank = byte(3);
    if (rank > max_rank) fail_file(file, {"idx: ", rank, " dimensions at byte 3, expected at most ", max_rank});
    header.size = 4 + 4 * rank;
    if (bytes.size() < header.size) fail_file(file, {"idx: the file ends in its header"});
    for (std::size_t d = 0; d < rank; ++d) {
        std::int64_t size = 0;
        for (std::size_t i = 0; i < 4; ++i) size = size << 8 | byte(4 + 4 * d + i);
        header.shape.push_back(size);
    }
    header.data = dense_bytes(header.shape, header.dtype);
    if (header.data < 0) fail_file(file, {"idx: sizes ", header.shape, " at byte 4 are beyond any memory"});
    return header;
}

FATHOM_INLINE AnyTensor parse_idx(const std::string& file, std::string_view bytes, Where site) {
    std::string buffer;
    if (is_gzip(bytes)) {
        constexpr std::size_t longest_header = 4 + 4 * max_rank;
        const IdxHeader header = read_idx_header(file, inflate_gzip(file, bytes, longest_header).data);
        if (static_cast<std::uint64_t>(header.data) / max_inflation > bytes.size())
            fail_file(file, {"idx: sizes ", header.shape, ", which ", bytes.size(), " compressed bytes cannot become"});
        Inflated data = inflate_gzip(file, bytes, header.size + static_cast<std::size_t>(header.data));
        if (!data.ended)
            fail_file(file, {"idx: more data than the ", header.dtype, " ", header.shape, " of the header"});
        buffer = std::move(data.data);
        bytes = buffer;
    }
    const IdxHeader header = read_idx_header(file, bytes);
    if (bytes.size() - header.size != static_cast<std::size_t>(header.data))
        fail_file(file, {"idx: ", bytes.size() - header.size, " bytes of data at byte ", header.size,
                         ", which are not the ", header.dtype, " ", header.shape, " of the header"});
    const std::size_t width = size_of(header.dtype);
    std::string turned;
    const char* data = bytes.data() + header.size;
    if (width > 1) {
        turned.assign(data, bytes.size() - header.size);
        for (std::size_t i = 0; i < turned.size(); i += width)
            std::reverse(turned.data() + i, turned.data() + i + width);
        data = turned.data();
    }
    return tensor_from_bytes(data, header.shape, header.dtype, "load_idx", site);
}

FATHOM_INLINE AnyTensor load_idx(const std::string& path, Where site) {
    const MappedFile file(path);
    return parse_idx(path, file.bytes(), site);
}

}  // namespace fathom::inline v0::io
