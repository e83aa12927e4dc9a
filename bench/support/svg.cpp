#include "bench/support/svg.hpp"

#include <algorithm>

#include "support/progress.hpp"

namespace fathom::bench {

namespace {

std::string escaped(const std::string& text) {
    std::string out;
    for (const char c : text) out += c == '<' ? "&lt;" : c == '>' ? "&gt;" : c == '&' ? "&amp;" : std::string(1, c);
    return out;
}

std::string text_at(double x, double y, const char* anchor, const std::string& text) {
    return program::format("<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">", x, y, anchor) + escaped(text) +
           "</text>\n";
}

}  // namespace

std::string bar_chart(const std::string& title, const std::string& unit, const std::vector<Bar>& bars) {
    constexpr double row = 26, left = 330, width = 480, top = 50, right = 190;
    double most = 0;
    for (const Bar& bar : bars) most = std::max({most, bar.value, bar.roof});
    const double scale = most > 0 ? width / most : 0, height = top + row * static_cast<double>(bars.size()) + 40;
    std::string svg = program::format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" height=\"%.0f\" font-family=\"sans-serif\" "
        "font-size=\"13\">\n<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>\n",
        left + width + right, height);
    svg += text_at(10, 24, "start", title);
    double y = top;
    for (const Bar& bar : bars) {
        svg += text_at(left - 8, y + 14, "end", bar.name);
        svg += program::format("<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"18\" fill=\"#4878a8\"/>\n", left, y,
                               bar.value * scale);
        svg += program::format(
            "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"#c03020\" stroke-width=\"2\"/>\n",
            left + bar.roof * scale, y - 4, left + bar.roof * scale, y + 22);
        svg += text_at(left + std::max(bar.value, bar.roof) * scale + 8, y + 14, "start", bar.label);
        y += row;
    }
    svg += text_at(left, y + 20, "start", unit + "; red: the roof (arithmetic, or bandwidth where that is lower)");
    return svg + "</svg>\n";
}

}  // namespace fathom::bench
