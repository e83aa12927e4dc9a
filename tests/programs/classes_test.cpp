// Classes of one's own, from the command line to the labels that segment writes; and the range of infrared counts.
#include <nlohmann/json.hpp>
#include <set>

#include "fathom/data/classes.hpp"
#include "fathom/io/image.hpp"
#include "fathom/io/safetensors.hpp"
#include "fathom/seafusion/segmentation_net.hpp"
#include "fathom/tensor/factories.hpp"
#include "tests/programs/training.hpp"

using namespace fathom;
using namespace programs_test;
using io_test::read_file;
using io_test::write_file;
using nlohmann::json;

namespace {

// Data whose labels hold 0 to classes - 1, and 255.
struct Labelled : Data {
    explicit Labelled(int classes) {
        for (const char* split : {"/train", "/test"})
            for (const auto& entry : std::filesystem::directory_iterator(data + split + "/Segmentation_labels")) {
                auto label = zeros<std::uint8_t>({48, 64, 1});
                for (std::int64_t y = 0; y < 48; ++y)
                    for (std::int64_t x = 0; x < 64; ++x)
                        label(y, x, 0) = static_cast<std::uint8_t>(y == 0 ? 255 : (x / 4 + y / 16) % classes);
                io::write_image(entry.path().string(), label);
            }
    }
};

std::string metadata(const std::string& file, const std::string& name) {
    for (const auto& [key, value] : io::load(file).metadata)
        if (key == name) return value;
    return "";
}

}  // namespace

TEST_CASE("programs/classes: from a file through training, resuming and segment") {
    const Labelled d(4);
    const std::string file = d.folder / "classes.txt";
    write_file(file, "# ours\nroad 10 20 30\r\n  traffic light  200 0 0 \n\nlane 2\nsky\n");
    const Outcome outcome = d.train({"--classes", file});
    REQUIRE_MESSAGE(outcome.code == 0, outcome.err);
    for (const char* part : {"    road ", "    traffic light ", "    lane 2 ", "    sky ", "    mean "})
        CHECK_MESSAGE(contains(outcome.out, part), part);
    CHECK(!contains(outcome.out, "car stop"));
    const json expected =
        json::parse(R"([{"color":[10,20,30],"name":"road"},{"color":[200,0,0],"name":"traffic light"},)"
                    R"({"color":[0,128,0],"name":"lane 2"},{"color":[128,128,0],"name":"sky"}])");
    CHECK(json::parse(read_file(d.run + "/record.json"))["recipe"]["classes"] == expected);
    const json iou = json::parse(read_file(d.run + "/round_1/measures.json"))["iou"];
    CHECK(iou.size() == 4);
    CHECK(iou.contains("traffic light"));
    const std::string weights = d.run + "/segmentation.safetensors";
    CHECK(json::parse(metadata(weights, "classes")) == expected);

    // The file is not needed any more.
    std::filesystem::remove(file);
    const Outcome more = run(train_program, {"--resume", d.run, "--rounds", "2"});
    REQUIRE_MESSAGE(more.code == 0, more.err);
    CHECK(contains(more.out, "    traffic light "));

    const std::string out = d.folder / "labels", over = d.folder / "over";
    const Outcome segmented =
        run(segment_program, {"--weights", weights, "--images", d.data + "/test/vi", "--out", out, "--overlay", over,
                              "--opacity", "1", "--sheet", d.folder / "sheet.png", "--json", d.folder / "s.json"});
    REQUIRE_MESSAGE(segmented.code == 0, segmented.err);
    const auto labels = io::read_image(out + "/00009D.png"), overlay = io::read_image(over + "/00009D.png");
    std::set<std::string> found;
    for (std::int64_t y = 0; y < 48; ++y)
        for (std::int64_t x = 0; x < 64; ++x) {
            const std::size_t c = labels(y, x, 0);
            REQUIRE(c < 4);
            found.insert(expected[c]["name"]);
            if (c > 0) CHECK(overlay(y, x, 1) == expected[c]["color"][1].get<int>());
        }
    const json pixels = json::parse(read_file(d.folder / "s.json"))["images"][0]["pixels"];
    CHECK(pixels.size() == found.size());
    for (const auto& item : pixels.items()) CHECK(found.count(item.key()) == 1);
}

