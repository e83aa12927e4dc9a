#include "fathom/data/dataset.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "fathom/data/scene/scene_files.hpp"
#include "fathom/data/scene/synthetic_dataset.hpp"
#include "tests/data/support.hpp"
#include "tests/io/image_bytes.hpp"
#include "tests/support.hpp"

using namespace fathom;
using data::MsrsDataset;
using data::Sample;
using data_test::Folder;
using data_test::pattern;
using data_test::write_pattern;
using tests::message_of;

namespace {

// A folder like MSRS with the pairs a and b, 4 x 6, and labels of class 3.
struct Msrs : Folder {
    std::string vi = make("vi"), ir = make("ir"), labels = make("Segmentation_labels");

    Msrs() {
        for (const char* name : {"/a.png", "/b.png"}) {
            write_pattern(vi + name, 4, 6, 3, 0);
            write_pattern(ir + name, 4, 6, 1, 9);
            write_label(labels + name, std::vector<std::uint8_t>(24, 3));
        }
    }
    static void write_label(const std::string& file, const std::vector<std::uint8_t>& values) {
        io::write_image(file, from_data(values.data(), {static_cast<std::int64_t>(values.size()) / 6, 6, 1}));
    }
    std::string root() const { return path.string(); }
    std::string error(data::MsrsOptions options = {}) const {
        return message_of([&] { MsrsDataset(root(), options).load(0); });
    }
};

// A PNG of 4 x 6 pixels with a palette of these entries and 4 bits per index; transparent where `alpha` says so.
void write_palette(const std::string& path, const std::vector<int>& indices, const std::string& entries,
                   const std::string& alpha = "") {
    std::string raw;
    for (std::size_t y = 0; y < 4; ++y) {
        raw.push_back(0);
        for (std::size_t x = 0; x < 6; x += 2)
            raw.push_back(static_cast<char>(indices[6 * y + x] << 4 | indices[6 * y + x + 1]));
    }
    data_test::write_png(path, 4, 6, 4, 3, raw,
                         {{"PLTE", entries}, alpha.empty() ? data_test::Chunk{} : data_test::Chunk{"tRNS", alpha}});
}

}  // namespace

TEST_CASE("data/dataset: a folder like MSRS") {
    Msrs f;
    std::vector<std::uint8_t> label(24);
    for (std::size_t i = 0; i < 24; ++i) label[i] = static_cast<std::uint8_t>(i % 9);
    label[5] = 255;
    Msrs::write_label(f.labels + "/b.png", label);
    const MsrsDataset dataset(f.root());
    REQUIRE(dataset.size() == 2);
    CHECK(dataset.has_labels());
    CHECK(dataset.name(1) == "b");
    const auto b = dataset.load(1);
    CHECK(b->name == "b");
    REQUIRE(b->visible.shape() == Shape{4, 6, 3});
    REQUIRE(b->label.shape() == Shape{4, 6});
    CHECK(b->height() == 4);
    CHECK(b->width() == 6);
    CHECK(b->infrared.size() == 24);
    CHECK(b->infrared.sixteen().empty());
    CHECK(b->bytes() == 24 * 5);
    for (std::int64_t i = 0; i < 24; ++i) {
        CHECK(b->infrared[i] == pattern(i / 6, i % 6, 0, 9));
        CHECK(b->label.data()[i] == label[static_cast<std::size_t>(i)]);
        for (std::int64_t c = 0; c < 3; ++c)
            CHECK(static_cast<float>(b->visible.data()[3 * i + c]) / 255 == pattern(i / 6, i % 6, c, 0));
    }
    CHECK(dataset.check().height == 4);
    CHECK(dataset.check().width == 6);
    CHECK(message_of([&] { dataset.load(2); }) == "dataset: sample 2 of 2");
    CHECK(message_of([&] { dataset.name(-1); }) == "dataset: sample -1 of 2");
}

