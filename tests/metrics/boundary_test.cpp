#include "fathom/metrics/boundary.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "fathom/ops/copy.hpp"
#include "fathom/ops/views.hpp"
#include "fathom/tensor/factories.hpp"
#include "tests/support.hpp"

using namespace fathom;
using metrics::BoundaryF1;
using tests::message_of;

namespace {

Tensor<std::uint8_t> map(const std::vector<std::uint8_t>& values, const Shape& shape) {
    return from_data(values.data(), shape);
}

// Class 1 right of column `edge`, class 0 left of it.
Tensor<std::uint8_t> halves(std::int64_t height, std::int64_t width, std::int64_t edge) {
    auto out = zeros<std::uint8_t>({height, width});
    for (std::int64_t y = 0; y < height; ++y)
        for (std::int64_t x = edge; x < width; ++x) out(y, x) = 1;
    return out;
}

// The definition, pixel by pixel against pixel by pixel.
std::optional<double> plain(const Tensor<std::uint8_t>& predicted, const Tensor<std::uint8_t>& label, int c,
                            double tolerance) {
    const std::int64_t h = label.size(0), w = label.size(1);
    const double distance = tolerance * std::sqrt(static_cast<double>(h * h + w * w));
    struct Pixel {
        double y, x;
    };
    const auto boundary = [&](const Tensor<std::uint8_t>& t) {
        std::vector<Pixel> found;
        const auto at = [&](std::int64_t y, std::int64_t x) {
            return y < 0 || x < 0 || y >= h || x >= w || label(y, x) == 255 ? 255 : int{t(y, x)};
        };
        for (std::int64_t y = 0; y < h; ++y)
            for (std::int64_t x = 0; x < w; ++x)
                for (const int other : {at(y - 1, x), at(y + 1, x), at(y, x - 1), at(y, x + 1)})
                    if (at(y, x) == c && other != c && other != 255) {
                        found.push_back({static_cast<double>(y), static_cast<double>(x)});
                        break;
                    }
        return found;
    };
    const auto share = [&](const std::vector<Pixel>& a, const std::vector<Pixel>& b) {
        double count = 0;
        for (const Pixel& p : a)
            for (const Pixel& q : b)
                if (std::hypot(p.y - q.y, p.x - q.x) <= distance) {
                    ++count;
                    break;
                }
        return count / static_cast<double>(a.size());
    };
    const auto found = boundary(predicted), wanted = boundary(label);
    if (found.empty() && wanted.empty()) return std::nullopt;
    if (found.empty() || wanted.empty()) return 0;
    const double p = share(found, wanted), r = share(wanted, found);
    return p + r > 0 ? 2 * p * r / (p + r) : 0;
}

}  // namespace

TEST_CASE("metrics/boundary: an edge that is moved counts up to the tolerance") {
    // 30 x 40, diagonal 50: 2 pixels.
    for (const auto& [edge, value] : {std::pair{20, 1.0}, {21, 1.0}, {22, 1.0}, {23, 0.0}}) {
        BoundaryF1 f1(2, 0.04);
        f1.add(halves(30, 40, edge), halves(30, 40, 20));
        CHECK(*f1.of(0) == value);
        CHECK(*f1.of(1) == value);
        CHECK(*f1.mean() == value);
    }
}

TEST_CASE("metrics/boundary: a class that only one of the two has, that neither has, over several images") {
    BoundaryF1 f1(4);
    CHECK(f1.classes() == 4);
    CHECK_FALSE(f1.mean().has_value());
    const auto label = map({0, 0, 1, 1, 0, 0, 1, 1}, {2, 4});
    f1.add(label, label);
    f1.add(map({0, 0, 2, 2, 0, 0, 2, 2}, {2, 4}), label);  // 2 for 1
    CHECK(f1.images(0) == 2);
    CHECK(*f1.of(0) == 1);
    CHECK(*f1.of(1) == 0.5);
    CHECK(f1.images(2) == 1);
    CHECK(*f1.of(2) == 0);
    CHECK_FALSE(f1.of(3).has_value());
    CHECK(*f1.mean() == 0.5);
    // A class that fills the image has no boundary.
    BoundaryF1 one(2);
    one.add(zeros<std::uint8_t>({3, 3}), zeros<std::uint8_t>({3, 3}));
    CHECK_FALSE(one.mean().has_value());
    // Neither has what ends at ignored pixels, whatever is predicted there.
    one.add(map({0, 1, 1}, {1, 3}), map({0, 255, 255}, {1, 3}));
    CHECK_FALSE(one.mean().has_value());
}

