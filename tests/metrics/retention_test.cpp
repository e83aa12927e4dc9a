#include "fathom/metrics/retention.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <vector>

#include "fathom/tensor/factories.hpp"
#include "tests/support.hpp"

using namespace fathom;
using metrics::Box;
using metrics::Retention;
using metrics::retention;
using tests::elements;
using tests::message_of;

namespace {

Tensor<std::uint8_t> bytes(const std::vector<std::uint8_t>& values, const Shape& shape) {
    return from_data(values.data(), shape);
}

}  // namespace

TEST_CASE("metrics/retention: fused over infrared, on the mask alone") {
    const auto infrared = bytes({200, 100, 7, 9}, {2, 2, 1}), mask = bytes({1, 255, 0, 0}, {2, 2});
    CHECK(*retention(infrared, infrared, mask) == 1);
    CHECK(*retention(infrared, bytes({50, 25, 255, 255}, {2, 2}), mask) == doctest::Approx(0.25));
    CHECK(*retention(infrared, bytes({250, 200, 0, 0}, {2, 2, 1}), mask) == doctest::Approx(1.5));
    // Color counts by its luminance.
    const auto color = bytes({255, 0, 0, 0, 255, 0, 0, 0, 255, 0, 0, 0}, {2, 2, 3});
    CHECK(*retention(infrared, color, mask) == doctest::Approx(255 * (0.299 + 0.587) / 300));
    CHECK_FALSE(retention(infrared, infrared, bytes({0, 0, 0, 0}, {2, 2})).has_value());
    CHECK_FALSE(retention(bytes({0, 0, 9, 9}, {2, 2}), infrared, mask).has_value());
}

TEST_CASE("metrics/retention: of several images every pixel counts once") {
    Retention all;
    CHECK_FALSE(all.value().has_value());
    all.add(bytes({100}, {1, 1}), bytes({100}, {1, 1}), bytes({1}, {1, 1}));
    all.add(bytes({100, 100, 100}, {1, 3}), bytes({0, 0, 0}, {1, 3}), bytes({1, 1, 1}, {1, 3}));
    CHECK(all.pixels() == 4);
    CHECK(*all.value() == doctest::Approx(0.25));
}

TEST_CASE("metrics/retention: masks of a class and of boxes") {
    CHECK(elements(metrics::class_mask(bytes({0, 2, 255, 2}, {2, 2}), 2)) == std::vector<std::uint8_t>{0, 1, 0, 1});
    // Pixels whose centres are in a box; what is outside the image is cut.
    const std::vector<Box> boxes = {{0.4, 0.6, 2.4, 2.5}, {3, -5, 99, 0.5}, {1, 1, 1, 1}};
    CHECK(elements(metrics::box_mask(3, 5, boxes)) ==
          std::vector<std::uint8_t>{0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0});
    const std::vector<Box> wide = {{3, -5, 99, 0.6}, {-2, 2, 0.5, 1e300}};
    CHECK(elements(metrics::box_mask(3, 5, wide)) ==
          std::vector<std::uint8_t>{0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0});
    CHECK(elements(metrics::box_mask(1, 2, {})) == std::vector<std::uint8_t>{0, 0});
}

TEST_CASE("metrics/retention: what is refused") {
    const auto image = bytes({1, 2}, {1, 2}), mask = bytes({1, 1}, {1, 2});
    CHECK(message_of([&] {
              retention(bytes({1, 2}, {2, 1}), image, mask);
          }) ==
          "retention: the infrared image has shape [2,1], the mask [1,2]; expected [H,W], [H,W,1] or [H,W,3] and [H,W] "
          "of one size at here");
    CHECK(message_of([&] {
              retention(image, bytes({1, 2, 3, 4}, {1, 2, 2}), mask);
          }) ==
          "retention: the fused image has shape [1,2,2], the mask [1,2]; expected [H,W], [H,W,1] or [H,W,3] and [H,W] "
          "of one size at here");
    CHECK(message_of([&] { retention(image, image, bytes({1}, {1})); }) ==
          "retention: the mask has shape [1], expected [H,W] at here");
    const std::vector<Box> boxes = {{0, 0, std::numeric_limits<double>::infinity(), 1}};
    CHECK(message_of([&] { metrics::box_mask(1, 1, boxes); }) ==
          "box_mask: a box has a corner that is not finite at here");
}
