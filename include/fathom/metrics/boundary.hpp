// How well the outlines of classes agree with the labels': the boundary F1 of Csurka, Larlus and Perronnin, "What is a
// good evaluation measure for semantic segmentation?", BMVC 2013. Small and thin classes count in it that a measure of
// areas hardly sees.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "fathom/core/ignored_label.hpp"
#include "fathom/tensor/tensor.hpp"

namespace fathom::inline v0::metrics {

// A boundary pixel of a class is a pixel of it beside one (above, below, left, right) of another class; the border of
// the image is no boundary, and neither is that of ignored pixels, which are left out of labels and predictions. In an
// image, precision is the share of the predicted boundary pixels that are at most the tolerance from a labelled one,
// recall the share of the labelled ones that are at most that far from a predicted one, F1 = 2 P R / (P + R); 0 where
// only one of the two has a boundary. A class's value is the mean over the images in which one of them has. Higher is
// better.
class BoundaryF1 {
public:
    // Of the diagonal of an image, as in the paper: 6 pixels of 480 x 640.
    static constexpr double default_tolerance = 0.0075;

    explicit BoundaryF1(std::int64_t classes = 9, double tolerance = default_tolerance, Where site = Where::here());

    // [H, W], or [N, H, W] of N images. Throws Error as ConfusionMatrix::add does; then nothing is counted.
    void add(const Tensor<std::uint8_t>& predicted, const Tensor<std::uint8_t>& label, Where site = Where::here());

    std::int64_t classes() const { return static_cast<std::int64_t>(sums_.size()); }
    // In how many images the class has a boundary.
    std::int64_t images(std::int64_t c, Where site = Where::here()) const;
    // In [0, 1]; nullopt if it has one nowhere.
    std::optional<double> of(std::int64_t c, Where site = Where::here()) const;
    // The mean over the classes that have one; nullopt if none has.
    std::optional<double> mean() const;

private:
    void check_class(std::int64_t c, Where site) const;

    double tolerance_;
    struct Sum {
        double f1 = 0;
        std::int64_t images = 0;
    };
    std::vector<Sum> sums_;
};

}  // namespace fathom::inline v0::metrics

#ifndef FATHOM_COMPILED
#include "fathom/metrics/boundary.inl.hpp"
#endif