TEST_CASE("programs/classes: a number, up to 255, and a list in JSON") {
    const Labelled d(13);
    REQUIRE(d.train({"--classes", "255", "--quiet"}).code == 0);
    const std::string weights = d.run + "/segmentation.safetensors";
    CHECK(io::load(weights).find("conv_out.conv_out.weight")->shape()[0] == 255);
    CHECK(json::parse(metadata(weights, "classes"))[254]["name"] == "class 254");
    // What is trained on them knows as many.
    const std::string other = d.folder / "other";
    check_error(run(train_program, d.small(other) + Arguments{"--classes", "13", "--segmentation-weights", weights}), 1,
                {weights + ": is of 255 classes, the run has 13 (--classes)"});
    check_error(run(train_program, d.small(other) + Arguments{"--segmentation-weights", weights}), 1,
                {weights + ": is of 255 classes, the run has 9"});
    CHECK(!exists(other));
    check_error(run(train_program, d.small(other) + Arguments{"--classes", "12", "--quiet"}), 1,
                {"is 12, expected 0 to 11 or 255"});
    check_error(run(train_program, d.small(other) + Arguments{"--quiet"}), 1, {"expected 0 to 8 or 255"});
    const std::string file = d.folder / "list.json";
    write_file(file, R"(["a", {"name": "b", "color": [1, 2, 3]}, {"name": "c"}])");
    check_error(run(train_program, d.small(other) + Arguments{"--classes", file, "--quiet"}), 1,
                {"expected 0 to 2 or 255"});

    // Weights of another program name no classes: by their number.
    StateDict plain = io::load(weights);
    plain.metadata.clear();
    io::save(d.folder / "plain.safetensors", plain);
    const Arguments segment = {"--images",
                               d.data + "/test/vi/00009D.png",
                               "--out",
                               d.folder / "l.png",
                               "--quiet",
                               "--json",
                               d.folder / "s.json",
                               "--weights"};
    REQUIRE(run(segment_program, segment + Arguments{d.folder / "plain.safetensors"}).code == 0);
    CHECK(contains(read_file(d.folder / "s.json"), "\"class "));
    for (const auto& [classes, part] :
         {std::pair<std::string, std::string>{R"(["a", "b"])", "names 2 classes, its net has 255"},
          {"{", "classes: expected a list"},
          {R"(["a", "a"])", "\"a\" is the name of class 0 already"}}) {
        plain.metadata = {{"classes", classes}};
        io::save(d.folder / "wrong.safetensors", plain);
        check_error(run(segment_program, segment + Arguments{d.folder / "wrong.safetensors"}), 1,
                    {"wrong.safetensors: ", part});
    }
}

TEST_CASE("programs/classes: files that are no classes, and where they do not go") {
    const Data d;
    const std::string file = d.folder / "classes.txt";
    const auto refused = [&](const std::string& text, const std::vector<std::string>& parts) {
        write_file(file, text);
        d.check_refused(d.small(d.run) + Arguments{"--classes", file}, parts, 2);
    };
    refused("road\nsky\nroad\n", {"--classes", file + ": line 3: \"road\" is the name of class 0 already"});
    refused("road 1 2 3\n", {file + ": expected 2 to 255 classes, got 1"});
    refused("", {"expected 2 to 255 classes, got 0"});
    refused("road 1 2 300\nsky\n", {"line 1: expected a color of three numbers from 0 to 255, got 300"});
    refused("road\x01\nsky\n", {"line 1: expected a name"});
    refused(std::string(101, 'r') + "\nsky\n", {"line 1: expected a name"});
    std::string many;
    for (int i = 0; i < 256; ++i) many += "c" + std::to_string(i) + "\n";
    refused(many, {"expected 2 to 255 classes, got 256"});
    refused("[\"a\"", {file + ": expected a list of classes"});
    refused("[\"a\", 3]", {file + ": class 1: expected a name, got 3"});
    refused("[\"a\", {\"name\": \"b\", \"color\": [1, 2]}]", {"class 1: expected a color", "[1,2]"});
    write_file(file, "road\nsky\n");
    check_error(run(train_program, {"--classes", file, "--out", d.run}), 2, {"--classes: only with --data"});
    check_error(run(train_program, d.content_only(d.run) + Arguments{"--classes", file}), 2,
                {"--classes: not with --content-only"});
    d.check_refused(d.small(d.run) + Arguments{"--classes", file, "--json", file}, {file, "is an input"});
    // As many as in MSRS under other names: weights go in, and that is said.
    REQUIRE(d.train({"--quiet"}).code == 0);
    const std::string weights = d.run + "/segmentation.safetensors";
    const Outcome renamed =
        run(train_program, d.small(d.folder / "renamed") + Arguments{"--classes", "9", "--segmentation-weights",
                                                                     weights, "--segmentation-steps", "1"});
    CHECK(renamed.code == 0);
    CHECK(contains(renamed.err, weights + ": its classes have other names than the run's"));
}

