// Definitions of text.hpp.

namespace fathom::inline v0::io {

inline constexpr char hex_digits[] = "0123456789abcdef";

FATHOM_INLINE bool is_utf8(std::string_view text) {
    for (std::size_t i = 0; i < text.size();) {
        const auto byte = [&](std::size_t k) {
            return k < text.size() ? static_cast<unsigned>(static_cast<unsigned char>(text[k])) : 0u;
        };
        const unsigned first = byte(i);
        const std::size_t length = first < 0x80                    ? 1
                                   : first >= 0xc2 && first < 0xe0 ? 2
                                   : (first & 0xf0) == 0xe0        ? 3
                                   : first >= 0xf0 && first < 0xf5 ? 4
                                                                   : 0;
        if (length == 0) return false;
        for (std::size_t k = 1; k < length; ++k)
            if ((byte(i + k) & 0xc0) != 0x80) return false;
        const unsigned second = byte(i + 1);
        if ((first == 0xe0 && second < 0xa0) || (first == 0xed && second >= 0xa0) || (first == 0xf0 && second < 0x90) ||
            (first == 0xf4 && second >= 0x90))
            return false;
        i += length;
    }
    return true;
}

FATHOM_INLINE std::string json_quoted(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += {'\\', c};
        } else if (byte < 0x20 || byte == 0x7f) {
            out.append("\\u00") += {hex_digits[byte >> 4], hex_digits[byte & 15]};
        } else {
            out += c;
        }
    }
    return out += '"';
}

FATHOM_INLINE std::string quoted(std::string_view text) {
    constexpr std::size_t most = 100;
    const bool shorten = text.size() > most;
    if (shorten) {
        text = text.substr(0, most);
        while (!text.empty() && (static_cast<unsigned char>(text.back()) & 0xc0) == 0x80) text.remove_suffix(1);
        if (!text.empty() && static_cast<unsigned char>(text.back()) >= 0xc0) text.remove_suffix(1);
    }
    const char* dots = shorten ? "..." : "";
    if (is_utf8(text)) return json_quoted(text) + dots;
    std::string out = "\"";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte >= 0x20 && byte < 0x7f)
            out += c;
        else
            out.append("\\x") += {hex_digits[byte >> 4], hex_digits[byte & 15]};
    }
    return out.append("\"").append(dots);
}

}  // namespace fathom::inline v0::io