TEST_CASE("metrics/boundary: as the definition, pixel by pixel, on random maps; a batch is its images") {
    constexpr std::int64_t h = 37, w = 53;
    auto predicted = zeros<std::uint8_t>({3, h, w}), label = zeros<std::uint8_t>({3, h, w});
    std::uint32_t state = 7;
    const auto next = [&](std::uint32_t n) { return (state = state * 1664525u + 1013904223u, state >> 16) % n; };
    for (auto* t : {&predicted, &label})
        for (int blob = 0; blob < 60; ++blob) {
            const std::int64_t n = next(3), y = next(h), x = next(w), height = next(15), width = next(15);
            const bool ignored = t == &label && blob % 10 == 0;
            const auto c = static_cast<std::uint8_t>(ignored ? 255 : next(4));
            for (std::int64_t i = y; i < std::min(h, y + height); ++i)
                for (std::int64_t j = x; j < std::min(w, x + width); ++j) (*t)(n, i, j) = c;
        }
    for (const double tolerance : {0.0, BoundaryF1::default_tolerance, 0.035, 0.05}) {
        BoundaryF1 each(4, tolerance), batch(4, tolerance);
        batch.add(predicted, label);
        double sums[4] = {}, counts[4] = {};
        for (std::int64_t n = 0; n < 3; ++n) {
            const auto p = contiguous(predicted.select(0, n)), l = contiguous(label.select(0, n));
            each.add(p, l);
            for (int c = 0; c < 4; ++c)
                if (const auto value = plain(p, l, c, tolerance)) sums[c] += *value, ++counts[c];
        }
        for (int c = 0; c < 4; ++c) {
            REQUIRE(counts[c] > 0);
            CHECK(*each.of(c) == doctest::Approx(sums[c] / counts[c]));
            CHECK(*batch.of(c) == *each.of(c));
        }
        CHECK(*each.mean() > 0);
    }
}

TEST_CASE("metrics/boundary: what is refused") {
    BoundaryF1 f1(2);
    const auto good = map({0, 1}, {1, 2});
    CHECK(message_of([&] {
              f1.add(good, map({0, 2}, {1, 2}));
          }) == "confusion matrix: the label at [0,1] of [1,2] is 2, expected 0 to 1 at here");
    CHECK(message_of([&] {
              f1.add(map({2, 0}, {1, 2}), good);
          }) == "confusion matrix: the prediction at [0,0] of [1,2] is 2, expected 0 to 1 at here");
    CHECK(message_of([&] {
              f1.add(good, map({0, 1}, {2, 1}));
          }) == "boundary F1: predictions have shape [1,2], labels [2,1]; expected [H,W] or [N,H,W] of both at here");
    CHECK(message_of([&] { f1.add(map({0}, {1}), map({0}, {1})); }) ==
          "boundary F1: predictions have shape [1], labels [1]; expected [H,W] or [N,H,W] of both at here");
    CHECK_FALSE(f1.mean().has_value());
    CHECK(message_of([&] { f1.of(2); }) == "boundary F1: class 2 of 2 at here");
    CHECK(message_of([] { BoundaryF1(0); }) == "boundary F1: 0 classes, expected 1 to 255 at here");
    CHECK(message_of([] { BoundaryF1(2, 1.5); }) ==
          "boundary F1: the tolerance is 1.5, expected 0 to 1, a share of the diagonal at here");
}