TEST_CASE("data/dataset: grey where color is expected, and the reverse; 16 bits of infrared exactly") {
    Msrs f;
    write_pattern(f.vi + "/a.png", 4, 6, 1, 0);
    write_pattern(f.ir + "/a.png", 4, 6, 3, 9);
    std::vector<std::uint16_t> heat;
    for (int i = 0; i < 24; ++i) heat.push_back(static_cast<std::uint16_t>(i * 2731 + 5));
    data_test::write_grey16(f.ir + "/b.png", 4, 6, heat);
    const MsrsDataset dataset(f.root());
    const auto a = dataset.load(0), b = dataset.load(1);
    CHECK(a->visible.data()[4] == a->visible.data()[3]);
    CHECK(b->infrared.sixteen() == heat);
    for (std::int64_t i = 0; i < 24; ++i) {
        const double grey = 0.299 * pattern(i / 6, i % 6, 0, 9) + 0.587 * pattern(i / 6, i % 6, 1, 9) +
                            0.114 * pattern(i / 6, i % 6, 2, 9);
        CHECK(std::abs(a->infrared[i] - grey) < 1e-5);
    }
    // A copy of grey infrared as color is the grey image.
    std::vector<std::uint8_t> equal;
    for (int i = 0; i < 72; ++i) equal.push_back(static_cast<std::uint8_t>(7 * (i / 3)));
    io::write_image(f.ir + "/a.png", from_data(equal.data(), {4, 6, 3}));
    const auto again = MsrsDataset(f.root()).load(0);
    REQUIRE(again->infrared.eight().size() == 24);
    CHECK(again->infrared.eight()[5] == 35);
}

TEST_CASE("data/dataset: a label's values are grey or indices of a palette; anything else is said") {
    Msrs f;
    const std::string file = f.labels + "/a.png";
    std::vector<int> indices;
    for (int i = 0; i < 24; ++i) indices.push_back(i % 9);
    const auto values = [&] {
        const auto label = MsrsDataset(f.root()).load(0)->label;
        return std::vector<int>(label.data(), label.data() + 24);
    };
    std::string colors, greys;
    for (int i = 0; i < 16; ++i) colors += {static_cast<char>(i), static_cast<char>(90 + i), '\x40'};
    for (int i = 0; i < 16; ++i) greys += std::string(3, static_cast<char>(8 - i % 9));
    write_palette(file, indices, colors);
    CHECK(values() == indices);
    write_palette(file, indices, colors, std::string("\0\xff", 2));
    CHECK(values() == indices);
    // Of an image that a program has packed into a palette of greys the grey counts.
    write_palette(file, indices, greys);
    CHECK(values()[0] == 8);
    CHECK(values()[7] == 1);
    indices[9] = 12;
    write_palette(file, indices, colors);
    CHECK(f.error() == file + ": the label at row 1, column 3 is 12, expected 0 to 8 or 255");

    // Two classes in one bit, as masks are often written, are 0 and 1.
    std::string bits;
    for (int row = 0; row < 4; ++row) bits += std::string("\0\x58", 2);
    io_test::write_file(file, io_test::make_png(io_test::png_header(6, 4, 1, 0), "", bits));
    CHECK(values() == std::vector<int>{0, 1, 0, 1, 1, 0, 0, 1, 0, 1, 1, 0, 0, 1, 0, 1, 1, 0, 0, 1, 0, 1, 1, 0});

    std::vector<std::uint8_t> grey(24, 2);
    grey[23] = 9;
    Msrs::write_label(file, grey);
    CHECK(f.error() == file + ": the label at row 3, column 5 is 9, expected 0 to 8 or 255");
    std::vector<std::uint8_t> rgb(72, 4);
    io::write_image(file, from_data(rgb.data(), {4, 6, 3}));
    CHECK(f.error() == "no error");
    rgb[40] = 64;
    io::write_image(file, from_data(rgb.data(), {4, 6, 3}));
    CHECK(f.error() == file +
                           ": holds colors, such as (4, 64, 4) at row 2, column 1; expected a label image: 8-bit grey "
                           "or a palette, values 0 to 8 or 255");
    data_test::write_grey16(file, 4, 6, std::vector<std::uint16_t>(24, 1));
    const std::string expected = file + ": has 16 bits per channel, expected a label image of 8-bit grey or a palette";
    CHECK(f.error() == expected);
    CHECK(message_of([&] { MsrsDataset(f.root()).check(); }) == expected);
}

