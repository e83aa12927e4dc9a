// The program segment: labels and overlays of pictures.
#include "fathom/seafusion/segment.hpp"

#include "fathom/data/classes.hpp"
#include "fathom/io/image.hpp"
#include "fathom/io/safetensors.hpp"
#include "fathom/seafusion/fusion_net.hpp"
#include "tests/programs/program.hpp"
#include "tests/support.hpp"

using namespace fathom;
using namespace programs_test;
using data_test::write_pattern;
using io_test::read_file;

namespace {

struct Pictures {
    Folder folder;
    std::string images = folder.make("images"), out = folder / "labels", weights = folder / "net.safetensors";

    Pictures() {
        write_pattern(images + "/a.png", 40, 48, 3, 0);
        write_pattern(images + "/b.png", 33, 35, 1, 5);
        Generator gen(3);
        seafusion::SegmentationNet<float> net(gen);
        io::save(weights, net.state_dict());
    }
    Outcome segment(const std::vector<std::string>& more = {}) const {
        std::vector<std::string> arguments = {"--weights", weights, "--images", images, "--out", out};
        arguments.insert(arguments.end(), more.begin(), more.end());
        return run(segment_program, arguments);
    }
    Tensor<std::uint8_t> labels_here(const Tensor<std::uint8_t>& picture) const {
        seafusion::SegmentationNet<float> net;
        net.load_state_dict(io::load(weights));
        return seafusion::segment(net, contiguous(expand(picture, {picture.size(0), picture.size(1), 3})));
    }
};

}  // namespace

TEST_CASE("programs/segment: --precision bf16 is the net's") {
    const Pictures p;
    const Outcome outcome = p.segment({"--precision", "bf16"});
    REQUIRE_MESSAGE(outcome.code == 0, outcome.err);
    CHECK(contains(outcome.err, "goes through float") == (tile_isa() == TileIsa::vectors));
    seafusion::SegmentationNet<float> net;
    net.load_state_dict(io::load(p.weights));
    net.precision = Precision::bf16;
    const auto picture = io::read_image(p.images + "/a.png"), labels = io::read_image(p.out + "/a.png");
    CHECK(tests::same_bits(reshape(labels, {40, 48}), seafusion::segment(net, picture)));
}

TEST_CASE("programs/segment: labels, overlays, a sheet and a report of a folder") {
    const Pictures p;
    const std::string over = p.folder / "over";
    const Outcome outcome =
        p.segment({"--overlay", over, "--opacity", "1", "--sheet", p.folder / "s.png", "--json", p.folder / "s.json"});
    REQUIRE_MESSAGE(outcome.code == 0, outcome.err);
    CHECK(outcome.out == "");
    CHECK(contains(outcome.err, "2 images in "));
    for (const std::string name : {"/a.png", "/b.png"}) {
        const auto picture = io::read_image(p.images + name), labels = io::read_image(p.out + name),
                   overlay = io::read_image(over + name);
        const auto expected = p.labels_here(picture);
        REQUIRE(labels.shape() == Shape{picture.size(0), picture.size(1), 1});
        for (std::int64_t y = 0; y < picture.size(0); ++y)
            for (std::int64_t x = 0; x < picture.size(1); ++x) {
                const std::uint8_t c = labels(y, x, 0);
                REQUIRE(c == expected(y, x));
                CHECK(overlay(y, x, 1) ==
                      (c == 0 ? picture(y, x, picture.size(2) == 3 ? 1 : 0) : data::class_colors[c][1]));
            }
    }
    CHECK(io::read_image(p.folder / "s.png").shape()[1] > 3 * 100);
    CHECK(contains(read_file(p.folder / "s.json"), "\"pixels\""));
}

TEST_CASE("programs/segment: one picture, and what is refused") {
    const Pictures p;
    const auto one = [&](const std::vector<std::string>& more) {
        std::vector<std::string> arguments = {"--weights", p.weights, "--images", p.images + "/a.png", "--quiet"};
        arguments.insert(arguments.end(), more.begin(), more.end());
        return run(segment_program, arguments);
    };
    const Outcome outcome = one({"--out", p.folder / "a.png"});
    CHECK(outcome.code == 0);
    CHECK(outcome.out + outcome.err == "");
    CHECK(io::read_image(p.folder / "a.png").shape() == Shape{40, 48, 1});
    check_error(one({"--out", p.folder / "a.jpg"}), 1, {"a.jpg: unknown ending, expected .png"});
    check_error(one({"--out", p.images}), 1, {"a.png: is an input"});
    check_error(one({"--out", p.folder / "b.png", "--overlay", p.folder / "b.png"}), 1, {"b.png: is written twice"});
    check_error(one({"--out", p.folder / "b.png", "--skip-bad"}), 1, {"--skip-bad: expected folders"});
    CHECK(!exists(p.folder / "b.png"));
    // The weights of the other net.
    Generator gen(1);
    io::save(p.folder / "fusion.safetensors", seafusion::FusionNet<float>(gen).state_dict());
    check_error(
        run(segment_program, {"--weights", p.folder / "fusion.safetensors", "--images", p.images, "--out", p.out}), 1,
        {"fusion.safetensors: ", "lacks"});
    CHECK(!exists(p.out));
}

TEST_CASE("programs/segment: folders below, and what is no picture") {
    const Pictures p;
    const std::string below = p.folder.make("images/night");
    write_pattern(below + "/a.png", 32, 32, 3, 9);
    io_test::write_file(p.images + "/notes.txt", "text");
    data_test::write_grey16(p.images + "/deep.png", 4, 4, std::vector<std::uint16_t>(16, 7));
    check_error(p.segment({"--recursive"}), 1, {"notes.txt: is not an image by its name"});
    const Outcome outcome = p.segment({"--recursive", "--skip-bad"});
    CHECK(outcome.code == 0);
    CHECK(contains(outcome.err, "warning: skipped: " + p.images + "/notes.txt"));
    CHECK(contains(outcome.err, "deep.png: has 16 bits per channel"));
    CHECK(contains(outcome.err, "(2 skipped)"));
    CHECK(exists(p.out + "/night/a.png"));
    CHECK(exists(p.out + "/a.png"));
}

TEST_CASE("programs/segment: weights that are not finite are named") {
    const Pictures p;
    StateDict dict = io::load(p.weights);
    for (auto& [name, tensor] : dict)
        if (name == "conv_out.conv_out.weight") {
            auto bad = tensor.as<float>();
            bad.mutable_data()[7] = std::numeric_limits<float>::quiet_NaN();
        }
    io::save(p.weights, dict);
    check_error(p.segment(), 1, {p.weights + ": conv_out.conv_out.weight holds values that are not finite"});
    CHECK(!exists(p.out));
}
