#include "fathom/data/scene/synthetic.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <string>
#include <thread>
#include <vector>

#include "fathom/data/classes.hpp"

using namespace fathom;
using data::make_scene;
using data::SyntheticScene;
using data::TimeOfDay;

namespace {

std::uint64_t hash(std::uint64_t h, const Tensor<std::uint8_t>& t) {
    const std::uint8_t* p = t.data();
    for (std::int64_t i = 0; i < t.numel(); ++i) h = (h ^ p[i]) * 1099511628211u;
    return h;
}
std::uint64_t hash(const SyntheticScene& s) {
    return hash(hash(hash(14695981039346656037u, s.visible), s.infrared), s.label);
}

struct Mean {
    double sum = 0;
    std::int64_t count = 0;

    void add(double x) { sum += x, ++count; }
    double value() const { return count ? sum / static_cast<double>(count) : 0; }
};

double luminance(const std::uint8_t* rgb) { return 0.299 * rgb[0] + 0.587 * rgb[1] + 0.114 * rgb[2]; }

}  // namespace

TEST_CASE("data/synthetic: shapes, and sizes that are refused") {
    const SyntheticScene s = make_scene(1, {.height = 48, .width = 65});
    CHECK(s.visible.shape() == Shape{48, 65, 3});
    CHECK(s.infrared.shape() == Shape{48, 65});
    CHECK(s.label.shape() == Shape{48, 65});
    for (const data::SceneOptions& bad :
         {data::SceneOptions{31, 640}, data::SceneOptions{480, 0}, data::SceneOptions{-1, -1},
          data::SceneOptions{4097, 4097}, data::SceneOptions{std::int64_t{1} << 40, 32}})
        CHECK_THROWS_WITH_AS(make_scene(1, bad), doctest::Contains("make_scene: a scene has at least 32 x 32"), Error);
}

TEST_CASE("data/synthetic: the same bytes for a seed, on every machine and thread") {
    // The numbers were made with g++ 12 at -O2 on x86-64; clang 14, -O0, -O3, -march=native give the same.
    const std::array<std::uint64_t, 4> expected = {15977985015349111080u, 14048595189343544495u, 11754747704943809058u,
                                                   9922675003945955648u};
    std::array<std::uint64_t, 4> found{};
    const auto make = [](std::size_t i) {
        return hash(make_scene(100 + i, {.height = i == 3 ? 33 : 120, .width = i == 3 ? 97 : 160}));
    };
    for (std::size_t i = 0; i < found.size(); ++i) found[i] = make(i);
    for (std::size_t i = 0; i < found.size(); ++i) CHECK(found[i] == expected[i]);

    std::array<std::uint64_t, 4> threaded{};
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < threaded.size(); ++i) threads.emplace_back([&, i] { threaded[i] = make(i); });
    for (std::thread& t : threads) t.join();
    CHECK(threaded == found);
    CHECK(hash(make_scene(7, {96, 128})) != hash(make_scene(8, {96, 128})));
}

TEST_CASE("data/synthetic: 200 scenes hold every class, day and night, as unevenly as real streets") {
    constexpr int scenes = 200;
    std::array<double, 9> share{};
    std::array<int, 9> present{};
    int nights = 0;
    Mean day_level, night_level, night_people, day_people, people_heat, background_heat;
    for (std::uint64_t seed = 0; seed < scenes; ++seed) {
        const SyntheticScene s = make_scene(seed, {120, 160});
        nights += s.night;
        std::array<int, 9> count{};
        Mean level, people, warm, cold;
        const std::uint8_t *label = s.label.data(), *heat = s.infrared.data(), *rgb = s.visible.data();
        for (std::int64_t i = 0; i < s.label.numel(); ++i) {
            ++count.at(label[i]);  // throws above 8
            level.add(luminance(rgb + 3 * i));
            if (label[i] == 2) people.add(luminance(rgb + 3 * i)), warm.add(heat[i]);
            if (label[i] == 0) cold.add(heat[i]);
        }
        for (std::size_t c = 0; c < 9; ++c) {
            share[c] += static_cast<double>(count[c]) / static_cast<double>(s.label.numel()) / scenes;
            present[c] += count[c] >= 8;
        }
        (s.night ? night_level : day_level).add(level.value());
        if (people.count >= 100) {
            (s.night ? night_people : day_people).add(people.value());
            CHECK_MESSAGE(warm.value() > 2 * cold.value(),
                          "seed " << seed << ": people " << warm.value() << ", background " << cold.value());
        }
        if (warm.count) people_heat.add(warm.value());
        background_heat.add(cold.value());
    }
    for (std::size_t c = 0; c < 9; ++c) {
        INFO(std::string(data::class_names[c])
             << ": " << 100 * share[c] << "% of the pixels, in " << present[c] << " of " << scenes << " scenes");
        CHECK(present[c] >= 40);
        CHECK(share[c] >= 0.002);
    }
    CHECK(share[0] > 0.75);
    CHECK(share[0] < 0.95);
    CHECK(nights > 70);
    CHECK(nights < 130);
    INFO("visible level, day " << day_level.value() << ", night " << night_level.value() << "; people there "
                               << day_people.value() << ", " << night_people.value() << "; infrared, people "
                               << people_heat.value() << ", background " << background_heat.value());
    CHECK(day_level.value() > 2 * night_level.value());
    CHECK(night_people.value() < 60);  // hard to see, which is what the infrared image is for
    CHECK(people_heat.value() > 5 * background_heat.value());
    CHECK(background_heat.value() > 6);  // dark, yet not nothing
    CHECK(background_heat.value() < 40);
}

TEST_CASE("data/synthetic: the background's texture is the visible image's, people stand out in the infrared one") {
    Mean visible, infrared, edges;
    for (std::uint64_t seed = 300; seed < 330; ++seed) {
        const SyntheticScene s = make_scene(seed, {120, 160, TimeOfDay::day});
        CHECK_FALSE(s.night);
        const std::uint8_t *label = s.label.data(), *heat = s.infrared.data(), *rgb = s.visible.data();
        for (std::int64_t y = 0; y < 120; ++y)
            for (std::int64_t x = 0; x + 1 < 160; ++x) {
                const std::int64_t i = y * 160 + x;
                const double step = std::abs(static_cast<double>(heat[i + 1]) - heat[i]);
                if (label[i] == 0 && label[i + 1] == 0) {
                    visible.add(std::abs(luminance(rgb + 3 * i + 3) - luminance(rgb + 3 * i)));
                    infrared.add(step);
                } else if (label[i] + label[i + 1] == 2 && label[i] != label[i + 1]) {
                    edges.add(step);
                }
            }
    }
    INFO("mean step to the next pixel: background visible " << visible.value() << ", infrared " << infrared.value()
                                                            << ", at people's outlines " << edges.value());
    CHECK(visible.value() > 3 * infrared.value());
    CHECK(edges.value() > 10 * infrared.value());
}

TEST_CASE("data/synthetic: automatic is day or night, as the seed decides") {
    const SyntheticScene day = make_scene(12, {96, 128, TimeOfDay::day}),
                         night = make_scene(12, {96, 128, TimeOfDay::night});
    CHECK(night.night);
    CHECK_FALSE(day.night);
    const SyntheticScene automatic = make_scene(12, {96, 128});
    CHECK(hash(automatic) == hash(automatic.night ? night : day));
}