TEST_CASE("data/dataset: labels have as many classes as the options say") {
    Msrs f;
    const std::string file = f.labels + "/a.png";
    const auto refused = [&](int value, std::int64_t classes) {
        Msrs::write_label(file, std::vector<std::uint8_t>(24, static_cast<std::uint8_t>(value)));
        return f.error({.classes = classes});
    };
    CHECK(refused(3, 3) == file + ": the label at row 0, column 0 is 3, expected 0 to 2 or 255");
    CHECK(refused(2, 3) == "no error");
    CHECK(refused(255, 3) == "no error");
    CHECK(refused(200, 201) == "no error");
    CHECK(refused(254, 255) == "no error");
    for (const std::int64_t classes : {std::int64_t{0}, std::int64_t{-1}, std::int64_t{256}})
        CHECK(refused(0, classes) == "dataset: " + std::to_string(classes) + " classes, expected 1 to 255");
}

TEST_CASE("data/dataset: a range of 16-bit infrared counts") {
    Msrs f;
    std::vector<std::uint16_t> heat;
    for (int i = 0; i < 24; ++i) heat.push_back(static_cast<std::uint16_t>(20000 + 50 * i));
    data_test::write_grey16(f.ir + "/a.png", 4, 6, heat);
    const MsrsDataset dataset(f.root(), {.infrared = {20100, 21000}});
    const auto a = dataset.load(0), b = dataset.load(1), plain = MsrsDataset(f.root()).load(1);
    for (std::int64_t i = 0; i < 24; ++i) {
        CHECK(std::abs(a->infrared[i] - std::clamp((50.0 * static_cast<double>(i) - 100) / 900, 0.0, 1.0)) < 1e-5);
        CHECK(b->infrared[i] == plain->infrared[i]);  // 8 bits stay as they are
    }
    CHECK(f.error({.infrared = {5, 5}}).find("expected low below high") != std::string::npos);
}

TEST_CASE("data/dataset: a partner that is missing, sizes that differ, files that cannot be read") {
    Msrs f;
    std::filesystem::remove(f.labels + "/b.png");
    CHECK(f.error() == f.vi + "/b.png: has no label partner: no file named b in " + f.labels);
    CHECK(f.error({.labels = false}) == "no error");
    CHECK_FALSE(MsrsDataset(f.root(), {.labels = false}).load(0)->label.defined());
    CHECK_FALSE(MsrsDataset(f.root(), {.labels = false}).has_labels());
    Msrs::write_label(f.labels + "/b.png", std::vector<std::uint8_t>(24, 0));
    Msrs::write_label(f.labels + "/c.png", std::vector<std::uint8_t>(24, 0));
    CHECK(f.error() == f.labels + "/c.png: has no visible partner: no file named c in " + f.vi);
    std::filesystem::remove(f.labels + "/c.png");

    Msrs::write_label(f.labels + "/a.png", std::vector<std::uint8_t>(30, 0));
    const std::string sizes = f.labels + "/a.png: has 5 x 6 pixels, expected the 4 x 6 of " + f.vi + "/a.png";
    CHECK(f.error() == sizes);
    CHECK(message_of([&] { MsrsDataset(f.root()).check(); }) == sizes);
    write_pattern(f.ir + "/a.png", 6, 4, 1, 0);
    CHECK(f.error() == f.ir + "/a.png: has 6 x 4 pixels, expected the 4 x 6 of " + f.vi + "/a.png");
    data_test::touch(f.vi + "/a.png");
    CHECK(f.error().find(f.vi + "/a.png: ") == 0);
    data_test::write_grey16(f.vi + "/a.png", 4, 6, std::vector<std::uint16_t>(24, 1));
    CHECK(f.error().find(f.vi + "/a.png: has 16 bits per channel, expected 8") == 0);

    std::filesystem::remove(f.ir + "/a.png");
    CHECK(f.error() == f.vi + "/a.png: has no infrared partner: no file named a in " + f.ir);
    std::filesystem::remove_all(f.labels);
    write_pattern(f.ir + "/a.png", 4, 6, 1, 0);
    CHECK(f.error() == f.root() + ": has no folder Segmentation_labels, expected one with a label for each pair");
    f.make("Segmentation_labels");
    CHECK(f.error() == f.labels + ": the folder has no images, expected .png, .jpg, .jpeg or .bmp files");
    CHECK(message_of([&] { MsrsDataset(f.vi); }) ==
          f.vi + ": has no folder vi, expected vi and ir (the layout of MSRS)");
}

