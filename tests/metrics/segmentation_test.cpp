#include "fathom/metrics/segmentation.hpp"

#include <doctest/doctest.h>

#include <vector>

#include "fathom/tensor/factories.hpp"
#include "tests/support.hpp"

using namespace fathom;
using metrics::ConfusionMatrix;
using tests::message_of;

namespace {

Tensor<std::int64_t> classes(const std::vector<std::int64_t>& values, const Shape& shape) {
    return from_data(values.data(), shape);
}

}  // namespace

TEST_CASE("metrics/segmentation: counts, intersection over union, accuracy") {
    ConfusionMatrix matrix(4);
    CHECK(matrix.classes() == 4);
    CHECK_FALSE(matrix.mean_iou().has_value());
    CHECK_FALSE(matrix.pixel_accuracy().has_value());
    // Class 0: 2 right, 1 taken for class 1. Class 1: 1 right. Class 2: predicted once, for an ignored pixel and for a
    // pixel of class 1. Class 3: nowhere.
    matrix.add(classes({0, 0, 1, 1, 2, 2}, {1, 2, 3}), classes({0, 0, 0, 1, 255, 1}, {1, 2, 3}));
    CHECK(matrix.count(0, 0) == 2);
    CHECK(matrix.count(0, 1) == 1);
    CHECK(matrix.count(1, 1) == 1);
    CHECK(matrix.count(1, 2) == 1);
    CHECK(matrix.count(2, 2) == 0);
    CHECK(matrix.counted() == 5);
    CHECK(matrix.ignored() == 1);
    CHECK(*matrix.iou(0) == doctest::Approx(2.0 / 3));
    CHECK(*matrix.iou(1) == doctest::Approx(1.0 / 3));
    CHECK(*matrix.iou(2) == 0);
    CHECK_FALSE(matrix.iou(3).has_value());
    CHECK(*matrix.mean_iou() == doctest::Approx(1.0 / 3));  // of three classes, not four
    CHECK(*matrix.pixel_accuracy() == doctest::Approx(3.0 / 5));
    CHECK(matrix.labelled(0) == 3);
    CHECK(*matrix.accuracy(0) == doctest::Approx(2.0 / 3));
    CHECK(*matrix.accuracy(1) == doctest::Approx(1.0 / 2));
    CHECK_FALSE(matrix.accuracy(2).has_value());  // predicted, but not labelled
    CHECK(*matrix.mean_accuracy() == doctest::Approx(7.0 / 12));

    // A second image adds up; 8-bit labels, and a view that is not dense.
    const std::vector<std::uint8_t> label = {3, 3, 255, 3};
    matrix.add(classes({3, 0, 3, 0}, {2, 2}), from_data(label.data(), {2, 2}));
    CHECK(matrix.counted() == 8);
    CHECK(matrix.ignored() == 2);
    CHECK(*matrix.iou(3) == doctest::Approx(1.0 / 3));
    const auto turned = classes({3, 0, 3, 0}, {2, 2}).transpose(0, 1);
    ConfusionMatrix other(4);
    other.add(turned, classes({3, 3, 0, 0}, {2, 2}));
    CHECK(*other.pixel_accuracy() == 1);
}

TEST_CASE("metrics/segmentation: nothing but ignored pixels") {
    ConfusionMatrix matrix;
    CHECK(matrix.classes() == 9);
    matrix.add(classes({100, 2}, {2}), classes({255, 255}, {2}));
    CHECK(matrix.ignored() == 2);
    CHECK(matrix.counted() == 0);
    CHECK_FALSE(matrix.mean_iou().has_value());
    CHECK_FALSE(matrix.mean_accuracy().has_value());
}

TEST_CASE("metrics/segmentation: what is out of range is named with its pixel, and nothing is counted") {
    ConfusionMatrix matrix;
    const auto good = classes({0, 1, 2, 3, 4, 8}, {1, 2, 3});
    CHECK(message_of([&] {
              matrix.add(good, classes({0, 0, 0, 0, 9, 0}, {1, 2, 3}));
          }) == "confusion matrix: the label at [0,1,1] of [1,2,3] is 9, expected 0 to 8 at here");
    CHECK(message_of([&] {
              matrix.add(classes({0, 0, -1, 0, 0, 0}, {1, 2, 3}), good);
          }) == "confusion matrix: the prediction at [0,0,2] of [1,2,3] is -1, expected 0 to 8 at here");
    CHECK(message_of([&] {
              matrix.add(good, classes({0, 0, 0, 0, 0, 0}, {2, 3}));
          }) == "confusion matrix: predictions have shape [1,2,3], labels [2,3]; expected one shape at here");
    CHECK(matrix.counted() == 0);
    CHECK(message_of([&] { matrix.iou(9); }) == "confusion matrix: class 9 of 9 at here");
    CHECK(message_of([&] { matrix.accuracy(-1); }) == "confusion matrix: class -1 of 9 at here");
    CHECK(message_of([&] { matrix.labelled(9); }) == "confusion matrix: class 9 of 9 at here");
    CHECK(message_of([&] { matrix.count(0, -1); }) == "confusion matrix: class -1 of 9 at here");
    CHECK(message_of([] { ConfusionMatrix(0); }) == "confusion matrix: 0 classes, expected 1 to 255 at here");
    CHECK(message_of([] { ConfusionMatrix(256); }) == "confusion matrix: 256 classes, expected 1 to 255 at here");
}