TEST_CASE("programs/classes: the range of 16-bit infrared counts is one for training and testing, and stays") {
    const Data d;
    const auto heat = [&](const std::string& split, int low, int high) {
        for (const auto& entry : std::filesystem::directory_iterator(d.data + split + "/ir")) {
            std::vector<std::uint16_t> counts;
            for (int i = 0; i < 48 * 64; ++i) counts.push_back(static_cast<std::uint16_t>(low + i % (high - low + 1)));
            data_test::write_grey16(entry.path().string(), 48, 64, counts);
        }
    };
    heat("/train", 20000, 21000), heat("/test", 20100, 21020);
    const Arguments begin = d.content_only(d.run) + Arguments{"--ir-range", "auto"};
    const Outcome outcome = run(train_program, begin);
    REQUIRE_MESSAGE(outcome.code == 0, outcome.err);
    CHECK(contains(outcome.err,
                   "16-bit infrared values 20000 to 21020 become black to white; fuse with --ir-range 20000:21020"));
    CHECK(!contains(outcome.err, "contrast"));
    const json record = json::parse(read_file(d.run + "/record.json"));
    CHECK(record["recipe"]["ir_range"] == "auto");
    CHECK(record["data"]["ir_range"] == "20000:21020");
    CHECK(metadata(d.run + "/fusion.safetensors", "ir_range") == "20000:21020");
    // The pictures are those that fuse makes with it.
    REQUIRE(run(fuse_program, {"--weights", d.run + "/fusion.safetensors", "--vis", d.data + "/test/vi", "--ir",
                               d.data + "/test/ir", "--ir-range", "20000:21020", "--out", d.folder / "fused"})
                .code == 0);
    for (const auto& [name, bytes] : contents(d.folder / "fused"))
        CHECK((read_file(d.run + "/round_1/test/" + name) == bytes));
    // Images that are warmer do not change what the run was trained with.
    heat("/test", 20100, 30000);
    const Outcome more = run(train_program, {"--resume", d.run, "--rounds", "2", "--accept-changed-data", "--quiet"});
    REQUIRE_MESSAGE(more.code == 0, more.err);
    CHECK(json::parse(read_file(d.run + "/record.json"))["data"]["ir_range"] == "20000:21020");
    CHECK(metadata(d.run + "/fusion.safetensors", "ir_range") == "20000:21020");
    // The same range given gives the same weights, another one others.
    const auto weights = [&](const std::string& range) {
        const std::string out = d.folder / ("run" + range);
        REQUIRE(run(train_program, d.content_only(out) + Arguments{"--ir-range", range, "--quiet"}).code == 0);
        std::string values;
        for (const auto& [name, tensor] : io::load(out + "/fusion.safetensors"))
            values.append(static_cast<const char*>(tensor.raw_unchecked()),
                          static_cast<std::size_t>(tensor.numel()) * size_of(tensor.dtype()));
        return values;
    };
    heat("/test", 20100, 21020);
    const std::string found = weights("auto");
    CHECK((weights("20000:21020") == found));
    CHECK((weights("full") != found));
    write_file(d.run + "/record.json", [&] {
        json edited = json::parse(read_file(d.run + "/record.json"));
        edited["data"]["ir_range"] = "warm";
        return edited.dump();
    }());
    check_error(run(train_program, {"--resume", d.run}), 1, {"record.json: data.ir_range: expected LOW:HIGH"});

    const Data eight;
    eight.check_refused(eight.small(eight.run) + Arguments{"--ir-range", "5:9"},
                        {eight.data + "/train/ir/", "has 8 bits per value, expected 16"});
    CHECK(run(train_program, eight.content_only(eight.run) + Arguments{"--ir-range", "auto", "--quiet"}).code == 0);
    check_error(run(train_program, {"--ir-range", "auto", "--out", d.folder / "scenes"}), 2,
                {"--ir-range: only with --data"});
}
