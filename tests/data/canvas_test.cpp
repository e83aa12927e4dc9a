#include "fathom/data/canvas.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace fathom;
using data::Canvas;

namespace {

// The red channel, a row a line: '.' where nothing was drawn.
struct Picture {
    std::int64_t height, width;
    std::vector<std::uint8_t> pixels = std::vector<std::uint8_t>(static_cast<std::size_t>(3 * height * width));
    Canvas canvas{height, width, pixels.data()};

    std::string text() const {
        std::string lines;
        for (std::size_t i = 0; i < pixels.size(); i += 3) {
            lines += pixels[i] == 0 ? '.' : '#';
            if ((i / 3 + 1) % static_cast<std::size_t>(width) == 0) lines += '\n';
        }
        return lines;
    }
};

const data::Color red = {255, 0, 0};

}  // namespace

TEST_CASE("data/canvas: frames, cut where they leave the picture") {
    Picture p{5, 6};
    p.canvas.frame(0, 1, 3, 4, 1, red);
    CHECK(p.text() ==
          ".####.\n"
          ".#..#.\n"
          ".#..#.\n"
          ".####.\n"
          "......\n");
    CHECK(p.pixels[3] == 255);
    CHECK(p.pixels[4] == 0);
    Picture cut{3, 4};
    cut.canvas.frame(-5, -5, 1, 2, 1, red);
    CHECK(cut.text() ==
          "..#.\n"
          "###.\n"
          "....\n");
    Picture thick{5, 5};
    thick.canvas.frame(0, 0, 4, 4, 2, red);
    CHECK(thick.text() ==
          "#####\n"
          "#####\n"
          "##.##\n"
          "#####\n"
          "#####\n");
}

TEST_CASE("data/canvas: text, cut at its limit and at the border") {
    Picture p{7, 12};
    p.canvas.write("II", 0, 0, 1, 11, red);
    const std::string whole = p.text();
    Picture limited{7, 12};
    limited.canvas.write("II", 0, 0, 1, 10, red);
    CHECK(whole.substr(0, 5) == limited.text().substr(0, 5));
    CHECK(limited.text().find('#', 5) != std::string::npos);
    CHECK(whole.substr(6, 5) == whole.substr(0, 5));
    CHECK(limited.text().substr(6, 5) == ".....");
    CHECK(Canvas::width_of("II", 2) == 24);
    Picture outside{2, 2};
    outside.canvas.write("W", -3, -3, 1, 99, red);
    outside.canvas.fill(1, 1, 5, 5, red);
    CHECK(outside.text().back() == '\n');
    CHECK(outside.pixels[9] == 255);
}
