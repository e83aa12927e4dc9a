// A table for a terminal: columns as wide as their texts, the first and those of words to the left, numbers to the
// right.
#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace program {

// Text of a file for a terminal: a byte that would steer it, or is no UTF-8 of one line, becomes \xNN.
inline std::string printable(const std::string& text) {
    static const char* digits = "0123456789abcdef";
    std::string out;
    for (const char letter : text) {
        const auto byte = static_cast<unsigned char>(letter);
        if (byte >= 32 && byte != 127)
            out += letter;
        else
            out.append("\\x").append(1, digits[byte / 16]).append(1, digits[byte % 16]);
    }
    return out;
}

class TextTable {
public:
    // '<' or '>' per column.
    TextTable(std::string sides, std::vector<std::string> titles) : sides_(std::move(sides)) {
        rows_.push_back(std::move(titles));
    }

    void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
    bool empty() const { return rows_.size() == 1; }

    std::string text() const {
        std::vector<std::size_t> widths(sides_.size());
        for (const auto& row : rows_)
            for (std::size_t c = 0; c < row.size(); ++c) widths[c] = std::max(widths[c], length(row[c]));
        std::string out;
        for (const auto& row : rows_) {
            std::string line;
            for (std::size_t c = 0; c < row.size(); ++c) {
                const std::string gap(widths[c] - length(row[c]), ' ');
                line += (c ? "  " : "") + (sides_[c] == '<' ? row[c] + gap : gap + row[c]);
            }
            line.erase(line.find_last_not_of(' ') + 1);
            out += line + "\n";
        }
        return out;
    }

private:
    // Characters of UTF-8.
    static std::size_t length(const std::string& text) {
        return static_cast<std::size_t>(
            std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
    }

    std::string sides_;
    std::vector<std::vector<std::string>> rows_;
};

}  // namespace program
