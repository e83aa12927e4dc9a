// What every bench says at its end: warnings, and a file of results.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace fathom::bench {

// Beyond this share a ceiling has changed, or others have taken of the machine, too much to trust the times.
inline constexpr double tolerated = 0.05;

// A warning where others took more of the machine than is tolerated, else nothing.
std::string busy_warning(double others);
// Those that are not empty, one a line on stderr.
void print_warnings(const std::vector<std::string>& warnings);
// Does nothing without a file's name; throws where it cannot be written.
void write_text(const std::string& text, const std::string& file);
void write_json(const nlohmann::json& result, const std::string& file);

}  // namespace fathom::bench
