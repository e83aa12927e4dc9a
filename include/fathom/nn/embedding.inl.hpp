// Definitions of embedding.hpp.

namespace fathom::inline v0::detail {

FATHOM_INLINE std::int64_t padding_row(std::int64_t padding_idx, std::int64_t rows, const char* name, Where site) {
    if (padding_idx == no_padding) return no_padding;
    if (padding_idx < -rows || padding_idx >= rows)
        fail(name, site, {"padding_idx ", padding_idx, " is out of range for ", rows, " rows"});
    return padding_idx < 0 ? padding_idx + rows : padding_idx;
}

}  // namespace fathom::inline v0::detail
