#include "fathom/data/crops.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "tests/data/support.hpp"

using namespace fathom;
using data::CropBatch;
using data::CropOptions;
using data::CropSampler;
using data::PairStore;
using data::PixelPair;
using data::PixelPlane;

namespace {

// Pair i: the samples say where they come from: red = row, green = column, blue = i, infrared = row ^ column.
PixelPair marked(std::int64_t i, std::int64_t height, std::int64_t width) {
    std::vector<std::uint8_t> visible, infrared;
    for (std::int64_t y = 0; y < height; ++y)
        for (std::int64_t x = 0; x < width; ++x) {
            for (const std::int64_t v : {y, x, i}) visible.push_back(static_cast<std::uint8_t>(v));
            infrared.push_back(static_cast<std::uint8_t>(y ^ x));
        }
    return {"pair " + std::to_string(i),    height, width, 3, 1, PixelPlane(std::move(visible)),
            PixelPlane(std::move(infrared))};
}

std::shared_ptr<PairStore> marked_store(std::int64_t count, std::int64_t height, std::int64_t width) {
    return std::make_shared<PairStore>(count, [=](std::int64_t i) { return marked(i, height, width); });
}

bool same(const CropBatch& a, const CropBatch& b) {
    return a.indices == b.indices &&
           std::equal(a.luminance.data(), a.luminance.data() + a.luminance.numel(), b.luminance.data()) &&
           std::equal(a.infrared.data(), a.infrared.data() + a.infrared.numel(), b.infrared.data());
}

int byte_of(float v) { return static_cast<int>(v * 255 + 0.5f); }

}  // namespace

TEST_CASE("data/crops: a crop is a window of its pair, both images alike, mirrored half of the time") {
    CropSampler sampler(marked_store(5, 20, 30), {.batch = 4, .height = 7, .width = 9, .color = true});
    Generator generator(3);
    int mirrored = 0, places = 0;
    std::vector<int> tops(20), lefts(30);
    for (int step = 0; step < 50; ++step) {
        const CropBatch batch = sampler.next(generator);
        REQUIRE(batch.luminance.shape() == Shape{4, 1, 7, 9});
        REQUIRE(batch.infrared.shape() == Shape{4, 1, 7, 9});
        REQUIRE(batch.visible.shape() == Shape{4, 3, 7, 9});
        for (std::int64_t n = 0; n < 4; ++n) {
            const float* rgb = batch.visible.data() + n * 3 * 63;
            const int top = byte_of(rgb[0]), direction = byte_of(rgb[64]) - byte_of(rgb[63]), left = byte_of(rgb[63]);
            REQUIRE((direction == 1 || direction == -1));
            mirrored += direction < 0;
            ++tops[static_cast<std::size_t>(top)], ++lefts[static_cast<std::size_t>(direction > 0 ? left : left - 8)];
            bool right = true;
            for (int y = 0; y < 7; ++y)
                for (int x = 0; x < 9; ++x) {
                    const int at = 9 * y + x, row = top + y, column = left + direction * x;
                    right = right && byte_of(rgb[at]) == row && byte_of(rgb[63 + at]) == column &&
                            byte_of(rgb[126 + at]) == batch.indices[static_cast<std::size_t>(n)] &&
                            byte_of(batch.infrared.data()[n * 63 + at]) == (row ^ column) &&
                            batch.luminance.data()[n * 63 + at] ==
                                doctest::Approx(0.299 * rgb[at] + 0.587 * rgb[63 + at] + 0.114 * rgb[126 + at]);
                }
            CHECK(right);
        }
    }
    for (const int count : tops) places += count > 0;
    CHECK(places == 14);  // every top from 0 to 13
    CHECK(std::count_if(lefts.begin(), lefts.end(), [](int c) { return c > 0; }) == 22);
    CHECK(mirrored > 70);
    CHECK(mirrored < 130);
}

TEST_CASE("data/crops: the same generator gives the same batches; a restored sampler continues exactly") {
    const CropOptions options{.batch = 3, .height = 8, .width = 8};
    CropSampler a(marked_store(7, 16, 16), options), b(marked_store(7, 16, 16), options);
    Generator ga(11), gb(11), other(12);
    for (int i = 0; i < 10; ++i) CHECK(same(a.next(ga), b.next(gb)));
    CHECK(ga.offset() == gb.offset());
    for (int extra = 0; extra < 8; ++extra) {  // at every phase of an epoch
        CropSampler c(marked_store(7, 16, 16), options);
        c.restore(a.state());
        Generator gc(0);
        gc.restore(ga.seed(), ga.offset());
        const CropBatch expected = a.next(ga);
        CHECK(same(c.next(gc), expected));
        b.next(gb);
        CHECK_FALSE(same(b.next(other), expected));
        b.restore(a.state());
        gb.restore(ga.seed(), ga.offset());
    }
}

TEST_CASE("data/crops: an epoch shows each pair once, in an order of its own") {
    CropSampler sampler(marked_store(6, 8, 8), {.batch = 4, .height = 8, .width = 8});
    Generator generator(1);
    std::vector<std::int64_t> seen;
    for (int i = 0; i < 9; ++i) {
        CHECK(sampler.epoch() == 4 * i / 6);
        for (const std::int64_t index : sampler.next(generator).indices) seen.push_back(index);
    }
    bool orders_differ = false;
    for (std::size_t epoch = 0; epoch < 6; ++epoch) {
        std::vector<std::int64_t> order(seen.begin() + static_cast<std::ptrdiff_t>(6 * epoch),
                                        seen.begin() + static_cast<std::ptrdiff_t>(6 * epoch + 6));
        orders_differ = orders_differ || !std::equal(order.begin(), order.end(), seen.begin());
        std::sort(order.begin(), order.end());
        CHECK(order == std::vector<std::int64_t>{0, 1, 2, 3, 4, 5});
    }
    CHECK(orders_differ);
    CropSampler large(marked_store(2, 8, 8), {.batch = 5, .height = 4, .width = 4});  // more than there are pairs
    CHECK(large.next(generator).indices.size() == 5);
}

