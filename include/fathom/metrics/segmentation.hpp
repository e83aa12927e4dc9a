// How well a segmentation agrees with the labels: counts of pixels by class, and what is made of them. Next:
// boundary.hpp (the same of the classes' outlines).
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <vector>

#include "fathom/core/ignored_label.hpp"
#include "fathom/ops/copy.hpp"

namespace fathom::inline v0::metrics {

// Pixels by labelled and predicted class, gathered over any number of images. Measures are undefined (nullopt), not
// zero, where nothing was there to measure.
class ConfusionMatrix {
public:
    explicit ConfusionMatrix(std::int64_t classes = 9, Where site = Where::here());

    // Of one shape, any: [H, W], [N, H, W], ... Pixels of ignored_label are left out, whatever is predicted there.
    // Throws Error on a class outside 0 to classes - 1, naming the pixel; then nothing is counted.
    template <Element P, Element L>
    requires std::integral<P> && std::integral<L>
    void add(const Tensor<P>& predicted, const Tensor<L>& label, Where site = Where::here()) {
        if (!(predicted.shape() == label.shape()))
            fail("confusion matrix", site,
                 {"predictions have shape ", predicted.shape(), ", labels ", label.shape(), "; expected one shape"});
        const Tensor<P> p = contiguous(predicted, MemoryFormat::row_major, site);
        const Tensor<L> l = contiguous(label, MemoryFormat::row_major, site);
        const P* guesses = p.data(site);
        const L* truths = l.data(site);
        std::vector<std::int64_t> counts(counts_.size());
        std::int64_t ignored = 0;
        for (std::int64_t i = 0; i < p.numel(); ++i) {
            const auto truth = static_cast<std::int64_t>(truths[i]), guess = static_cast<std::int64_t>(guesses[i]);
            if (truth == ignored_label) {
                ++ignored;
                continue;
            }
            if (truth < 0 || truth >= classes_) fail_value("label", truth, i, p.shape(), site);
            if (guess < 0 || guess >= classes_) fail_value("prediction", guess, i, p.shape(), site);
            ++counts[static_cast<std::size_t>(truth * classes_ + guess)];
        }
        for (std::size_t i = 0; i < counts.size(); ++i) counts_[i] += counts[i];
        ignored_ += ignored;
    }

    std::int64_t classes() const { return classes_; }
    // Pixels of class `label` for which `predicted` was predicted.
    std::int64_t count(std::int64_t label, std::int64_t predicted, Where site = Where::here()) const;
    std::int64_t labelled(std::int64_t c, Where site = Where::here()) const;  // pixels of the class
    std::int64_t counted() const;
    std::int64_t ignored() const { return ignored_; }

    // Intersection over union of a class, in [0, 1]; nullopt if it is neither labelled nor predicted anywhere.
    std::optional<double> iou(std::int64_t c, Where site = Where::here()) const;
    // The mean over the classes that have one; nullopt if none has.
    std::optional<double> mean_iou() const;
    // The share of a class's labelled pixels that are right, in [0, 1]; nullopt if it is labelled nowhere.
    std::optional<double> accuracy(std::int64_t c, Where site = Where::here()) const;
    // The mean over the classes that have one; nullopt if none has.
    std::optional<double> mean_accuracy() const;
    // The share of counted pixels that are right; nullopt if none was counted.
    std::optional<double> pixel_accuracy() const;

private:
    void check_class(std::int64_t c, Where site) const;
    [[noreturn]] void fail_value(const char* kind, std::int64_t value, std::int64_t i, const Shape& shape,
                                 Where site) const;

    std::int64_t classes_, ignored_ = 0;
    std::vector<std::int64_t> counts_;  // [label, predicted]
};

}  // namespace fathom::inline v0::metrics

#ifndef FATHOM_COMPILED
#include "fathom/metrics/segmentation.inl.hpp"
#endif
