#include "fathom/data/pair_loader.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "fathom/ops/copy.hpp"
#include "fathom/ops/image.hpp"
#include "tests/data/support.hpp"
#include "tests/support.hpp"

using namespace fathom;
using data::Batch;
using data::LoaderOptions;
using data::PairLoader;
using data::Sample;
using tests::message_of;

namespace {

// Sample i: red = row, green = column, blue = i, infrared = row ^ column, label = i mod 9. Counts how often it was
// asked; may take its time, fail, or differ in size.
struct Marked : data::Dataset {
    std::int64_t count, height, width;
    bool labels = true;
    std::int64_t broken = -1, taller = -1;
    int milliseconds = 0;
    mutable std::atomic<int> loads = 0;

    Marked(std::int64_t n, std::int64_t h, std::int64_t w) : count(n), height(h), width(w) {}
    std::int64_t size() const override { return count; }
    bool has_labels() const override { return labels; }
    std::string name(std::int64_t i) const override { return "marked " + std::to_string(i); }
    std::shared_ptr<const Sample> load(std::int64_t i) const override {
        ++loads;
        if (milliseconds > 0) std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
        if (i == broken) throw std::runtime_error(name(i) + ".png: broken");
        const std::int64_t h = height + (i == taller);
        std::vector<std::uint8_t> visible, infrared;
        for (std::int64_t y = 0; y < h; ++y)
            for (std::int64_t x = 0; x < width; ++x) {
                for (const std::int64_t v : {y, x, i}) visible.push_back(static_cast<std::uint8_t>(v));
                infrared.push_back(static_cast<std::uint8_t>(y ^ x));
            }
        return std::make_shared<Sample>(Sample{name(i), from_data(visible.data(), {h, width, 3}),
                                               data::PixelPlane(std::move(infrared)),
                                               full<std::uint8_t>({h, width}, static_cast<std::uint8_t>(i % 9))});
    }
};

constexpr data::BatchParts everything{
    .visible = true, .luminance = true, .chroma = true, .infrared = true, .label = true};
constexpr data::TransformOptions recipe{.jitter = true, .flip = true, .scale = true};

bool same(const Batch& a, const Batch& b) {
    const auto equal = [](const AnyTensor& x, const AnyTensor& y) {
        return x.defined() == y.defined() && (!x.defined() || tests::same_bits(x, y));
    };
    return a.indices == b.indices && equal(a.visible, b.visible) && equal(a.luminance, b.luminance) &&
           equal(a.chroma, b.chroma) && equal(a.infrared, b.infrared) && equal(a.label, b.label);
}

std::vector<Batch> take(PairLoader& loader, int n) {
    std::vector<Batch> batches;
    for (int i = 0; i < n; ++i) batches.push_back(loader.next());
    return batches;
}

std::string what(PairLoader& loader) {
    try {
        loader.next();
    } catch (const std::exception& error) {
        return error.what();
    }
    return "no error";
}

}  // namespace

TEST_CASE("data/pair_loader: batches of crops") {
    const auto dataset = std::make_shared<Marked>(7, 20, 30);
    Generator generator(3);
    PairLoader loader(
        dataset, {.batch = 4, .height = 8, .width = 12, .transforms = {.flip = false}, .parts = everything}, generator);
    for (int step = 0; step < 5; ++step) {
        const Batch batch = loader.next();
        REQUIRE(batch.visible.shape() == Shape{4, 3, 8, 12});
        REQUIRE(batch.luminance.shape() == Shape{4, 1, 8, 12});
        REQUIRE(batch.chroma.shape() == Shape{4, 2, 8, 12});
        REQUIRE(batch.infrared.shape() == Shape{4, 1, 8, 12});
        REQUIRE(batch.label.shape() == Shape{4, 8, 12});
        bool right = true;
        for (std::int64_t n = 0; n < 4; ++n) {
            const float* rgb = batch.visible.data() + n * 3 * 96;
            const std::int64_t index = batch.indices[static_cast<std::size_t>(n)];
            const auto byte = [](float v) { return static_cast<int>(v * 255 + 0.5f); };
            for (int i = 0; i < 96; ++i) {
                const int row = byte(rgb[0]) + i / 12, column = byte(rgb[96]) + i % 12;
                right = right && byte(rgb[i]) == row && byte(rgb[96 + i]) == column && byte(rgb[192 + i]) == index &&
                        byte(batch.infrared.data()[n * 96 + i]) == (row ^ column) &&
                        batch.label.data()[n * 96 + i] == index &&
                        batch.luminance.data()[n * 96 + i] ==
                            doctest::Approx(0.299 * rgb[i] + 0.587 * rgb[96 + i] + 0.114 * rgb[192 + i]);
            }
        }
        CHECK(right);
        // What a trainer would make of the colors.
        CHECK(tests::same_bits(cat<float>({batch.luminance, batch.chroma}, 1), rgb_to_ycrcb(batch.visible)));
    }
    PairLoader few(dataset, {.batch = 2, .height = 4, .width = 4, .parts = {.infrared = true}}, generator);
    const Batch batch = few.next();
    CHECK(batch.infrared.defined());
    CHECK_FALSE(batch.visible.defined());
    CHECK_FALSE(batch.luminance.defined());
    CHECK_FALSE(batch.label.defined());
}

