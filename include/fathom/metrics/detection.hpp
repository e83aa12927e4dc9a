// How well detected boxes agree with labelled ones: average precision by the rules of COCO's evaluation, which are
// those of pycocotools' COCOeval (Lin et al., "Microsoft COCO: Common Objects in Context", ECCV 2014) with every box's
// area counted and no crowds. Next: data/boxes.hpp (files of boxes).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "fathom/core/error.hpp"

namespace fathom::inline v0::metrics {

// Corners in pixels, x to the right and y down; the area is (x2 - x1) (y2 - y1).
struct Box {
    double x1, y1, x2, y2;
    bool operator==(const Box&) const = default;
};

struct LabelledBox {
    std::int64_t category;  // 0 to classes - 1
    Box box;
    bool operator==(const LabelledBox&) const = default;
};

struct PredictedBox {
    std::int64_t category;
    double score;  // higher is surer
    Box box;
    bool operator==(const PredictedBox&) const = default;
};

// Intersection over union, in [0, 1]; 0 of boxes that only touch.
double iou(const Box& a, const Box& b);

// A prediction that counts, and the labelled box that it is taken for.
struct BoxMatch {
    std::size_t prediction;
    std::optional<std::size_t> box;  // without one the prediction is false
};

// Of one image. Of each class the 100 predictions with the highest scores count, equal ones in the order given. In that
// order each takes, of the labelled boxes of its class that are left, the one with the largest IoU that is at least
// `threshold`, of equal ones the later. Throws Error on a box that is not finite or has its corners exchanged, and on a
// score that is not finite, naming the box by its number.
std::vector<BoxMatch> match_boxes(std::span<const LabelledBox> boxes, std::span<const PredictedBox> predictions,
                                  double threshold, Where site = Where::here());

struct DetectionMeasures {
    std::int64_t boxes = 0, predictions = 0;  // all that were added, counted or not
    // Average precision at IoU .5, and its mean over IoU .5, .55, ..., .95; higher is better. Undefined without a
    // labelled box, 0 without predictions.
    std::optional<double> ap50, ap50_95;
};

// Gathered over images; the order in which they are added decides between equal scores.
class AveragePrecision {
public:
    explicit AveragePrecision(std::int64_t classes, Where site = Where::here());

    // One image. Throws Error as match_boxes does, and on a class outside 0 to classes - 1; then nothing is counted.
    void add(std::span<const LabelledBox> boxes, std::span<const PredictedBox> predictions, Where site = Where::here());

    std::int64_t classes() const { return static_cast<std::int64_t>(classes_.size()); }
    // The mean over 101 recalls, 0 to 1, of the highest precision at that recall or a higher one.
    DetectionMeasures of(std::int64_t category, Where site = Where::here()) const;
    // Boxes and predictions of all classes; the means over those that have a labelled box.
    DetectionMeasures mean() const;

private:
    struct Prediction {
        double score;
        std::uint32_t right;  // bit t: true at the t-th threshold
    };
    struct Class {
        std::int64_t boxes = 0, predictions = 0;
        std::vector<Prediction> counted = {};  // by image, in each by falling score
    };
    std::vector<Class> classes_;
};

}  // namespace fathom::inline v0::metrics

#ifndef FATHOM_COMPILED
#include "fathom/metrics/detection.inl.hpp"
#endif
