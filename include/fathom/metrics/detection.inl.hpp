// Definitions of detection.hpp.
#include <algorithm>
#include <cmath>
#include <numeric>

namespace fathom::inline v0::metrics {
namespace detecting {

inline constexpr int threshold_count = 10, recall_count = 101;
inline constexpr std::size_t most_predictions = 100;  // of a class in an image

// As numpy's linspace(.5, .95, 10) has them.
FATHOM_INLINE double threshold(int t) { return t == threshold_count - 1 ? 0.95 : 0.5 + t * ((0.95 - 0.5) / 9); }

FATHOM_INLINE void check(const char* kind, std::size_t i, const Box& b, Where site) {
    for (const double v : {b.x1, b.y1, b.x2, b.y2})
        if (!std::isfinite(v)) fail("boxes", site, {kind, " ", i, " has a corner that is not finite"});
    if (b.x2 < b.x1 || b.y2 < b.y1)
        fail("boxes", site,
             {kind, " ", i, " has corners (", b.x1, ", ", b.y1, ") and (", b.x2, ", ", b.y2,
              "), expected the upper left one first"});
}

FATHOM_INLINE void check_category(const char* kind, std::size_t i, std::int64_t category, std::int64_t classes,
                                  Where site) {
    if (category < 0 || category >= classes)
        fail("average precision", site, {kind, " ", i, " has class ", category, ", expected 0 to ", classes - 1});
}

}  // namespace detecting

FATHOM_INLINE double iou(const Box& a, const Box& b) {
    const double width = std::min(a.x2, b.x2) - std::max(a.x1, b.x1),
                 height = std::min(a.y2, b.y2) - std::max(a.y1, b.y1);
    if (!(width > 0 && height > 0)) return 0;
    const double both = width * height;
    return both / ((a.x2 - a.x1) * (a.y2 - a.y1) + (b.x2 - b.x1) * (b.y2 - b.y1) - both);
}

FATHOM_INLINE std::vector<BoxMatch> match_boxes(std::span<const LabelledBox> boxes,
                                                std::span<const PredictedBox> predictions, double threshold,
                                                Where site) {
    if (!(threshold > 0 && threshold <= 1))
        fail("match_boxes", site, {"the threshold is ", threshold, ", expected above 0 and at most 1"});
    for (std::size_t i = 0; i < boxes.size(); ++i) detecting::check("box", i, boxes[i].box, site);
    for (std::size_t i = 0; i < predictions.size(); ++i) {
        detecting::check("prediction", i, predictions[i].box, site);
        if (!std::isfinite(predictions[i].score))
            fail("boxes", site, {"prediction ", i, " has a score that is not finite"});
    }
    std::vector<std::size_t> order(predictions.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        const PredictedBox &p = predictions[a], &q = predictions[b];
        return p.category != q.category ? p.category < q.category : p.score > q.score;
    });
    std::vector<BoxMatch> matches;
    std::vector<bool> taken(boxes.size());
    std::size_t in_class = 0;
    for (std::size_t k = 0; k < order.size(); ++k) {
        const PredictedBox& prediction = predictions[order[k]];
        in_class = k > 0 && predictions[order[k - 1]].category == prediction.category ? in_class + 1 : 0;
        if (in_class >= detecting::most_predictions) continue;
        BoxMatch match{order[k], {}};
        double best = std::min(threshold, 1 - 1e-10);  // so that equal boxes match at 1 in spite of rounding
        for (std::size_t i = 0; i < boxes.size(); ++i) {
            if (taken[i] || boxes[i].category != prediction.category) continue;
            if (const double overlap = iou(prediction.box, boxes[i].box); overlap >= best)
                best = overlap, match.box = i;
        }
        if (match.box) taken[*match.box] = true;
        matches.push_back(match);
    }
    return matches;
}

FATHOM_INLINE AveragePrecision::AveragePrecision(std::int64_t classes, Where site) {
    if (classes < 1 || classes > 65536) fail("average precision", site, {classes, " classes, expected 1 to 65536"});
    classes_.resize(static_cast<std::size_t>(classes));
}