TEST_CASE("data/pair_loader: the same bits on any number of threads, and continued from any place") {
    const auto dataset = std::make_shared<Marked>(7, 24, 32);
    dataset->taller = 3;
    for (const bool drop_last : {false, true}) {
        LoaderOptions options{.batch = 3,
                              .height = 16,
                              .width = 20,
                              .transforms = recipe,
                              .parts = everything,
                              .drop_last = drop_last,
                              .threads = 0};
        Generator generator(11);
        PairLoader plain(dataset, options, generator);
        std::vector<PairLoader::State> states;
        std::vector<Batch> expected;
        for (int i = 0; i < 12; ++i) {
            states.push_back(plain.state());
            expected.push_back(plain.next());
        }
        CHECK_FALSE(same(expected[0], expected[7]));
        for (const int threads : {1, 2, 5})
            for (const std::int64_t prefetch : {1, 4}) {
                options.threads = threads, options.prefetch = prefetch;
                Generator again(11);
                PairLoader loader(dataset, options, again);
                const auto batches = take(loader, 12);
                for (std::size_t i = 0; i < 12; ++i) CHECK(same(batches[i], expected[i]));
            }
        options.threads = 2, options.prefetch = 3;
        Generator other(99);
        PairLoader resumed(dataset, options, other);
        for (const std::size_t from : {8u, 1u, 5u, 0u}) {  // with batches of another place under way
            resumed.restore(states[from]);
            CHECK(resumed.state().position == states[from].position);
            for (std::size_t i = from; i < from + 4; ++i) CHECK(same(resumed.next(), expected[i]));
        }
        PairLoader different(dataset, options, other);
        CHECK_FALSE(same(different.next(), expected[0]));
    }
}

TEST_CASE("data/pair_loader: epochs") {
    const auto dataset = std::make_shared<Marked>(7, 8, 8);
    Generator generator(5);
    LoaderOptions options{.batch = 3, .height = 8, .width = 8, .parts = {.infrared = true}};
    const auto indices = [](PairLoader& loader, int batches) {
        std::vector<std::int64_t> all;
        for (const Batch& batch : take(loader, batches))
            all.insert(all.end(), batch.indices.begin(), batch.indices.end());
        return all;
    };
    PairLoader endless(dataset, options, generator);
    CHECK(endless.batches_per_epoch() == 3);
    CHECK(endless.epoch() == 0);
    auto seen = indices(endless, 7);  // 21 samples: three epochs
    CHECK(endless.epoch() == 3);
    CHECK(std::vector(seen.begin(), seen.begin() + 7) != std::vector(seen.begin() + 7, seen.begin() + 14));
    for (int e = 0; e < 3; ++e) {
        std::sort(seen.begin() + 7 * e, seen.begin() + 7 * e + 7);
        CHECK(std::vector(seen.begin() + 7 * e, seen.begin() + 7 * e + 7) ==
              std::vector<std::int64_t>{0, 1, 2, 3, 4, 5, 6});
    }

    options.drop_last = true;
    PairLoader dropping(dataset, options, generator);
    CHECK(dropping.batches_per_epoch() == 2);
    for (int e = 0; e < 3; ++e) {
        CHECK(dropping.epoch() == e);
        auto six = indices(dropping, 2);
        std::sort(six.begin(), six.end());
        CHECK(std::unique(six.begin(), six.end()) == six.end());
    }

    options.drop_last = false, options.shuffle = false, options.batch = 9;  // more than there are
    PairLoader ordered(dataset, options, generator);
    CHECK(indices(ordered, 1) == std::vector<std::int64_t>{0, 1, 2, 3, 4, 5, 6, 0, 1});
    CHECK(ordered.epoch() == 1);
    CHECK(ordered.batches_per_epoch() == 1);
}

TEST_CASE("data/pair_loader: each sample of a run is cut at a place of its own") {
    Generator generator(5);
    PairLoader loader(std::make_shared<Marked>(4, 60, 80),
                      {.batch = 2, .height = 8, .width = 12, .transforms = {.flip = false}, .parts = {.visible = true}},
                      generator);
    std::set<std::pair<float, float>> places;
    for (const Batch& batch : take(loader, 20))
        for (std::int64_t n = 0; n < 2; ++n) places.emplace(batch.visible(n, 0, 0, 0), batch.visible(n, 1, 0, 0));
    CHECK(places.size() >= 35);  // of 40 crops at 53 x 69 places
}

