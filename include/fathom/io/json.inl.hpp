// Definitions of json.hpp.

namespace fathom::inline v0::io {

FATHOM_INLINE void JsonReader::fail_here(Parts parts) const {
    fail_file(file_, {join(parts), " at byte ", offset_ + position_});
}

FATHOM_INLINE std::string JsonReader::found() const {
    if (position_ >= text_.size()) return "the end";
    const char c = text_[position_];
    return c >= 0x20 && c < 0x7f ? std::string{'\'', c, '\''}
                                 : join({"byte ", static_cast<int>(static_cast<unsigned char>(c))});
}

FATHOM_INLINE void JsonReader::skip_space() {
    while (position_ < text_.size() && std::string_view(" \t\n\r").find(text_[position_]) != std::string_view::npos)
        ++position_;
}

FATHOM_INLINE bool JsonReader::accept(char c) {
    skip_space();
    if (position_ >= text_.size() || text_[position_] != c) return false;
    ++position_;
    return true;
}

FATHOM_INLINE void JsonReader::expect(char c) {
    if (!accept(c)) fail_here({"JSON: expected '", std::string_view(&c, 1), "', got ", found()});
}

FATHOM_INLINE bool JsonReader::ends(char close) {
    if (accept(close)) return true;
    if (!accept(',')) fail_here({"JSON: expected ',' or '", std::string_view(&close, 1), "', got ", found()});
    return false;
}

FATHOM_INLINE void JsonReader::check_unique(const detail::List<Key>& keys) {
    const auto order =
        detail::sorted_order(keys.size(), [&](std::size_t a, std::size_t b) { return keys[a].name < keys[b].name; });
    for (std::size_t i = 1; i < order.size(); ++i) {
        const Key& key = keys[order[i]];
        if (key.name != keys[order[i - 1]].name) continue;
        position_ = key.at;
        fail_here({"JSON: key ", io::quoted(key.name), " occurs twice"});
    }
}

FATHOM_INLINE unsigned JsonReader::hex4() {
    unsigned value = 0;
    for (int i = 0; i < 4; ++i, ++position_) {
        const char c = position_ < text_.size() ? text_[position_] : ' ';
        const int digit = c >= '0' && c <= '9'   ? c - '0'
                          : c >= 'a' && c <= 'f' ? c - 'a' + 10
                          : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                                 : -1;
        if (digit < 0) fail_here({"JSON: expected a hexadecimal digit, got ", found()});
        value = value * 16 + static_cast<unsigned>(digit);
    }
    return value;
}

// Behind a backslash.
FATHOM_INLINE void JsonReader::append_escape(std::string& out) {
    static constexpr std::string_view names = "\"\\/bfnrt", values = "\"\\/\b\f\n\r\t";
    const char c = position_ < text_.size() ? text_[position_] : ' ';
    if (const auto i = names.find(c); i != std::string_view::npos) {
        out += values[i];
        ++position_;
        return;
    }
    if (c != 'u') fail_here({"JSON: unknown escape ", found()});
    ++position_;
    unsigned code = hex4();
    if (code >= 0xd800 && code < 0xe000) {
        if (code >= 0xdc00 || text_.substr(position_, 2) != "\\u") fail_here({"JSON: half of a surrogate pair"});
        position_ += 2;
        const unsigned low = hex4();
        if (low < 0xdc00 || low >= 0xe000) fail_here({"JSON: half of a surrogate pair"});
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
    }
    const auto put = [&](unsigned byte) { out += static_cast<char>(static_cast<unsigned char>(byte)); };
    if (code < 0x80) {
        put(code);
    } else if (code < 0x800) {
        put(0xc0 | code >> 6), put(0x80 | (code & 63));
    } else if (code < 0x10000) {
        put(0xe0 | code >> 12), put(0x80 | (code >> 6 & 63)), put(0x80 | (code & 63));
    } else {
        put(0xf0 | code >> 18), put(0x80 | (code >> 12 & 63)), put(0x80 | (code >> 6 & 63)), put(0x80 | (code & 63));
    }
}

FATHOM_INLINE std::string JsonReader::string() {
    expect('"');
    std::string out;
    for (;;) {
        const std::size_t start = position_;
        while (position_ < text_.size() && text_[position_] != '"' && text_[position_] != '\\' &&
               static_cast<unsigned char>(text_[position_]) >= 0x20)
            ++position_;
        const std::string_view plain = text_.substr(start, position_ - start);
        if (!is_utf8(plain)) {
            position_ = start;
            fail_here({"JSON: a string that is not UTF-8"});
        }
        out += plain;
        if (position_ >= text_.size()) fail_here({"JSON: a string without an end"});
        if (text_[position_] == '"') break;
        if (text_[position_] != '\\') fail_here({"JSON: a string with ", found(), " in it"});
        ++position_;
        append_escape(out);
    }
    ++position_;
    return out;
}

FATHOM_INLINE std::int64_t JsonReader::integer() {
    skip_space();
    const std::size_t start = position_;
    std::int64_t value = 0;
    for (; position_ < text_.size() && text_[position_] >= '0' && text_[position_] <= '9'; ++position_) {
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, text_[position_] - '0', &value)) {
            position_ = start;
            fail_here({"JSON: an integer above 2^63 - 1"});
        }
    }
    const bool more =
        position_ < text_.size() && std::string_view(".eE").find(text_[position_]) != std::string_view::npos;
    if (position_ == start || more) fail_here({"JSON: expected a non-negative integer, got ", found()});
    if (position_ - start > 1 && text_[start] == '0') {
        position_ = start;
        fail_here({"JSON: a number with a leading zero"});
    }
    return value;
}

FATHOM_INLINE void JsonReader::skip_number() {
    const auto digits = [&] {
        const std::size_t start = position_;
        while (position_ < text_.size() && text_[position_] >= '0' && text_[position_] <= '9') ++position_;
        if (position_ == start) fail_here({"JSON: expected a value, got ", found()});
    };
    const auto at = [&](std::string_view any) {
        return position_ < text_.size() && any.find(text_[position_]) != std::string_view::npos;
    };
    if (at("-")) ++position_;
    const std::size_t whole = position_;
    digits();
    if (position_ - whole > 1 && text_[whole] == '0') {
        position_ = whole;
        fail_here({"JSON: a number with a leading zero"});
    }
    if (at(".")) {
        ++position_;
        digits();
    }
    if (at("eE")) {
        ++position_;
        if (at("+-")) ++position_;
        digits();
    }
}

FATHOM_INLINE void JsonReader::skip() {
    skip_space();
    const char c = position_ < text_.size() ? text_[position_] : ' ';
    if (c == '{') return object([&](const std::string&) { skip(); });
    if (c == '[') return array([&] { skip(); });
    if (c == '"') return void(string());
    for (std::string_view word : {"true", "false", "null"}) {
        if (text_.substr(position_, word.size()) != word) continue;
        position_ += word.size();
        return;
    }
    skip_number();
}

FATHOM_INLINE void JsonReader::end() {
    skip_space();
    if (position_ < text_.size()) fail_here({"JSON: expected the end, got ", found()});
}

}  // namespace fathom::inline v0::io