TEST_CASE("data/dataset: fused images in place of the visible ones") {
    Msrs f;
    const std::string fused = f.make("run/fused");
    write_pattern(fused + "/a.png", 4, 6, 3, 77);
    CHECK(f.error({.visible = fused}) == f.ir + "/b.png: has no visible partner: no file named b in " + fused);
    write_pattern(fused + "/b.png", 4, 6, 3, 78);
    const MsrsDataset dataset(f.root(), {.visible = fused});
    CHECK(dataset.load(1)->visible.data()[0] == 78);
    CHECK(dataset.load(1)->label.data()[0] == 3);
    CHECK(dataset.pairs()[0].visible == fused + "/a.png");
    CHECK(message_of([&] { MsrsDataset(f.vi, {.visible = fused}); }) ==
          f.vi + ": has no folder ir, expected one with an infrared image for each visible one");
}

TEST_CASE("data/dataset: samples are kept up to a bound, for several threads") {
    data::SampleCache cache(4, 2 * 300);
    std::atomic<int> reads = 0;
    const auto read = [&](std::int64_t i) {
        ++reads;
        return Sample{std::to_string(i), zeros<std::uint8_t>({10, 10, 3}), {}, {}};
    };
    for (int round = 0; round < 3; ++round)
        for (std::int64_t i = 0; i < 4; ++i) CHECK(cache.get(i, read)->name == std::to_string(i));
    CHECK(reads == 2 + 3 * 2);
    CHECK(cache.kept_bytes() == 600);

    const data::SyntheticDataset scenes(40, 3, {48, 64});
    std::vector<std::thread> threads;
    std::atomic<int> wrong = 0;
    const auto expected = data::make_scene(41, {48, 64});
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&] {
            for (int round = 0; round < 5; ++round)
                for (std::int64_t i = 0; i < 3; ++i) {
                    const auto sample = scenes.load(i);
                    if (i == 1 && !std::equal(sample->visible.data(), sample->visible.data() + 48 * 64 * 3,
                                              expected.visible.data()))
                        ++wrong;
                }
        });
    for (auto& thread : threads) thread.join();
    CHECK(wrong == 0);
}

TEST_CASE("data/dataset: synthetic scenes, the same in memory as in files") {
    const data::SyntheticDataset scenes(98, 3, {40, 56});
    CHECK(scenes.size() == 3);
    CHECK(scenes.has_labels());
    CHECK(scenes.name(2) == "scene 100");
    CHECK(message_of([&] { scenes.load(3); }) == "dataset: sample 3 of 3");
    CHECK(message_of([] { data::SyntheticDataset(1, 0); }) ==
          "synthetic dataset: 0 scenes, expected at least one at here");
    const Folder f;
    data::write_scenes(f.path.string(), 98, 3, {40, 56});
    const MsrsDataset files(f.path.string());
    for (std::int64_t i = 0; i < 3; ++i) {
        const auto a = scenes.load(i), b = files.load(i);
        CHECK(tests::same_bits(a->visible, b->visible));
        CHECK(a->infrared.eight() == b->infrared.eight());
        CHECK(tests::same_bits(a->label, b->label));
    }
    CHECK(scenes.load(0) == scenes.load(0));
    const data::SyntheticDataset uncached(98, 3, {40, 56}, 0);
    CHECK(uncached.load(0) != uncached.load(0));
}

TEST_CASE("data/dataset: the real MSRS") {
    const char* shared = std::getenv("FATHOM_SHARED");
    const std::string root = std::string(shared ? shared : "../shared") + "/data/msrs_labelled/";
    if (!std::filesystem::exists(root)) {
        MESSAGE("SKIPPED: no folder " << root);
        return;
    }
    CHECK(MsrsDataset(root + "train").size() == 69);
    const MsrsDataset dataset(root + "test");
    REQUIRE(dataset.size() == 24);
    std::vector<std::int64_t> counts(256);
    for (std::int64_t i = 0; i < 24; ++i) {
        const auto sample = dataset.load(i);
        CHECK(sample->visible.shape() == Shape{480, 640, 3});
        CHECK(sample->infrared.eight().size() == 480 * 640);
        for (std::int64_t p = 0; p < 480 * 640; ++p) ++counts[sample->label.data()[p]];
    }
    const auto all = static_cast<double>(24 * 480 * 640 - counts[255]);
    CHECK(static_cast<double>(counts[0]) / all == doctest::Approx(0.9355).epsilon(1e-3));
    CHECK(static_cast<double>(counts[1]) / all == doctest::Approx(0.0336).epsilon(1e-2));
}
