#include "fathom/data/transforms.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <string>
#include <vector>

#include "fathom/tensor/factories.hpp"
#include "tests/support.hpp"

using namespace fathom;
using data::draw_transform;
using data::Sample;
using data::Transform;
using data::TransformOptions;
using tests::message_of;

namespace {

// Samples that differ everywhere and are not smooth; infrared in 8 or 16 bits.
Sample patterned(std::int64_t height, std::int64_t width, bool wide = false) {
    std::vector<std::uint8_t> visible, infrared, label;
    std::vector<float> wide_infrared;
    for (std::int64_t i = 0; i < height * width; ++i) {
        for (std::int64_t c = 0; c < 3; ++c) visible.push_back(static_cast<std::uint8_t>(i * i * 7 + 31 * i + 90 * c));
        infrared.push_back(static_cast<std::uint8_t>(i * i * 3 + 11));
        wide_infrared.push_back(static_cast<float>((i * i * 331 + 1) % 65536) / 65535);
        label.push_back(static_cast<std::uint8_t>(i % 11 == 10 ? 255 : i % 9));
    }
    return {"street", from_data(visible.data(), {height, width, 3}),
            wide ? data::PixelPlane(from_data(wide_infrared.data(), {height, width})) : data::PixelPlane(infrared),
            from_data(label.data(), {height, width})};
}

struct Crop {
    std::vector<float> visible, luminance, infrared;
    std::vector<std::int64_t> label;
};

Crop apply(const Transform& t, const Sample& sample) {
    const auto n = static_cast<std::size_t>(t.height * t.width);
    Crop crop{std::vector<float>(3 * n), std::vector<float>(n), std::vector<float>(n), std::vector<std::int64_t>(n)};
    data::apply_transform(t, sample,
                          {.visible = crop.visible.data(),
                           .luminance = crop.luminance.data(),
                           .infrared = crop.infrared.data(),
                           .label = crop.label.data()});
    return crop;
}

// The recipe step by step, each on whole images in double.
struct Plane {
    std::int64_t height, width;
    std::vector<double> values;
    double at(std::int64_t y, std::int64_t x) const {
        y = std::clamp<std::int64_t>(y, 0, height - 1), x = std::clamp<std::int64_t>(x, 0, width - 1);
        return values[static_cast<std::size_t>(y * width + x)];
    }
};
template <class F>
Plane make(std::int64_t height, std::int64_t width, F&& f) {
    Plane p{height, width, {}};
    for (std::int64_t y = 0; y < height; ++y)
        for (std::int64_t x = 0; x < width; ++x) p.values.push_back(f(y, x));
    return p;
}
Plane bilinear(const Plane& p, std::int64_t height, std::int64_t width) {
    return make(height, width, [&](std::int64_t i, std::int64_t j) {
        const double y = (double(i) + 0.5) * double(p.height) / double(height) - 0.5,
                     x = (double(j) + 0.5) * double(p.width) / double(width) - 0.5;
        const auto y0 = static_cast<std::int64_t>(std::floor(y)), x0 = static_cast<std::int64_t>(std::floor(x));
        const double b = y - double(y0), a = x - double(x0);
        return (1 - b) * ((1 - a) * p.at(y0, x0) + a * p.at(y0, x0 + 1)) +
               b * ((1 - a) * p.at(y0 + 1, x0) + a * p.at(y0 + 1, x0 + 1));
    });
}
Plane nearest(const Plane& p, std::int64_t height, std::int64_t width) {
    return make(height, width, [&](std::int64_t i, std::int64_t j) {
        return p.at((2 * i + 1) * p.height / (2 * height), (2 * j + 1) * p.width / (2 * width));
    });
}
Plane mirror(const Plane& p) {
    return make(p.height, p.width, [&](std::int64_t y, std::int64_t x) { return p.at(y, p.width - 1 - x); });
}
Plane cut(const Plane& p, const Transform& t) {
    return make(t.height, t.width, [&](std::int64_t y, std::int64_t x) { return p.at(t.top + y, t.left + x); });
}
void jitter(std::vector<Plane>& rgb, const Transform& t) {
    const auto clamp = [](double v) { return std::clamp(v, 0.0, 1.0); };
    const auto grey = [&](std::size_t i) {
        return 0.299 * rgb[0].values[i] + 0.587 * rgb[1].values[i] + 0.114 * rgb[2].values[i];
    };
    const std::size_t n = rgb[0].values.size();
    for (Plane& p : rgb)
        for (double& v : p.values) v = clamp(t.brightness * v);
    double mean = 0;
    for (std::size_t i = 0; i < n; ++i) mean += grey(i) / double(n);
    for (Plane& p : rgb)
        for (double& v : p.values) v = clamp(t.contrast * v + (1 - t.contrast) * mean);
    for (std::size_t i = 0; i < n; ++i) {
        const double y = grey(i);
        for (Plane& p : rgb) p.values[i] = clamp(t.saturation * p.values[i] + (1 - t.saturation) * y);
    }
}

double worst(const Plane& expected, const float* got) {
    double difference = 0;
    for (std::size_t i = 0; i < expected.values.size(); ++i)
        difference = std::max(difference, std::abs(expected.values[i] - static_cast<double>(got[i])));
    return difference;
}

void check_against_reference(const Transform& t, const Sample& sample) {
    const std::int64_t height = sample.height(), width = sample.width();
    std::vector<Plane> images;
    for (std::int64_t c = 0; c < 3; ++c)
        images.push_back(make(height, width, [&](std::int64_t y, std::int64_t x) {
            return sample.visible.data()[(y * width + x) * 3 + c] / 255.0;
        }));
    if (t.jitter) jitter(images, t);
    images.push_back(
        make(height, width, [&](std::int64_t y, std::int64_t x) { return double(sample.infrared[y * width + x]); }));
    Plane label =
        make(height, width, [&](std::int64_t y, std::int64_t x) { return double(sample.label.data()[y * width + x]); });
    for (Plane& p : images) p = cut(bilinear(t.mirrored ? mirror(p) : p, t.scaled_height, t.scaled_width), t);
    label = cut(nearest(t.mirrored ? mirror(label) : label, t.scaled_height, t.scaled_width), t);

    const Crop crop = apply(t, sample);
    const std::size_t n = label.values.size();
    for (std::size_t c = 0; c < 3; ++c) CHECK(worst(images[c], crop.visible.data() + c * n) < 2e-6);
    CHECK(worst(images[3], crop.infrared.data()) < 2e-6);
    bool same = true;
    for (std::size_t i = 0; i < n; ++i) same = same && label.values[i] == static_cast<double>(crop.label[i]);
    CHECK(same);
    for (std::size_t i = 0; i < n; ++i)
        CHECK(crop.luminance[i] ==
              doctest::Approx(0.299 * crop.visible[i] + 0.587 * crop.visible[n + i] + 0.114 * crop.visible[2 * n + i])
                  .epsilon(1e-5));
}

}  // namespace

