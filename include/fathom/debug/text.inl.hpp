// Definitions of text.hpp.
#include <algorithm>
#include <cstdio>

namespace fathom::inline v0::debug {

FATHOM_INLINE std::string Table::text() const {
    std::vector<std::size_t> widths(rows_[0].size());
    for (const std::vector<std::string>& row : rows_)
        for (std::size_t c = 0; c < row.size(); ++c) widths[c] = std::max(widths[c], row[c].size());
    std::string text;
    for (std::size_t r = 0; r < rows_.size(); ++r) {
        std::string line;
        for (std::size_t c = 0; c < widths.size(); ++c) {
            const std::string space(widths[c] - rows_[r][c].size(), ' ');
            line.append(c == 0 ? "" : "  ").append(c == 0 ? rows_[r][c] + space : space + rows_[r][c]);
        }
        line.erase(line.find_last_not_of(' ') + 1);
        text += line + '\n';
        if (r == 0) text += std::string(line.size(), '-') + '\n';
    }
    return text;
}

namespace detail {
FATHOM_INLINE std::string with_unit(double value, double step, const char* const* units, int last) {
    int unit = 0;
    for (; unit < last && (value >= step || value <= -step); ++unit) value /= step;
    char text[40];
    std::snprintf(text, sizeof text, unit == 0 ? "%.0f %s" : "%.4g %s", value, units[unit]);
    std::string trimmed = text;
    trimmed.erase(trimmed.find_last_not_of(' ') + 1);
    return trimmed;
}
}  // namespace detail

FATHOM_INLINE std::string bytes_text(std::int64_t bytes) {
    constexpr const char* units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
    return detail::with_unit(static_cast<double>(bytes), 1024, units, 4);
}

FATHOM_INLINE std::string count_text(std::int64_t number) {
    constexpr const char* units[] = {"", "k", "M", "G", "T"};
    return detail::with_unit(static_cast<double>(number), 1000, units, 4);
}

FATHOM_INLINE std::string xml_escaped(std::string_view text) {
    std::string s;
    for (const char c : text) {
        if (c == '<')
            s += "&lt;";
        else if (c == '&')
            s += "&amp;";
        else if (c == '"')
            s += "&quot;";
        else
            s += c;
    }
    return s;
}

}  // namespace fathom::inline v0::debug
