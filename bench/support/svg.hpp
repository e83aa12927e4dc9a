// Bars with their roofs, as a picture (SVG).
#pragma once

#include <string>
#include <vector>

namespace fathom::bench {

struct Bar {
    std::string name;
    double value, roof;  // what was reached, and what can be
    std::string label;   // beside the bar
};

// A bar for each, from the top, on one linear scale; a red line at its roof.
std::string bar_chart(const std::string& title, const std::string& unit, const std::vector<Bar>& bars);

}  // namespace fathom::bench