TEST_CASE("data/pair_loader: whole images") {
    const auto dataset = std::make_shared<Marked>(2, 10, 12);
    Generator generator(5);
    LoaderOptions options{
        .batch = 2, .height = 0, .width = 0, .transforms = {.flip = false}, .parts = everything, .shuffle = false};
    PairLoader loader(dataset, options, generator);
    const Batch batch = loader.next(), single = data::whole_image(*dataset->load(0), everything);
    CHECK(batch.visible.shape() == Shape{2, 3, 10, 12});
    CHECK(tests::same_bits(batch.visible[0], single.visible[0]));
    CHECK(tests::same_bits(batch.label[0], single.label[0]));
    CHECK(single.infrared.shape() == Shape{1, 1, 10, 12});
    const auto uneven = std::make_shared<Marked>(2, 10, 12);
    uneven->taller = 1;
    PairLoader mixed(uneven, options, generator);
    CHECK(
        what(mixed).find("data loader: marked 1 has 11 x 12 pixels, expected the 10 x 12 of marked 0: whole images of "
                         "one batch must agree in size; choose a crop or a batch of 1 at pair_loader_test.cpp:") == 0);
    options.batch = 1;
    PairLoader one(uneven, options, generator);
    CHECK(one.next().visible.shape() == Shape{1, 3, 10, 12});
    CHECK(one.next().visible.shape() == Shape{1, 3, 11, 12});
}

TEST_CASE("data/pair_loader: an error comes where its sample belongs, and the rest after it") {
    const auto dataset = std::make_shared<Marked>(6, 8, 8);
    dataset->broken = 3;
    for (const int threads : {0, 1, 3}) {
        Generator generator(5);
        LoaderOptions options{.batch = 2,
                              .height = 4,
                              .width = 4,
                              .parts = {.infrared = true},
                              .shuffle = false,
                              .threads = threads,
                              .prefetch = 3};
        PairLoader loader(dataset, options, generator);
        for (int round = 0; round < 2; ++round) {
            CHECK(loader.next().indices == std::vector<std::int64_t>{0, 1});
            CHECK(what(loader) == "marked 3.png: broken");
            CHECK(loader.next().indices == std::vector<std::int64_t>{4, 5});
        }
        options.height = 9;
        PairLoader small(dataset, options, generator);
        CHECK(what(small).find("transform: marked 0 has 8 x 8 pixels, expected at least the crop's 9 x 4 at ") == 0);
    }
    // With the name of a real file.
    const data_test::Folder f;
    const std::string vi = f.make("vi"), ir = f.make("ir");
    data_test::write_pattern(vi + "/a.png", 4, 6, 3, 0);
    data_test::write_pattern(ir + "/a.png", 4, 5, 1, 0);
    Generator generator(5);
    PairLoader files(std::make_shared<data::MsrsDataset>(f.path.string(), data::MsrsOptions{.labels = false}),
                     {.batch = 1, .height = 4, .width = 4, .parts = {.infrared = true}}, generator);
    CHECK(what(files) == ir + "/a.png: has 4 x 5 pixels, expected the 4 x 6 of " + vi + "/a.png");
}

TEST_CASE("data/pair_loader: options that make no sense") {
    const auto dataset = std::make_shared<Marked>(5, 8, 8);
    Generator generator(5);
    const auto error = [&](LoaderOptions options) {
        if (options.batch == 8) options.batch = 2;
        return message_of([&] { PairLoader(dataset, options, generator, {}); });
    };
    const data::BatchParts infrared{.infrared = true};
    CHECK(error({.parts = infrared}) == "no error");
    CHECK(error({.batch = 0, .parts = infrared}) == "data loader: batch is 0, expected at least 1");
    CHECK(error({.height = 0, .width = 5, .parts = infrared}) ==
          "data loader: the crop is 0 x 5, expected two sizes above 0, or 0 x 0 for whole images");
    CHECK(error({.height = -4, .parts = infrared}).find("data loader: the crop is -4 x 96") == 0);
    CHECK(error({.height = 0, .width = 0, .transforms = {.scale = true}, .parts = infrared}) ==
          "data loader: whole images are not scaled, expected the size of a crop");
    CHECK(error({}) == "data loader: no parts are asked for, expected visible, luminance, chroma, infrared or label");
    CHECK(error({.parts = infrared, .threads = -1}) == "data loader: threads is -1, expected at least 0");
    CHECK(error({.parts = infrared, .prefetch = 0}) == "data loader: prefetch is 0, expected at least 1");
    CHECK(error({.batch = 6, .parts = infrared, .drop_last = true}) ==
          "data loader: a batch of 6 is never full with 5 samples, expected a smaller batch, or drop_last = false");
    CHECK(error({.batch = 6, .parts = infrared}) == "no error");
    dataset->labels = false;
    CHECK(error({.parts = {.label = true}}) == "data loader: labels are asked for, the data have none");
    CHECK(message_of([&] { PairLoader(nullptr, {}, generator); }) == "data loader: no data at here");
    PairLoader loader(dataset, {.batch = 2, .parts = infrared, .drop_last = true}, generator);
    CHECK(message_of([&] {
              loader.restore({3, {}});
          }) ==
          "data loader: cannot continue at sample 3 with batches of 2, expected the state of a loader with the same "
          "options at here");
    CHECK_THROWS_AS(loader.restore({-2, {}}), Error);
}