TEST_CASE("data/crops: whole images, not mirrored") {
    CropSampler sampler(marked_store(3, 10, 12), {.batch = 2, .height = 0, .width = 0, .flip = false});
    Generator generator(5);
    const CropBatch batch = sampler.next(generator);
    CHECK(batch.infrared.shape() == Shape{2, 1, 10, 12});
    CHECK(byte_of(batch.infrared.data()[5]) == 5);
    CHECK_FALSE(batch.visible.defined());

    auto mixed = std::make_shared<PairStore>(2, [](std::int64_t i) { return marked(i, 8 + i, 8); });
    CropSampler both(mixed, {.batch = 2, .height = 0, .width = 0}),
        single(mixed, {.batch = 1, .height = 0, .width = 0});
    CHECK_THROWS_WITH_AS(both.next(generator), doctest::Contains("whole images of one batch must agree in size"),
                         Error);
    CHECK_NOTHROW(single.next(generator));
}

TEST_CASE("data/crops: what cannot be done is said") {
    Generator generator(5);
    CropSampler sampler(marked_store(1, 10, 12), {.batch = 1, .height = 11, .width = 12});
    CHECK_THROWS_WITH_AS(sampler.next(generator),
                         doctest::Contains("pair 0 has 10 x 12 pixels, expected at least the crop's 11 x 12"), Error);
    const auto store = marked_store(1, 10, 12);
    CHECK_THROWS_WITH_AS(CropSampler(store, {.batch = 0}), doctest::Contains("batch is 0"), Error);
    CHECK_THROWS_WITH_AS(CropSampler(store, {.height = 0, .width = 5}), doctest::Contains("the crop is 0 x 5"), Error);
    CHECK_THROWS_WITH_AS(CropSampler(store, {.height = -4, .width = 5}), doctest::Contains("the crop is -4 x 5"),
                         Error);
    CHECK_THROWS_WITH_AS(CropSampler(nullptr, {}), doctest::Contains("no pairs"), Error);
    CHECK_THROWS_WITH_AS(PairStore(0, {}), doctest::Contains("0 pairs"), Error);
}

TEST_CASE("data/crops: a store keeps pairs up to its bound, and gives the same with none kept") {
    int reads = 0;
    const auto read = [&](std::int64_t i) { return ++reads, marked(i, 10, 10); };
    PairStore bounded(4, read, 2 * 400);
    for (int round = 0; round < 3; ++round)
        for (std::int64_t i = 0; i < 4; ++i) CHECK(bounded.get(i)->name == "pair " + std::to_string(i));
    CHECK(reads == 2 + 3 * 2);
    CHECK(bounded.kept_bytes() == 800);
    CHECK_THROWS_WITH_AS(bounded.get(4), doctest::Contains("pair 4 of 4"), Error);

    CropSampler kept(marked_store(4, 16, 16), {.batch = 3, .height = 8, .width = 8});
    CropSampler none(std::make_shared<PairStore>(
                         4, [](std::int64_t i) { return marked(i, 16, 16); }, 0),
                     {.batch = 3, .height = 8, .width = 8});
    Generator a(2), b(2);
    for (int i = 0; i < 5; ++i) CHECK(same(kept.next(a), none.next(b)));
}

TEST_CASE("data/crops: folders and scenes as sources; 8 and 16 bits exactly") {
    const data_test::Folder f;
    const std::string vi = f.make("vi"), ir = f.make("ir");
    data_test::write_pattern(vi + "/1.png", 4, 6, 3, 0);
    std::vector<std::uint16_t> heat;
    for (int i = 0; i < 24; ++i) heat.push_back(static_cast<std::uint16_t>(i * 2731 + 5));
    data_test::write_grey16(ir + "/1.png", 4, 6, heat);
    PairStore folder{data::PairFolder(vi, ir)};
    const auto pair = folder.get(0);
    CHECK(folder.kept_bytes() == 24 * 3 + 24 * 2);
    for (std::int64_t i = 0; i < 24; ++i) {
        CHECK(pair->infrared[i] == static_cast<float>(heat[static_cast<std::size_t>(i)]) / 65535);
        for (std::int64_t c = 0; c < 3; ++c)
            CHECK(pair->visible[i * pair->pixel_step + c * pair->channel_step] ==
                  data_test::pattern(i / 6, i % 6, c, 0));
    }

    auto scenes = std::make_shared<PairStore>(40, 3, data::SceneOptions{48, 64});
    CropSampler sampler(scenes, {.batch = 2, .height = 32, .width = 32, .color = true});
    Generator generator(9);
    const CropBatch batch = sampler.next(generator);
    CHECK(batch.visible.shape() == Shape{2, 3, 32, 32});
    const auto scene = data::make_scene(41, {48, 64});
    CHECK(scenes->get(1)->infrared[100] == static_cast<float>(scene.infrared.data()[100]) / 255);
    CHECK(scenes->get(1)->visible[301] == static_cast<float>(scene.visible.data()[301]) / 255);
}
