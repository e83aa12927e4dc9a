// Definitions of segmentation.hpp.
namespace fathom::inline v0::metrics {

FATHOM_INLINE ConfusionMatrix::ConfusionMatrix(std::int64_t classes, Where site) : classes_(classes) {
    if (classes < 1 || classes > ignored_label)
        fail("confusion matrix", site, {classes, " classes, expected 1 to ", int{ignored_label}});
    counts_.resize(static_cast<std::size_t>(classes * classes));
}

FATHOM_INLINE void ConfusionMatrix::check_class(std::int64_t c, Where site) const {
    if (c < 0 || c >= classes_) fail("confusion matrix", site, {"class ", c, " of ", classes_});
}

FATHOM_INLINE void ConfusionMatrix::fail_value(const char* kind, std::int64_t value, std::int64_t i, const Shape& shape,
                                               Where site) const {
    Shape pixel = shape;
    for (int d = shape.rank() - 1; d >= 0; --d) pixel[d] = i % shape[d], i /= shape[d];
    fail("confusion matrix", site,
         {"the ", kind, " at ", pixel, " of ", shape, " is ", value, ", expected 0 to ", classes_ - 1});
}

FATHOM_INLINE std::int64_t ConfusionMatrix::count(std::int64_t label, std::int64_t predicted, Where site) const {
    check_class(label, site);
    check_class(predicted, site);
    return counts_[static_cast<std::size_t>(label * classes_ + predicted)];
}

FATHOM_INLINE std::int64_t ConfusionMatrix::labelled(std::int64_t c, Where site) const {
    check_class(c, site);
    std::int64_t sum = 0;
    for (std::int64_t predicted = 0; predicted < classes_; ++predicted) sum += count(c, predicted);
    return sum;
}

FATHOM_INLINE std::int64_t ConfusionMatrix::counted() const {
    std::int64_t sum = 0;
    for (const std::int64_t n : counts_) sum += n;
    return sum;
}

FATHOM_INLINE std::optional<double> ConfusionMatrix::iou(std::int64_t c, Where site) const {
    check_class(c, site);
    const std::int64_t both = count(c, c);
    std::int64_t either = -both;
    for (std::int64_t other = 0; other < classes_; ++other) either += count(c, other) + count(other, c);
    if (either == 0) return std::nullopt;
    return static_cast<double>(both) / static_cast<double>(either);
}

FATHOM_INLINE std::optional<double> ConfusionMatrix::accuracy(std::int64_t c, Where site) const {
    const std::int64_t all = labelled(c, site);
    if (all == 0) return std::nullopt;
    return static_cast<double>(count(c, c)) / static_cast<double>(all);
}

// Of what classes have, those left out that have nothing.
template <class Measure>
std::optional<double> mean_over(std::int64_t classes, Measure measure) {
    double sum = 0;
    int present = 0;
    for (std::int64_t c = 0; c < classes; ++c)
        if (const std::optional<double> value = measure(c)) sum += *value, ++present;
    if (present == 0) return std::nullopt;
    return sum / present;
}

FATHOM_INLINE std::optional<double> ConfusionMatrix::mean_iou() const {
    return mean_over(classes_, [this](std::int64_t c) { return iou(c); });
}
FATHOM_INLINE std::optional<double> ConfusionMatrix::mean_accuracy() const {
    return mean_over(classes_, [this](std::int64_t c) { return accuracy(c); });
}

FATHOM_INLINE std::optional<double> ConfusionMatrix::pixel_accuracy() const {
    const std::int64_t all = counted();
    if (all == 0) return std::nullopt;
    std::int64_t right = 0;
    for (std::int64_t c = 0; c < classes_; ++c) right += count(c, c);
    return static_cast<double>(right) / static_cast<double>(all);
}

}  // namespace fathom::inline v0::metrics
