// Tables as CSV (RFC 4180).
#pragma once

#include <string>
#include <vector>

namespace program {

// Quoted where a comma, a quote or the end of a line is inside.
inline std::string csv_field(const std::string& text) {
    if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
    std::string quoted = "\"";
    for (const char c : text) quoted += c == '"' ? std::string(2, c) : std::string(1, c);
    return quoted + "\"";
}

inline std::string csv_row(const std::vector<std::string>& fields) {
    std::string row;
    for (const std::string& field : fields) row += (row.empty() ? "" : ",") + csv_field(field);
    return row + "\n";
}

}  // namespace program