TEST_CASE("data/transforms: a crop is what jitter, mirroring, scaling and cutting give one after the other") {
    for (const bool wide : {false, true}) {
        const Sample sample = patterned(13, 17, wide);
        for (std::uint64_t seed = 0; seed < 24; ++seed) {
            CAPTURE(seed);
            const TransformOptions all{.jitter = true, .flip = true, .scale = true};
            check_against_reference(draw_transform(sample, all, 9, 11, {seed, 0}), sample);
            check_against_reference(draw_transform(sample, all, 20, 9, {seed, 5}), sample);  // enlarged
        }
    }
}

TEST_CASE("data/transforms: golden numbers") {
    // Red 0, 100, 200, 50 in a row of 4, seen in 8 columns: weights 1/4 and 3/4.
    const std::vector<std::uint8_t> visible = {0, 0, 0, 100, 0, 0, 200, 0, 0, 50, 0, 0}, label = {1, 2, 3, 255};
    const Sample sample{"row", from_data(visible.data(), {1, 4, 3}), data::PixelPlane(std::vector<std::uint8_t>(4)),
                        from_data(label.data(), {1, 4})};
    Transform t{.scaled_height = 2, .scaled_width = 8, .height = 1, .width = 8};
    const std::vector<double> expected = {0, 25, 75, 125, 175, 162.5, 87.5, 50};
    Crop crop = apply(t, sample);
    for (std::size_t i = 0; i < 8; ++i) CHECK(crop.visible[i] * 255 == doctest::Approx(expected[i]).epsilon(1e-6));
    CHECK(crop.label == std::vector<std::int64_t>{1, 1, 2, 2, 3, 3, 255, 255});
    t.mirrored = true, t.left = 1, t.width = 3;
    crop = apply(t, sample);
    for (std::size_t i = 0; i < 3; ++i) CHECK(crop.visible[i] * 255 == doctest::Approx(expected[6 - i]).epsilon(1e-6));
    CHECK(crop.label == std::vector<std::int64_t>{255, 3, 3});

    // Jitter of (0.8, 0.4, 0.2) and black: brightness 1.5 gives (1, 0.6, 0.3), luminance 0.6854, mean 0.3427; contrast
    // 0.5 gives (0.67135, 0.47135, 0.32135) and 0.17135; saturation 0.5 mixes with 0.51405.
    const std::vector<std::uint8_t> two = {204, 102, 51, 0, 0, 0};
    const Sample pair{"two", from_data(two.data(), {1, 2, 3}), {}, {}};
    const Transform j{.jitter = true,
                      .brightness = 1.5,
                      .contrast = 0.5,
                      .saturation = 0.5,
                      .scaled_height = 1,
                      .scaled_width = 2,
                      .height = 1,
                      .width = 2};
    std::vector<float> out(6);
    data::apply_transform(j, pair, {.visible = out.data()});
    const std::vector<double> jittered = {0.5927, 0.17135, 0.4927, 0.17135, 0.4177, 0.17135};
    for (std::size_t i = 0; i < 6; ++i) CHECK(out[i] == doctest::Approx(jittered[i]).epsilon(1e-5));
}