TEST_CASE("data/pair_loader: no more is made ahead than asked for") {
    const auto dataset = std::make_shared<Marked>(50, 8, 8);
    Generator generator(5);
    PairLoader loader(dataset,
                      {.batch = 2, .height = 4, .width = 4, .parts = {.infrared = true}, .threads = 4, .prefetch = 3},
                      generator);
    CHECK(dataset->loads == 0);  // threads start with the first batch
    for (int taken = 1; taken <= 4; ++taken) {
        loader.next();
        std::this_thread::sleep_for(std::chrono::milliseconds(30));
        CHECK(dataset->loads <= 2 * (taken + 3));
        CHECK(loader.state().position == 2 * taken);
    }

    // Items that live: those made ahead and the one in hand.
    static std::atomic<int> live = 0, most = 0;
    struct Counted {
        Counted() {
            const int now = ++live;
            for (int seen = most; now > seen && !most.compare_exchange_weak(seen, now);) {
            }
        }
        Counted(Counted&&) : Counted() {}
        Counted& operator=(Counted&&) { return *this; }
        ~Counted() { --live; }
    };
    {
        data::Prefetcher<std::unique_ptr<Counted>> items(4, 3,
                                                         [](std::int64_t) { return std::make_unique<Counted>(); });
        for (int i = 0; i < 200; ++i) items.next();
    }
    CHECK(live == 0);
    CHECK(most <= 4);
}

TEST_CASE("data/pair_loader: destroyed while threads work, wait, or have failed") {
    const auto dataset = std::make_shared<Marked>(50, 8, 8);
    dataset->milliseconds = 2;
    for (int taken = 0; taken < 4; ++taken)
        for (const bool wait : {false, true}) {
            dataset->broken = taken == 3 ? 5 : -1;
            Generator generator(5);
            auto loader = std::make_unique<PairLoader>(dataset,
                                                       LoaderOptions{.batch = 2,
                                                                     .height = 4,
                                                                     .width = 4,
                                                                     .parts = {.infrared = true},
                                                                     .shuffle = false,
                                                                     .threads = 3,
                                                                     .prefetch = 2},
                                                       generator);
            for (int i = 0; i < taken; ++i) what(*loader);
            if (wait) std::this_thread::sleep_for(std::chrono::milliseconds(15));
            loader.reset();
        }
    CHECK(true);
}

TEST_CASE("data/pair_loader: the real MSRS, fused images in place of visible ones and all") {
    const char* shared = std::getenv("FATHOM_SHARED");
    const std::string root = std::string(shared ? shared : "../shared") + "/data/msrs_labelled/";
    if (!std::filesystem::exists(root)) {
        MESSAGE("SKIPPED: no folder " << root);
        return;
    }
    const auto dataset = std::make_shared<data::MsrsDataset>(root + "train");
    const LoaderOptions options{
        .batch = 2, .height = 240, .width = 320, .transforms = recipe, .parts = everything, .threads = 0};
    LoaderOptions threaded = options;
    threaded.threads = 2;
    Generator a(1), b(1);
    PairLoader plain(dataset, options, a), two(dataset, threaded, b);
    for (int i = 0; i < 3; ++i) CHECK(same(plain.next(), two.next()));
    CHECK(plain.batches_per_epoch() == 35);

    // The infrared images as if they were fused ones.
    Generator c(1);
    PairLoader fused(
        std::make_shared<data::MsrsDataset>(root + "train", data::MsrsOptions{.visible = root + "train/ir"}),
        {.batch = 1, .height = 480, .width = 640, .parts = everything, .threads = 1}, c);
    const Batch batch = fused.next();
    CHECK(std::abs(batch.visible(0, 1, 240, 320) - batch.infrared(0, 0, 240, 320)) < 1e-6);
    CHECK(std::abs(batch.luminance(0, 0, 7, 9) - batch.infrared(0, 0, 7, 9)) < 1e-6);
}
