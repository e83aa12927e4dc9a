// Definitions of boundary.hpp.
#include <algorithm>
#include <cmath>

#include "fathom/core/parallel_for.hpp"
#include "fathom/metrics/segmentation.hpp"
#include "fathom/ops/copy.hpp"

namespace fathom::inline v0::metrics {
namespace boundaries {

// The classes of an image, [height, width]; ignored_label where the label is ignored.
struct Map {
    const std::uint8_t *classes, *label;
    std::int64_t height, width;

    std::uint8_t at(std::int64_t i) const { return label[i] == ignored_label ? ignored_label : classes[i]; }
};

// The boundary pixels of an image's class by row: those of row y are columns[begin[y]] to columns[begin[y + 1] - 1].
struct Boundary {
    std::vector<std::size_t> begin = {0};
    std::vector<std::int64_t> columns = {};

    Boundary(const Map& map, std::int64_t c) {
        const auto differs = [&](std::int64_t i) {
            const std::uint8_t other = map.at(i);
            return other != c && other != ignored_label;
        };
        for (std::int64_t y = 0; y < map.height; ++y) {
            for (std::int64_t x = 0; x < map.width; ++x) {
                const std::int64_t i = y * map.width + x;
                if (map.at(i) != c) continue;
                if ((x > 0 && differs(i - 1)) || (x + 1 < map.width && differs(i + 1)) ||
                    (y > 0 && differs(i - map.width)) || (y + 1 < map.height && differs(i + map.width)))
                    columns.push_back(x);
            }
            begin.push_back(columns.size());
        }
    }
    std::int64_t rows() const { return static_cast<std::int64_t>(begin.size()) - 1; }
    // Whether one is at most `distance` from (y, x).
    bool is_near(std::int64_t y, std::int64_t x, double distance) const {
        const auto reach = static_cast<std::int64_t>(distance);
        for (std::int64_t row = std::max<std::int64_t>(y - reach, 0); row <= std::min(y + reach, rows() - 1); ++row) {
            const double dy = static_cast<double>(row - y), across = std::sqrt(distance * distance - dy * dy);
            const auto r = static_cast<std::size_t>(row);
            const auto first = columns.begin() + static_cast<std::ptrdiff_t>(begin[r]),
                       last = columns.begin() + static_cast<std::ptrdiff_t>(begin[r + 1]);
            const auto found =
                std::lower_bound(first, last, static_cast<double>(x) - across,
                                 [](std::int64_t column, double least) { return static_cast<double>(column) < least; });
            if (found != last && static_cast<double>(*found - x) <= across) return true;
        }
        return false;
    }
    // The share of these pixels that are near one of `other`'s.
    double share_near(const Boundary& other, double distance) const {
        std::int64_t count = 0;
        for (std::int64_t y = 0; y < rows(); ++y)
            for (std::size_t i = begin[static_cast<std::size_t>(y)]; i < begin[static_cast<std::size_t>(y) + 1]; ++i)
                count += other.is_near(y, columns[i], distance) ? 1 : 0;
        return static_cast<double>(count) / static_cast<double>(columns.size());
    }
};

// Of one image; nullopt where neither has a boundary.
FATHOM_INLINE std::optional<double> f1(const Map& predicted, const Map& label, std::int64_t c, double distance) {
    const Boundary found(predicted, c), wanted(label, c);
    if (found.columns.empty() && wanted.columns.empty()) return std::nullopt;
    if (found.columns.empty() || wanted.columns.empty()) return 0;
    const double precision = found.share_near(wanted, distance), recall = wanted.share_near(found, distance);
    return precision + recall > 0 ? 2 * precision * recall / (precision + recall) : 0;
}

}  // namespace boundaries

FATHOM_INLINE BoundaryF1::BoundaryF1(std::int64_t classes, double tolerance, Where site) : tolerance_(tolerance) {
    if (classes < 1 || classes > ignored_label)
        fail("boundary F1", site, {classes, " classes, expected 1 to ", int{ignored_label}});
    if (!(tolerance >= 0 && tolerance <= 1))
        fail("boundary F1", site, {"the tolerance is ", tolerance, ", expected 0 to 1, a share of the diagonal"});
    sums_.resize(static_cast<std::size_t>(classes));
}

FATHOM_INLINE void BoundaryF1::add(const Tensor<std::uint8_t>& predicted, const Tensor<std::uint8_t>& label,
                                   Where site) {
    if ((label.rank() != 2 && label.rank() != 3) || !(predicted.shape() == label.shape()))
        fail("boundary F1", site,
             {"predictions have shape ", predicted.shape(), ", labels ", label.shape(),
              "; expected [H,W] or [N,H,W] of both"});
    ConfusionMatrix(classes()).add(predicted, label, site);  // which names a class that is none, with its pixel
    const Tensor<std::uint8_t> p = contiguous(predicted, MemoryFormat::row_major, site),
                               l = contiguous(label, MemoryFormat::row_major, site);
    const std::uint8_t *guesses = p.data(site), *truths = l.data(site);
    const int rank = l.rank();
    const std::int64_t height = l.shape()[rank - 2], width = l.shape()[rank - 1], pixels = height * width;
    const double distance = tolerance_ * std::hypot(static_cast<double>(height), static_cast<double>(width));
    for (std::int64_t at = 0; at < l.numel(); at += pixels) {
        const boundaries::Map found{guesses + at, truths + at, height, width},
            wanted{truths + at, truths + at, height, width};
        parallel_for(0, classes(), 1, [&](std::int64_t first, std::int64_t last) {
            for (std::int64_t c = first; c < last; ++c) {
                const auto value = boundaries::f1(found, wanted, c, distance);
                Sum& sum = sums_[static_cast<std::size_t>(c)];
                if (value) sum.f1 += *value, ++sum.images;
            }
        });
    }
}

FATHOM_INLINE void BoundaryF1::check_class(std::int64_t c, Where site) const {
    if (c < 0 || c >= classes()) fail("boundary F1", site, {"class ", c, " of ", classes()});
}

FATHOM_INLINE std::int64_t BoundaryF1::images(std::int64_t c, Where site) const {
    check_class(c, site);
    return sums_[static_cast<std::size_t>(c)].images;
}

FATHOM_INLINE std::optional<double> BoundaryF1::of(std::int64_t c, Where site) const {
    check_class(c, site);
    const Sum& sum = sums_[static_cast<std::size_t>(c)];
    if (sum.images == 0) return std::nullopt;
    return sum.f1 / static_cast<double>(sum.images);
}

FATHOM_INLINE std::optional<double> BoundaryF1::mean() const {
    return mean_over(classes(), [this](std::int64_t c) { return of(c); });
}

}  // namespace fathom::inline v0::metrics
