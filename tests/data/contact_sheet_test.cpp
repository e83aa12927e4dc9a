#include "fathom/data/contact_sheet.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <string>
#include <vector>

#include "fathom/data/classes.hpp"
#include "fathom/data/font.hpp"
#include "fathom/tensor/factories.hpp"

using namespace fathom;
using data::ContactSheet;

namespace {

Tensor<std::uint8_t> plain(const Shape& shape, std::uint8_t value) {
    const std::vector<std::uint8_t> pixels(static_cast<std::size_t>(shape.numel()), value);
    return from_data(pixels.data(), shape);
}

int value_at(const Tensor<std::uint8_t>& t, std::int64_t y, std::int64_t x, std::int64_t c) {
    return t.data()[(y * t.shape()[1] + x) * 3 + c];
}

}  // namespace

TEST_CASE("data/contact_sheet: cells, titles and names stand where they should") {
    ContactSheet sheet({"A", "B"}, {.cell_width = 16});
    const std::vector<std::uint8_t> ramp = {0, 0, 255, 255, 10, 30, 90, 70};  // [2, 4]: shrunk to 16? no, enlarged by 4
    sheet.add_row("x", {from_data(ramp.data(), {2, 4}), plain({32, 32, 3}, 77)});
    sheet.add_row("", {plain({16, 16, 1}, 9), {}});
    CHECK(sheet.rows() == 2);
    const auto picture = sheet.render();
    // margin 6, title 7, margin 6; per row: name 7 + 3, cell, margin 6.
    CHECK(picture.shape() == Shape{19 + (10 + 16 + 6) + (10 + 16 + 6), 6 + 2 * 22, 3});
    CHECK(value_at(picture, 0, 0, 0) == 244);
    CHECK(value_at(picture, 6, 7, 0) == 20);     // the top of A
    CHECK(value_at(picture, 6, 6, 0) == 244);    // beside it
    CHECK(value_at(picture, 6, 28, 2) == 20);    // the corner of B
    CHECK(value_at(picture, 29, 6, 1) == 0);     // first pixel, enlarged
    CHECK(value_at(picture, 32, 21, 1) == 255);  // last pixel of its first row
    CHECK(value_at(picture, 33, 6, 0) == 10);
    CHECK(value_at(picture, 36, 17, 0) == 90);
    CHECK(value_at(picture, 29, 28, 0) == 77);
    CHECK(value_at(picture, 44, 43, 2) == 77);
    CHECK(value_at(picture, 61, 6, 0) == 9);
    CHECK(value_at(picture, 61, 28, 0) == 244);  // left empty
}

TEST_CASE("data/contact_sheet: a larger picture is shrunk to the mean over each area") {
    std::vector<std::uint8_t> pixels;
    for (int y = 0; y < 3; ++y)
        for (int x = 0; x < 40; ++x) pixels.push_back(static_cast<std::uint8_t>(6 * x));
    ContactSheet sheet({"t"}, {.cell_width = 16});
    sheet.add_row("n", {from_data(pixels.data(), {3, 40})});
    const auto picture = sheet.render();
    for (int i = 0; i < 16; ++i) {  // 2.5 pixels each
        double mean = 0;
        for (int sub = 0; sub < 5; ++sub) mean += 6.0 * ((5 * i + sub) / 2) / 5;
        CHECK(std::abs(value_at(picture, 29, 6 + i, 0) - mean) <= 0.5001);
    }
}

TEST_CASE("data/contact_sheet: long text is cut, strange bytes show as question marks") {
    ContactSheet sheet({std::string(500, 'W')}, {.cell_width = 32});
    sheet.add_row(std::string(500, 'M'), {plain({4, 4}, 0)});
    CHECK_NOTHROW(sheet.render());
    for (std::int64_t row = 0; row < data::glyph_height; ++row)
        for (std::int64_t column = 0; column < data::glyph_width; ++column) {
            CHECK(data::has_ink('\xC3', row, column) == data::has_ink('?', row, column));
            CHECK_FALSE(data::has_ink(' ', row, column));
        }
}

TEST_CASE("data/contact_sheet: what does not fit is refused") {
    CHECK_THROWS_WITH_AS(ContactSheet({}), doctest::Contains("no columns"), Error);
    CHECK_THROWS_WITH_AS(ContactSheet({"a"}, {.cell_width = 3}), doctest::Contains("expected 16 to 4096"), Error);
    ContactSheet sheet({"a"});
    CHECK_THROWS_WITH_AS(sheet.add_row("r", {}), doctest::Contains("row r has 0 pictures, expected 1"), Error);
    CHECK_THROWS_WITH_AS(sheet.add_row("r", {plain({2, 2, 2}, 0)}), doctest::Contains("shape [2,2,2], expected [H,W]"),
                         Error);
    CHECK_THROWS_WITH_AS(sheet.add_row("r", {plain({0, 2}, 0)}), doctest::Contains("shape [0,2]"), Error);
    CHECK(sheet.rows() == 0);
}

TEST_CASE("data/contact_sheet: a legend of colors and names at the bottom, wrapped where it is too wide") {
    ContactSheet sheet({"A"}, {.cell_width = 128});
    sheet.add_row("", {plain({32, 32}, 9)});
    const auto before = sheet.render();
    const std::vector<const char*> names = {"car", "person", "wide enough to wrap"};
    const std::vector<std::array<std::uint8_t, 3>> colors = {{64, 0, 128}, {64, 64, 0}, {1, 2, 3}};
    sheet.add_legend(names, colors);
    const auto picture = sheet.render();
    const std::int64_t top = before.shape()[0];
    CHECK(picture.shape() == Shape{top + 2 * 13, before.shape()[1], 3});
    CHECK(value_at(picture, top, 6, 0) == 64);  // the corners of the first box
    CHECK(value_at(picture, top + 6, 12, 2) == 128);
    CHECK(value_at(picture, top, 13, 0) == 244);
    CHECK(value_at(picture, top, 6 + 28 + 10, 1) == 64);  // after the box, three letters and a gap
    CHECK(value_at(picture, top + 13, 6, 2) == 3);
    bool ink = false;
    for (std::int64_t x = 16; x < 34; ++x) ink = ink || value_at(picture, top + 4, x, 0) == 20;
    CHECK(ink);
    sheet.add_legend(data::class_names, data::class_colors);  // adds up
    CHECK(sheet.render().shape()[0] > picture.shape()[0]);
    CHECK_THROWS_WITH_AS(sheet.add_legend(names, data::class_colors),
                         doctest::Contains("a legend has 3 names and 9 colors"), Error);
}