FATHOM_INLINE void AveragePrecision::add(std::span<const LabelledBox> boxes, std::span<const PredictedBox> predictions,
                                         Where site) {
    for (std::size_t i = 0; i < boxes.size(); ++i)
        detecting::check_category("box", i, boxes[i].category, classes(), site);
    for (std::size_t i = 0; i < predictions.size(); ++i)
        detecting::check_category("prediction", i, predictions[i].category, classes(), site);
    std::vector<std::uint32_t> right(predictions.size());
    std::vector<BoxMatch> matches;
    for (int t = 0; t < detecting::threshold_count; ++t) {
        matches = match_boxes(boxes, predictions, detecting::threshold(t), site);
        for (const BoxMatch& match : matches)
            if (match.box) right[match.prediction] |= std::uint32_t{1} << t;
    }
    for (const LabelledBox& box : boxes) ++classes_[static_cast<std::size_t>(box.category)].boxes;
    for (const PredictedBox& p : predictions) ++classes_[static_cast<std::size_t>(p.category)].predictions;
    for (const BoxMatch& match : matches) {  // the same ones, in the same order, at every threshold
        const PredictedBox& p = predictions[match.prediction];
        classes_[static_cast<std::size_t>(p.category)].counted.push_back({p.score, right[match.prediction]});
    }
}

FATHOM_INLINE DetectionMeasures AveragePrecision::of(std::int64_t category, Where site) const {
    if (category < 0 || category >= classes()) fail("average precision", site, {"class ", category, " of ", classes()});
    const Class& own = classes_[static_cast<std::size_t>(category)];
    DetectionMeasures measures{own.boxes, own.predictions, {}, {}};
    if (own.boxes == 0) return measures;
    std::vector<Prediction> sorted = own.counted;
    std::stable_sort(sorted.begin(), sorted.end(),
                     [](const Prediction& a, const Prediction& b) { return a.score > b.score; });
    std::vector<double> recall(sorted.size()), precision(sorted.size());
    double sum_of_all = 0;
    for (int t = 0; t < detecting::threshold_count; ++t) {
        std::int64_t right = 0;
        for (std::size_t i = 0; i < sorted.size(); ++i) {
            right += sorted[i].right >> t & 1;
            recall[i] = static_cast<double>(right) / static_cast<double>(own.boxes);
            precision[i] = static_cast<double>(right) / static_cast<double>(i + 1);
        }
        for (std::size_t i = sorted.size(); i-- > 1;) precision[i - 1] = std::max(precision[i - 1], precision[i]);
        double sum = 0;
        std::size_t at = 0;
        for (int r = 0; r < detecting::recall_count; ++r) {
            const double least = r == detecting::recall_count - 1 ? 1 : r * 0.01;  // as numpy's linspace(0, 1, 101)
            while (at < recall.size() && recall[at] < least) ++at;
            if (at == recall.size()) break;  // no higher recall is reached: precision 0
            sum += precision[at];
        }
        if (t == 0) measures.ap50 = sum / detecting::recall_count;
        sum_of_all += sum / detecting::recall_count;
    }
    measures.ap50_95 = sum_of_all / detecting::threshold_count;
    return measures;
}

FATHOM_INLINE DetectionMeasures AveragePrecision::mean() const {
    DetectionMeasures mean;
    double ap50 = 0, ap50_95 = 0;
    int present = 0;
    for (std::int64_t c = 0; c < classes(); ++c) {
        const DetectionMeasures own = of(c);
        mean.boxes += own.boxes, mean.predictions += own.predictions;
        if (own.boxes > 0) ap50 += *own.ap50, ap50_95 += *own.ap50_95, ++present;
    }
    if (present > 0) mean.ap50 = ap50 / present, mean.ap50_95 = ap50_95 / present;
    return mean;
}

}  // namespace fathom::inline v0::metrics
