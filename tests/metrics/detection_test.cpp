// Average precision of a few boxes; data/boxes_test.cpp compares it with what pycocotools gives.
#include "fathom/metrics/detection.hpp"

#include <doctest/doctest.h>

#include <limits>

#include "tests/support.hpp"

using namespace fathom;
using namespace fathom::metrics;
using tests::message_of;

namespace {

const Box ten_by_ten = {0, 0, 10, 10};

}  // namespace

TEST_CASE("metrics/detection: intersection over union") {
    CHECK(iou(ten_by_ten, ten_by_ten) == 1);
    CHECK(iou(ten_by_ten, {10, 0, 20, 10}) == 0);  // touches
    CHECK(iou(ten_by_ten, {20, 20, 30, 30}) == 0);
    CHECK(iou(ten_by_ten, {5, 0, 15, 10}) == doctest::Approx(1.0 / 3));
    CHECK(iou(ten_by_ten, {2, 2, 8, 8}) == doctest::Approx(0.36));
    CHECK(iou({5, 5, 5, 5}, {5, 5, 5, 5}) == 0);  // without an area
}

TEST_CASE("metrics/detection: which box a prediction takes") {
    const auto taken = [](const std::vector<LabelledBox>& boxes, const std::vector<PredictedBox>& predictions,
                          double threshold = 0.5) {
        std::vector<std::pair<std::size_t, int>> list;  // prediction, box or -1
        for (const BoxMatch& match : match_boxes(boxes, predictions, threshold))
            list.emplace_back(match.prediction, match.box ? static_cast<int>(*match.box) : -1);
        return list;
    };
    using List = std::vector<std::pair<std::size_t, int>>;
    CHECK(taken({}, {}) == List{});
    // By score, not by their order; a second one finds the box taken.
    CHECK(taken({{0, ten_by_ten}}, {{0, 0.5, ten_by_ten}, {0, 0.9, ten_by_ten}}) == List{{1, 0}, {0, -1}});
    // Equal scores in the order given.
    CHECK(taken({{0, ten_by_ten}}, {{0, 0.5, ten_by_ten}, {0, 0.5, ten_by_ten}}) == List{{0, 0}, {1, -1}});
    // Of equal overlaps the later box; the next one takes what is left, although that is worse.
    CHECK(taken({{0, ten_by_ten}, {0, ten_by_ten}}, {{0, 0.5, ten_by_ten}, {0, 0.4, ten_by_ten}}) == List{{0, 1}, {1, 0}});
    // Exactly the threshold is enough; a class of its own never is.
    CHECK(taken({{0, ten_by_ten}}, {{0, 0.5, {0, 0, 10, 5}}}) == List{{0, 0}});
    CHECK(taken({{0, ten_by_ten}}, {{0, 0.5, {0, 0, 10, 4.99}}}) == List{{0, -1}});
    CHECK(taken({{0, ten_by_ten}}, {{1, 0.5, ten_by_ten}}) == List{{0, -1}});
    CHECK(taken({{0, {0.1, 0.1, 0.7, 0.7}}}, {{0, 0.5, {0.1, 0.1, 0.7, 0.7}}}, 1) == List{{0, 0}});
    // 100 of a class.
    std::vector<PredictedBox> many(101, {0, 0.5, {50, 50, 60, 60}});
    many.push_back({0, 0.4, ten_by_ten}), many.push_back({1, 0.1, ten_by_ten});
    const List matches = taken({{0, ten_by_ten}, {1, ten_by_ten}}, many);
    CHECK(matches.size() == 101);
    CHECK(matches.back() == std::pair<std::size_t, int>{102, 1});
}

TEST_CASE("metrics/detection: average precision of a few boxes, by hand") {
    AveragePrecision ap(3);
    CHECK(ap.classes() == 3);
    CHECK_FALSE(ap.mean().ap50.has_value());
    // Class 0: two boxes, found at .9 (IoU 1) and .7 (IoU .5), between them a false one.
    ap.add(std::vector<LabelledBox>{{0, ten_by_ten}, {0, {100, 0, 110, 10}}},
           std::vector<PredictedBox>{{0, 0.9, ten_by_ten}, {0, 0.8, {50, 50, 60, 60}}, {0, 0.7, {100, 0, 110, 5}}});
    // Class 1: a box, nothing predicted. Class 2: predicted, no box.
    ap.add(std::vector<LabelledBox>{{1, ten_by_ten}}, std::vector<PredictedBox>{{2, 0.9, ten_by_ten}});
    const DetectionMeasures first = ap.of(0);
    CHECK(first.boxes == 2);
    CHECK(first.predictions == 3);
    // Recalls 0 to .5 (51 of them) with precision 1, those above with 2/3.
    CHECK(*first.ap50 == doctest::Approx((51 + 50 * 2.0 / 3) / 101));
    // At the nine other thresholds the second box is missed.
    CHECK(*first.ap50_95 == doctest::Approx((51 + 50 * 2.0 / 3 + 9 * 51) / 1010));
    CHECK(*ap.of(1).ap50 == 0);
    CHECK(*ap.of(1).ap50_95 == 0);
    CHECK_FALSE(ap.of(2).ap50.has_value());
    CHECK_FALSE(ap.of(2).ap50_95.has_value());
    CHECK(ap.of(2).predictions == 1);
    CHECK(ap.mean().boxes == 3);
    CHECK(ap.mean().predictions == 4);
    CHECK(*ap.mean().ap50 == doctest::Approx(*first.ap50 / 2));  // of the classes that have a box
}

TEST_CASE("metrics/detection: what is refused, and then nothing is counted") {
    AveragePrecision ap(2);
    const std::vector<LabelledBox> boxes = {{0, ten_by_ten}};
    const std::vector<PredictedBox> predictions = {{1, 0.5, ten_by_ten}};
    const double nan = std::numeric_limits<double>::quiet_NaN();
    CHECK(message_of([&] {
              ap.add(std::vector<LabelledBox>{{0, ten_by_ten}, {2, ten_by_ten}}, predictions);
          }) == "average precision: box 1 has class 2, expected 0 to 1 at here");
    CHECK(message_of([&] {
              ap.add(boxes, std::vector<PredictedBox>{{-1, 0.5, ten_by_ten}});
          }) == "average precision: prediction 0 has class -1, expected 0 to 1 at here");
    CHECK(message_of([&] {
              ap.add(boxes, std::vector<PredictedBox>{{0, nan, ten_by_ten}});
          }) == "boxes: prediction 0 has a score that is not finite at here");
    CHECK(message_of([&] {
              ap.add(boxes, std::vector<PredictedBox>{{0, 1, {0, nan, 1, 1}}});
          }) == "boxes: prediction 0 has a corner that is not finite at here");
    CHECK(message_of([&] {
              ap.add(std::vector<LabelledBox>{{0, {5, 0, 4, 1}}}, predictions);
          }) == "boxes: box 0 has corners (5, 0) and (4, 1), expected the upper left one first at here");
    CHECK(message_of([&] { match_boxes(boxes, predictions, 0); }) ==
          "match_boxes: the threshold is 0, expected above 0 and at most 1 at here");
    CHECK(message_of([&] { ap.of(2); }) == "average precision: class 2 of 2 at here");
    CHECK(message_of([] { AveragePrecision(0); }) == "average precision: 0 classes, expected 1 to 65536 at here");
    CHECK(ap.mean().boxes == 0);
    CHECK(ap.mean().predictions == 0);
}