TEST_CASE("data/transforms: unscaled crops are the very samples") {
    const Sample sample = patterned(8, 10, true);
    for (std::uint64_t seed = 0; seed < 8; ++seed) {
        const Transform t = draw_transform(sample, {.flip = true}, 5, 6, {seed, 0});
        CHECK_FALSE(t.jitter);
        CHECK(t.scaled_height == 8);
        const Crop crop = apply(t, sample);
        bool same = true;
        for (std::int64_t y = 0; y < 5; ++y)
            for (std::int64_t x = 0; x < 6; ++x) {
                const std::int64_t column = t.mirrored ? 9 - t.left - x : t.left + x, from = (t.top + y) * 10 + column;
                const auto to = static_cast<std::size_t>(y * 6 + x);
                same = same && crop.infrared[to] == sample.infrared[from] &&
                       crop.label[to] == sample.label.data()[from] &&
                       crop.visible[to] == static_cast<float>(sample.visible.data()[3 * from]) / 255;
            }
        CHECK(same);
    }
}

TEST_CASE("data/transforms: what is drawn") {
    const Sample sample = patterned(40, 60);
    const TransformOptions all{.jitter = true, .flip = true, .scale = true};
    std::set<std::int64_t> heights;
    int mirrored = 0;
    double low = 9, high = 0, sum = 0;
    for (std::uint64_t i = 0; i < 400; ++i) {
        const Transform t = draw_transform(sample, all, 30, 40, {7, i * data::draws_per_sample});
        heights.insert(t.scaled_height);
        mirrored += t.mirrored;
        for (const double f : {t.brightness, t.contrast, t.saturation})
            low = std::min(low, f), high = std::max(high, f), sum += f;
        CHECK(t.top >= 0);
        CHECK(t.top + 30 <= t.scaled_height);
        CHECK(t.left + 40 <= t.scaled_width);
        CHECK(t.scaled_width == t.scaled_height * 3 / 2);
    }
    CHECK(heights == std::set<std::int64_t>{30, 40, 50, 60, 70, 80});
    CHECK(mirrored > 160);
    CHECK(mirrored < 240);
    CHECK(low >= 0.5);
    CHECK(low < 0.52);
    CHECK(high <= 1.5);
    CHECK(high > 1.48);
    CHECK(sum / 1200 == doctest::Approx(1).epsilon(0.05));

    // Enlarged until the crop fits: exactly in the side that lacks more, rounded up in the other.
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        const Transform tall = draw_transform(sample, all, 100, 40, {seed, 0});
        CHECK(tall.scaled_height == 100);
        CHECK(tall.scaled_width == 150);
        const Transform broad = draw_transform(patterned(7, 9), all, 20, 100, {seed, 0});
        CHECK(broad.scaled_width == 100);
        CHECK(broad.scaled_height >= 77);
    }
    const Transform whole = draw_transform(sample, {.flip = false}, 0, 0, {1, 0});
    CHECK(whole.height == 40);
    CHECK(whole.width == 60);
    CHECK_FALSE(whole.mirrored);
}

TEST_CASE("data/transforms: what cannot be done is said") {
    const Sample sample = patterned(10, 12);
    CHECK(message_of([&] {
              draw_transform(sample, {}, 11, 12, {1, 0});
          }) == "transform: street has 10 x 12 pixels, expected at least the crop's 11 x 12 at here");
    CHECK(message_of([&] {
              draw_transform(sample, {}, 5, 13, {1, 0});
          }) == "transform: street has 10 x 12 pixels, expected at least the crop's 5 x 13 at here");
    float one = 0;
    std::int64_t label = 0;
    const Transform outside{.scaled_height = 10, .scaled_width = 12, .top = 10, .height = 1, .width = 1};
    CHECK(message_of([&] { data::apply_transform(outside, sample, {.visible = &one}); }) ==
          "transform: a crop of 1 x 1 at (10, 0) does not lie in an image of 10 x 12 at here");
    Sample bare = sample;
    bare.label = {};
    const Transform pixel{.scaled_height = 10, .scaled_width = 12, .height = 1, .width = 1};
    CHECK(message_of([&] { data::apply_transform(pixel, bare, {.label = &label}); }) ==
          "transform: street has no label at here");
    bare.label = zeros<std::uint8_t>({9, 12});
    CHECK(message_of([&] { data::apply_transform(pixel, bare, {.label = &label}); }) ==
          "transform: the label of street has shape [9,12], expected a dense [10,12] at here");
    bare.infrared = data::PixelPlane(std::vector<std::uint8_t>(7));
    CHECK(message_of([&] { data::apply_transform(pixel, bare, {.infrared = &one}); }) ==
          "transform: the infrared image of street has 7 samples, expected 10 x 12 at here");
    bare.visible = zeros<std::uint8_t>({10, 12, 1});
    CHECK(message_of([&] { data::apply_transform(pixel, bare, {.visible = &one}); }) ==
          "transform: the visible image of street has shape [10,12,1], expected a dense [H,W,3] at here");
}
