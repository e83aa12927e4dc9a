#include "bench/support/report.hpp"

#include <cstdio>
#include <fstream>
#include <stdexcept>

#include "bench/support/table.hpp"

namespace fathom::bench {

std::string busy_warning(double others) {
    if (others <= tolerated) return {};
    return "others used " + share_text(others) + " of the machine meanwhile: times are too long, ratios uncertain";
}

void print_warnings(const std::vector<std::string>& warnings) {
    std::fflush(stdout);
    for (const std::string& warning : warnings)
        if (!warning.empty()) std::fprintf(stderr, "warning: %s\n", warning.c_str());
}

void write_text(const std::string& text, const std::string& file) {
    if (file.empty()) return;
    std::ofstream out(file);
    out << text;
    if (!out.flush()) throw std::runtime_error(file + ": cannot be written");
}

void write_json(const nlohmann::json& result, const std::string& file) { write_text(result.dump(1) + "\n", file); }

}  // namespace fathom::bench
