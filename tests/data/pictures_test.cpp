#include "fathom/data/pictures.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <set>
#include <vector>

#include "fathom/tensor/factories.hpp"

using namespace fathom;

TEST_CASE("data/pictures: images in [0, 1] become bytes") {
    const float nan = std::numeric_limits<float>::quiet_NaN();
    std::vector<float> values = {0, 7, 1, 1, 0, 1, 0.5f, 0.1f, 1, -3, 0.999f, 1};
    const auto bytes = data::image_bytes(from_data(values.data(), {2, 2, 3}));
    CHECK(bytes.shape() == Shape{2, 2, 3});
    const std::vector<int> expected = {0, 255, 255, 255, 0, 255, 128, 26, 255, 0, 255, 255};
    for (std::size_t i = 0; i < expected.size(); ++i) CHECK(static_cast<int>(bytes.data()[i]) == expected[i]);
    CHECK_THROWS_WITH_AS(data::image_bytes(from_data(values.data(), {2, 1, 3, 2})), doctest::Contains("[2,1,3,2]"),
                         Error);
    values[10] = nan;
    CHECK_THROWS_WITH_AS(data::image_bytes(from_data(values.data(), {2, 2, 3})),
                         doctest::Contains("row 1, column 1, channel 1 is not finite"), Error);
}

TEST_CASE("data/pictures: labels in color") {
    const std::vector<std::uint8_t> labels = {0, 1, 8, 255};
    const auto picture = data::color_labels(from_data(labels.data(), {2, 2}));
    CHECK(picture.shape() == Shape{2, 2, 3});
    CHECK(picture.data()[3 + 2] == 128);
    CHECK(picture.data()[6] == 192);
    CHECK(picture.data()[9 + 1] == 255);
    const std::vector<std::uint8_t> wrong = {0, 9};
    CHECK_THROWS_WITH_AS(data::color_labels(from_data(wrong.data(), {1, 2})),
                         doctest::Contains("row 0, column 1 is 9, expected 0 to 8 or 255"), Error);
}

TEST_CASE("data/pictures: classes of one's own in their colors") {
    const data::Classes classes = data::Classes::numbered(12);
    const std::vector<std::uint8_t> labels = {0, 9, 11, 255};
    const auto picture = data::color_labels(from_data(labels.data(), {2, 2}), classes.colors);
    for (std::size_t i = 0; i < 3; ++i)
        for (std::size_t c = 0; c < 3; ++c) CHECK(picture.data()[3 * i + c] == classes.colors[labels[i]][c]);
    CHECK(picture.data()[9] == 255);
    const std::vector<std::uint8_t> wrong = {0, 12};
    CHECK_THROWS_WITH_AS(data::color_labels(from_data(wrong.data(), {1, 2}), classes.colors),
                         doctest::Contains("row 0, column 1 is 12, expected 0 to 11 or 255"), Error);
    CHECK(classes.names[11] == "class 11");
    CHECK(data::Classes::msrs().size() == 9);
    // The published colors; no two of 255 are equal.
    CHECK(data::default_class_color(1) == data::Color{128, 0, 0});
    CHECK(data::default_class_color(15) == data::Color{192, 128, 128});
    std::set<data::Color> colors;
    for (std::int64_t c = 0; c < 255; ++c) colors.insert(data::default_class_color(c));
    CHECK(colors.size() == 255);
}
