// Definitions of file_names.hpp. Algorithm: The Unicode Standard, sections 3.11 and 3.12 (Hangul).
#include <algorithm>
#include <utility>

#include "fathom/data/decomposition.inl.hpp"
#include "fathom/io/text.hpp"

namespace fathom::inline v0::data {

FATHOM_INLINE int combining_class(char32_t c) {
    const auto* run = std::lower_bound(std::begin(combining_classes), std::end(combining_classes), c,
                                       [](const CombiningClass& r, char32_t value) { return r.last < value; });
    return run != std::end(combining_classes) && run->first <= c ? run->value : 0;
}

FATHOM_INLINE void append_decomposed(std::u32string& out, char32_t c) {
    constexpr char32_t syllables = 0xac00, leads = 0x1100, vowels = 0x1161, tails = 0x11a7;
    if (c >= syllables && c < syllables + 11172) {
        const char32_t i = c - syllables;
        out += {leads + i / 588, vowels + i % 588 / 28};
        if (i % 28 > 0) out += tails + i % 28;
        return;
    }
    const auto* entry = std::lower_bound(std::begin(decompositions), std::end(decompositions), c,
                                         [](const Decomposition& d, char32_t value) { return d.composed < value; });
    if (entry == std::end(decompositions) || entry->composed != c) {
        out += c;
        return;
    }
    append_decomposed(out, entry->first);
    if (entry->second) append_decomposed(out, entry->second);
}

FATHOM_INLINE std::string decomposed(std::string_view name) {
    if (!io::is_utf8(name)) return std::string(name);
    std::u32string characters;
    for (std::size_t i = 0; i < name.size();) {
        const auto byte = [&] { return static_cast<char32_t>(static_cast<unsigned char>(name[i++])); };
        char32_t c = byte();
        const int more = c < 0x80 ? 0 : c < 0xe0 ? 1 : c < 0xf0 ? 2 : 3;
        if (more > 0) c &= 0x3fu >> more;
        for (int k = 0; k < more; ++k) c = c << 6 | (byte() & 63);
        append_decomposed(characters, c);
    }
    // Marks at one letter: by their class, those of one class as they came. There are few.
    for (std::size_t i = 1; i < characters.size(); ++i) {
        const int rank = combining_class(characters[i]);
        for (std::size_t k = i; rank > 0 && k > 0 && combining_class(characters[k - 1]) > rank; --k)
            std::swap(characters[k - 1], characters[k]);
    }
    std::string out;
    for (const char32_t c : characters) {
        const int more = c < 0x80 ? 0 : c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
        const auto put = [&](char32_t value) { out += static_cast<char>(static_cast<unsigned char>(value)); };
        put(more == 0 ? c : ((0xff00u >> (more + 1)) & 0xff) | c >> 6 * more);
        for (int k = more; k-- > 0;) put(0x80 | (c >> 6 * k & 63));
    }
    return out;
}

}  // namespace fathom::inline v0::data
