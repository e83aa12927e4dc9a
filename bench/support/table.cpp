#include "bench/support/table.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "support/progress.hpp"

namespace fathom::bench {

std::string Table::text() const {
    std::vector<std::size_t> width(rows_.front().size(), 0);
    for (const auto& row : rows_)
        for (std::size_t i = 0; i < row.size(); ++i) width[i] = std::max(width[i], row[i].size());
    std::string text;
    for (const auto& row : rows_) {
        std::string line;
        for (std::size_t i = 0; i < row.size(); ++i) {
            const std::string space(width[i] - row[i].size(), ' ');
            line += i == 0 ? row[i] + space : "  " + space + row[i];
        }
        line.erase(line.find_last_not_of(' ') + 1);
        text += line + "\n";
    }
    return text;
}

std::string number_text(double value) {
    const double size = std::abs(value);
    return program::format(size >= 99.95 ? "%.0f" : size >= 9.995 ? "%.1f" : size >= 0.9995 ? "%.2f" : "%.3f", value);
}

std::string time_text(double seconds) {
    if (seconds >= 0.9995) return number_text(seconds) + " s";
    if (seconds >= 0.9995e-3) return number_text(seconds * 1e3) + " ms";
    return number_text(seconds * 1e6) + " us";
}

std::string share_text(double share) { return program::format(share < 0.0995 ? "%.1f%%" : "%.0f%%", share * 100); }

std::string error_text(double error) { return program::format("%.1e", error); }

}  // namespace fathom::bench
