// Classes of labels, beside ignored_label: their names and their colors; the nine of MSRS. Nothing is drawn here; see
// pictures.hpp for that.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "fathom/core/ignored_label.hpp"

namespace fathom::inline v0::data {

inline constexpr std::int64_t class_count = 9;

inline constexpr std::array<const char*, class_count> class_names = {
    "background", "car", "person", "bike", "curve", "car stop", "guardrail", "color cone", "bump"};

using Color = std::array<std::uint8_t, 3>;  // red, green, blue

inline constexpr std::array<Color, class_count> class_colors = {{{0, 0, 0},
                                                                 {64, 0, 128},
                                                                 {64, 64, 0},
                                                                 {0, 128, 192},
                                                                 {0, 0, 192},
                                                                 {128, 128, 0},
                                                                 {64, 64, 128},
                                                                 {192, 128, 128},
                                                                 {192, 64, 0}}};

// A color for a class that was given none: that of PASCAL VOC, whose neighbours are easily told apart. 0 is black.
constexpr Color default_class_color(std::int64_t c) {
    Color color{};
    for (int bit = 0; bit < 8; ++bit)
        for (std::size_t i = 0; i < 3; ++i)
            color[i] = static_cast<std::uint8_t>(color[i] | ((c >> (3 * bit + static_cast<int>(i)) & 1) << (7 - bit)));
    return color;
}

// Classes of one's own: class i has names[i] and colors[i].
struct Classes {
    std::vector<std::string> names;
    std::vector<Color> colors;

    std::int64_t size() const { return static_cast<std::int64_t>(names.size()); }
    bool operator==(const Classes&) const = default;
    void add(std::string name, const Color& color) {
        names.push_back(std::move(name));
        colors.push_back(color);
    }

    static Classes msrs() {
        return {{class_names.begin(), class_names.end()}, {class_colors.begin(), class_colors.end()}};
    }
    // "class 0", "class 1", ...
    static Classes numbered(std::int64_t count) {
        Classes classes;
        for (std::int64_t c = 0; c < count; ++c) classes.add("class " + std::to_string(c), default_class_color(c));
        return classes;
    }
};

}  // namespace fathom::inline v0::data
