// The program train_seafusion: what a run leaves behind, and what stops one. What interrupts one: resume_test.cpp.
#include <algorithm>

#include "fathom/io/image.hpp"
#include "fathom/io/safetensors.hpp"
#include "fathom/seafusion/fusion_net.hpp"
#include "fathom/seafusion/segmentation_net.hpp"
#include "tests/io/pth_writer.hpp"
#include "tests/programs/training.hpp"
#include "tests/support.hpp"

using namespace fathom;
using namespace programs_test;
using data_test::write_pattern;
using io_test::read_file;
using io_test::write_file;

namespace {

// A sanitizer is twenty times slower, and finds in these runs what it finds in the first one.
const auto skip_sanitized = doctest::skip(sanitized);

double mean(const std::vector<double>& values, std::size_t first, std::size_t count) {
    double sum = 0;
    for (std::size_t i = 0; i < count; ++i) sum += values[first + i];
    return sum / static_cast<double>(count);
}

std::vector<double> losses_of(const std::string& run, const std::string& phase, const std::string& key = "loss") {
    std::vector<double> losses;
    for (const std::string& line : lines_of(run + "/log.jsonl"))
        if (contains(line, "\"phase\":\"" + phase + "\"") && contains(line, "\"loss\":"))
            losses.push_back(number_in(line, key));
    return losses;
}

}  // namespace

TEST_CASE("programs/train: a run on synthetic scenes leaves its folder") {
    const Folder folder;
    const std::string run = folder / "runs/first";
    const Outcome outcome = programs_test::run(train_program, {"--out",
                                                               run,
                                                               "--rounds",
                                                               "2",
                                                               "--fusion-epochs",
                                                               "1",
                                                               "--segmentation-steps",
                                                               "2",
                                                               "--crop",
                                                               "48",
                                                               "--batch",
                                                               "2",
                                                               "--scenes",
                                                               "4",
                                                               "--test-scenes",
                                                               "2",
                                                               "--seed",
                                                               "5",
                                                               "--json",
                                                               folder / "copy.json"});
    REQUIRE_MESSAGE(outcome.code == 0, outcome.err);
    for (const char* part : {"round 1, 2 unseen scenes", "round 2, 2 unseen scenes", "pixelwise maximum",
                             "    background ", "    mean ", "round_2/sheet.png"})
        CHECK_MESSAGE(contains(outcome.out, part), part);
    CHECK(contains(outcome.err, "training on 4 synthetic scenes"));
    std::string names;
    for (const auto& [name, bytes] : contents(run)) names += (contains(name, "tfevents") ? "events" : name) + "\n";
    const auto round = [](const std::string& m) {
        const std::string r = "round_" + m + "/";
        return r + "fusion.safetensors\n" + r + "measures.json\n" + r + "predicted/scene 5500015.png\n" + r +
               "predicted/scene 5500016.png\n" + r + "segmentation.safetensors\n" + r + "sheet.png\n" + r +
               "test/scene 5500015.png\n" + r + "test/scene 5500016.png\n" + r + "train/scene 5000015.png\n" + r +
               "train/scene 5000016.png\n" + r + "train/scene 5000017.png\n" + r + "train/scene 5000018.png\n";
    };
    CHECK(names ==
          "checkpoints/last.safetensors\nevents\nfusion.safetensors\nlog.jsonl\nrecord.json\n"
          "report/index.html\n" +
              round("1") + round("2") + "run.lock\nsegmentation.safetensors\nsummary.json\n");
    CHECK(losses_of(run, "fusion").size() == 4);
    CHECK(losses_of(run, "segmentation").size() == 4);
    CHECK(losses_of(run, "fusion", "lr")[0] == doctest::Approx(1e-3 / 0.75));
    // The second round's fusion net is guided, beta = gamma (2 - 1).
    const auto lines = lines_of(run + "/log.jsonl");
    CHECK(std::count_if(lines.begin(), lines.end(), [](const auto& l) { return contains(l, "\"beta\":1.0"); }) == 2);
    const std::string record = read_file(run + "/record.json");
    for (const char* key : {"command", "commit", "compiler", "cpu", "isa", "fingerprint", "recipe", "resumed"})
        CHECK_MESSAGE(contains(record, "\"" + std::string(key) + "\""), key);
    CHECK(contains(record, "--scenes 4"));
    const std::string measures = read_file(run + "/round_2/measures.json");
    CHECK(number_in(measures, "test_images") == 2);
    CHECK(number_in(measures, "mean_iou") >= 0);
    CHECK(read_file(folder / "copy.json") == read_file(run + "/summary.json"));
    const auto sheet = io::read_image(run + "/round_2/sheet.png");
    CHECK(sheet.shape()[0] > 300);
    CHECK(sheet.shape()[1] > 5 * 320);
    seafusion::FusionNet<float> fusion;
    fusion.load_state_dict(io::load(run + "/fusion.safetensors"));
    seafusion::SegmentationNet<float> segmentation;
    segmentation.load_state_dict(io::load(run + "/segmentation.safetensors"));
}

TEST_CASE("programs/train: the pictures are those that the program fuse writes" * skip_sanitized) {
    const Data d;
    REQUIRE(d.train({"--quiet"}).code == 0);
    REQUIRE(run(fuse_program, {"--weights", d.run + "/fusion.safetensors", "--vis", d.data + "/train/vi", "--ir",
                               d.data + "/train/ir", "--out", d.folder / "fused"})
                .code == 0);
    int compared = 0;
    for (const auto& [name, bytes] : contents(d.run + "/round_1/train")) {
        CHECK((read_file(d.folder / "fused" + "/" + name) == bytes));
        ++compared;
    }
    CHECK(compared == 4);
}

TEST_CASE("programs/train: the same seed gives the same weights on any number of threads" * skip_sanitized) {
    const Data d;
    const auto train = [&](const Arguments& more) {
        static int count = 0;
        const std::string out = d.folder / ("run" + std::to_string(++count));
        const Outcome outcome = run(train_program, d.small(out) + Arguments{"--rounds", "2", "--quiet"} + more);
        REQUIRE_MESSAGE(outcome.code == 0, outcome.err);
        return weights_of(out);
    };
    const std::string one = train({"--threads", "1"});
    CHECK((train({"--threads", "2"}) == one));
    CHECK((train({"--seed", "2"}) != one));
    CHECK((train({"--trainable-sobel"}) != one));
    CHECK((train({"--restart-fusion"}) != one));
    CHECK((train({"--gamma", "0"}) != one));
}

TEST_CASE("programs/train: the losses fall" * skip_sanitized) {
    const Data d;
    const Outcome outcome = d.train({"--fusion-epochs", "30", "--segmentation-steps", "60", "--quiet"});
    REQUIRE_MESSAGE(outcome.code == 0, outcome.err);
    CHECK(outcome.out == d.run + "\n");  // quiet, it says where it is
    CHECK(but_for_people(outcome.err) == "");
    for (const char* phase : {"fusion", "segmentation"}) {
        const std::vector<double> losses = losses_of(d.run, phase);
        REQUIRE(losses.size() == 60);
        CHECK(mean(losses, 50, 10) < 0.7 * mean(losses, 0, 10));
    }
}

TEST_CASE("programs/train: micro-batches run and say what they change; one camera alone trains no fusion net" *
          skip_sanitized) {
    const Data d;
    const Outcome micro = d.train({"--batch", "4", "--micro-batch", "2"});
    REQUIRE_MESSAGE(micro.code == 0, micro.err);
    CHECK(contains(micro.err,
                   "micro-batches of 2: the semantic loss picks its pixels, and batch norm takes its "
                   "statistics, within each of them"));
    for (const std::string images : {"visible", "infrared"}) {
        const std::string out = d.folder / images;
        const Outcome outcome = run(train_program, d.small(out) + Arguments{"--images", images});
        REQUIRE_MESSAGE(outcome.code == 0, outcome.err);
        CHECK(!exists(out + "/fusion.safetensors"));
        CHECK(!contains(outcome.out, "content loss"));
        const auto picture = io::read_image(out + "/round_1/train/00001N.png");
        const auto source = io::read_image(d.data + "/train/" + (images == "visible" ? "vi" : "ir") + "/00001N.png");
        CHECK(picture(5, 7, 1) == source(5, 7, images == "visible" ? 1 : 0));
    }
}

TEST_CASE("programs/train: ResNet-18 weights, and files that are none" * skip_sanitized) {
    const Data d;
    Generator gen(7);
    seafusion::ResNet18<float> resnet = seafusion::SegmentationNet<float>(gen).cp.resnet;
    StateDict dict = resnet.state_dict();
    dict.add("fc.weight", zeros<float>({1000, 512}));
    dict.add("fc.bias", zeros<float>({1000}));
    const std::string file = d.folder / "resnet18.safetensors";
    io::save(file, dict);
    CHECK(d.train({"--resnet18", file, "--quiet"}).code == 0);
    std::filesystem::remove_all(d.run);
    const std::string other = d.folder / "other.safetensors";
    StateDict wrong;
    wrong.add("weight", zeros<float>({2}));
    io::save(other, wrong);
    d.check_refused(d.small(d.run) + Arguments{"--resnet18", other}, {other + ": ", "conv1.weight"});
    d.check_refused(d.small(d.run) + Arguments{"--resnet18", d.folder / "nowhere.pth"}, {"nowhere.pth"}, 2);
    const std::string marker = d.folder / "marker", hostile = d.folder / "hostile.pth";
    write_file(hostile, io_test::make_pth_zip("\x80\x02"
                                              "cposix\nsystem\n(" +
                                                  io_test::pickled("touch " + marker) + "tR.",
                                              {}));
    d.check_refused(d.small(d.run) + Arguments{"--resnet18", hostile}, {hostile + ": ", "posix", "system"});
    CHECK(!exists(marker));
}

TEST_CASE("programs/train: a loss that is not finite stops the run, keeps the checkpoint and names the operation") {
    const Data d;
    const Outcome outcome =
        d.train({"--fusion-epochs", "20", "--fusion-rate", "1e30", "--checkpoint-every", "0", "--quiet"});
    CHECK(outcome.code == 1);
    INFO(outcome.err);
    CHECK(error_problem(outcome.err, {"not finite"}) == "");
    CHECK(exists(d.run + "/checkpoints/last.safetensors"));
    CHECK(!exists(d.run + "/fusion.safetensors"));
}

TEST_CASE("programs/train: wrong usage is 2, help is no error") {
    const Data d;
    const Outcome help = run(train_program, {"--help"});
    CHECK(help.code == 0);
    CHECK(help.err == "");
    for (const char* option :
         {"--data", "--preset", "--resume", "--rounds", "--fusion-epochs", "--segmentation-steps", "--batch", "--crop",
          "--seed", "--threads", "--restart-fusion", "--resnet18", "--micro-batch"})
        CHECK_MESSAGE(contains(help.out, option), option);
    const auto wrong = [&](const Arguments& more, const std::vector<std::string>& parts) {
        d.check_refused(d.small(d.run) + more, parts, 2);
    };
    wrong({"--rounds", "0"}, {"--rounds", "0"});
    wrong({"--fusion-epochs", "many"}, {"--fusion-epochs", "many"});
    wrong({"--scenes", "-3"}, {"--scenes", "-3"});
    wrong({"--batch", "1"}, {"--batch", "1"});
    wrong({"--micro-batch", "1"}, {"--micro-batch", "2 and more"});
    wrong({"--crop", "12x"}, {"--crop", "12x"});
    wrong({"--crop", "x"}, {"--crop"});
    wrong({"--preset", "large"}, {"--preset", "large"});
    wrong({"--images", "both"}, {"--images", "both"});
    wrong({"--epochs", "3"}, {"--epochs"});
    check_error(run(train_program, {"--rounds"}), 2, {"--rounds"});
    check_error(run(train_program, {"--resume", d.run, "--batch", "3"}), 2,
                {"--batch", "not with --resume: a run keeps its options"});
}

TEST_CASE("programs/train: data that cannot be trained on") {
    const Data d;
    const auto train_on = [&](const std::vector<std::string>& parts, const Arguments& more = {}) {
        d.check_refused(d.small(d.run) + more, parts);
    };
    const std::string train = d.data + "/train";
    d.check_refused({"--out", d.run, "--data", d.folder / "nowhere"},
                    {d.folder / "nowhere" + "/train: no such folder; expected train/ and test/"});
    train_on({train + ": the smallest images are 48x64, expected at least the crop's 49x49"}, {"--crop", "49"});
    train_on({train + ": 4 images, expected at least a batch of 5"}, {"--batch", "5"});
    d.check_refused({"--out", d.run, "--crop", "241"},
                    {"--crop: synthetic scenes have 240x320 pixels, expected at most that, got 241x241"});
    d.check_refused({"--out", d.run, "--scenes", "4", "--batch", "5"},
                    {"--batch: expected at most the 4 scenes, got 5"});

    const auto triple = [&](const std::string& name, std::int64_t width = 64) {
        write_pattern(train + "/vi/" + name, 48, 64, 3, 0);
        write_pattern(train + "/ir/" + name, 48, width, 1, 0);
        io::write_image(train + "/Segmentation_labels/" + name, zeros<std::uint8_t>({48, 64, 1}));
    };
    const auto drop = [&](const std::string& name) {
        for (const char* part : {"/vi/", "/ir/", "/Segmentation_labels/"}) std::filesystem::remove(train + part + name);
    };
    triple("more.png");
    std::filesystem::remove(train + "/ir/more.png");
    train_on({train + "/vi/more.png", "no infrared partner"});
    triple("more.png", 63);
    train_on({train + "/ir/more.png: has 48 x 63 pixels, expected the 48 x 64 of " + train + "/vi/more.png"});
    triple("more.png");
    std::filesystem::remove(train + "/Segmentation_labels/more.png");
    train_on({"more.png", "label"});
    write_file(train + "/Segmentation_labels/more.png", "no picture");
    train_on({train + "/Segmentation_labels/more.png: "});
    drop("more.png");
    std::filesystem::remove_all(d.data + "/test/vi");
    d.folder.make("data/test/vi");
    train_on({d.data + "/test/vi: the folder has no images"});
}

TEST_CASE("programs/train: a test set of which nobody is sure has no mean, and a best checkpoint all the same" *
          skip_sanitized) {
    const Data d;
    for (const auto& entry : std::filesystem::directory_iterator(d.data + "/test/Segmentation_labels"))
        io::write_image(entry.path().string(), full<std::uint8_t>({48, 64, 1}, std::uint8_t{255}));
    const Outcome outcome = d.train({"--keep", "all"});
    REQUIRE_MESSAGE(outcome.code == 0, outcome.err);
    CHECK(contains(outcome.out, "mean                absent   (0 pixels, "));
    CHECK(exists(d.run + "/checkpoints/best.safetensors"));
}

TEST_CASE("programs/train: the content loss alone, without labels") {
    const Data d;
    for (const char* split : {"/train", "/test"}) std::filesystem::remove_all(d.data + split + "/Segmentation_labels");
    check_error(d.train(), 1, {d.data + "/train: has no folder Segmentation_labels", "--content-only"});
    const Outcome outcome =
        run(train_program, d.content_only(d.run) + Arguments{"--fusion-epochs", "2", "--keep", "all"});
    REQUIRE_MESSAGE(outcome.code == 0, outcome.err);
    CHECK(contains(outcome.out, "pixelwise maximum"));
    CHECK(!contains(outcome.out, "intersection"));
    CHECK(exists(d.run + "/fusion.safetensors"));
    CHECK(!exists(d.run + "/segmentation.safetensors"));
    CHECK(!exists(d.run + "/round_1/train"));
    CHECK(exists(d.run + "/checkpoints/best.safetensors"));
    CHECK(std::filesystem::file_size(d.run + "/checkpoints/last.safetensors") < 4'000'000);
    for (const Arguments& wrong : {Arguments{"--images", "visible"},
                                   {"--resnet18", d.run + "/fusion.safetensors"},
                                   {"--segmentation-weights", d.run + "/fusion.safetensors"}})
        check_error(run(train_program, d.content_only(d.folder / "other") + wrong), 2,
                    {wrong[0], "not with --content-only"});
}

TEST_CASE("programs/train: from given weights, and more rounds behind the last one") {
    const Data d;
    REQUIRE(run(train_program, d.content_only(d.run) + Arguments{"--quiet"}).code == 0);
    const std::string first = read_file(d.run + "/fusion.safetensors"), other = d.folder / "other";
    // A rate of next to nothing shows where a run began.
    const Arguments from = {"--fusion-weights", d.run + "/fusion.safetensors", "--fusion-rate", "1e-12", "--quiet"};
    REQUIRE(run(train_program, d.content_only(other) + from).code == 0);
    const auto a = io::load(d.run + "/fusion.safetensors"), b = io::load(other + "/fusion.safetensors");
    const auto x = tests::elements(a.entries[0].second.as<float>()),
               y = tests::elements(b.entries[0].second.as<float>());
    for (std::size_t i = 0; i < x.size(); ++i) CHECK(std::abs(x[i] - y[i]) < 1e-6);
    // Its place is not needed any more.
    std::filesystem::remove(d.run + "/fusion.safetensors");
    const Outcome more = run(train_program, {"--resume", other, "--rounds", "2"});
    REQUIRE_MESSAGE(more.code == 0, more.err);
    CHECK(contains(more.err, "going on behind round 1, which was the last one before"));
    CHECK(exists(other + "/round_2/measures.json"));
    const Outcome finished = run(train_program, {"--resume", other});
    CHECK(contains(finished.err, "the run is finished, all its rounds (2): nothing is left to do; --rounds 3"));
    check_error(run(train_program, {"--resume", other, "--rounds", "1"}), 1,
                {"--rounds: expected more than the run's 2, got 1"});
    StateDict bad = a;
    bad.entries[3].second = full<float>(bad.entries[3].second.shape(), std::numeric_limits<float>::quiet_NaN());
    io::save(d.folder / "bad.safetensors", bad);
    check_error(run(train_program,
                    d.content_only(d.folder / "third") + Arguments{"--fusion-weights", d.folder / "bad.safetensors"}),
                1, {"bad.safetensors: ", bad.entries[3].first, "not finite"});
    CHECK(!exists(d.folder / "third"));
}

TEST_CASE("programs/train: what --keep leaves on the disk") {
    const Data d;
    const auto names = [&](const std::string& keep) {
        const std::string out = d.folder / keep;
        const Outcome outcome =
            run(train_program, d.content_only(out) + Arguments{"--rounds", "2", "--quiet", "--keep", keep});
        REQUIRE_MESSAGE(outcome.code == 0, outcome.err);
        std::string text;
        for (const auto& [name, bytes] : contents(out))
            if (contains(name, ".safetensors")) text += name + " ";
        return text;
    };
    CHECK(names("last") == "checkpoints/last.safetensors fusion.safetensors ");
    CHECK(names("weights") == "fusion.safetensors ");
    CHECK(names("rounds") ==
          "checkpoints/last.safetensors fusion.safetensors round_1/fusion.safetensors round_2/fusion.safetensors ");
    const auto one_file = [&](const std::string& a, const std::string& b) {
        return std::filesystem::equivalent(d.folder / a, d.folder / b);
    };
    CHECK(one_file("rounds/fusion.safetensors", "rounds/round_2/fusion.safetensors"));
    CHECK(!one_file("rounds/fusion.safetensors", "rounds/round_1/fusion.safetensors"));
    CHECK(contains(names("all"),
                   "checkpoints/best.safetensors checkpoints/last.safetensors "
                   "checkpoints/previous.safetensors fusion.safetensors round_1/fusion.safetensors"));
    // The weights of an earlier round stay as they were.
    const std::string second = read_file(d.folder / "rounds/round_2/fusion.safetensors");
    for (const char* keep : {"last", "rounds"})
        CHECK(run(train_program, {"--resume", d.folder / keep, "--rounds", "3", "--quiet"}).code == 0);
    CHECK((read_file(d.folder / "rounds/round_2/fusion.safetensors") == second));
    CHECK(one_file("rounds/fusion.safetensors", "rounds/round_3/fusion.safetensors"));
    CHECK((read_file(d.folder / "rounds/fusion.safetensors") == read_file(d.folder / "last/fusion.safetensors")));
    check_error(run(train_program, {"--resume", d.folder / "weights", "--rounds", "3", "--quiet"}), 1,
                {"the run is finished, and its checkpoints were not kept (--keep weights)"});
}

TEST_CASE("programs/train: a log says what is going on in every phase, and how long it will take" * skip_sanitized) {
    const Data d;
    const Outcome outcome = d.train({"--rounds", "2"});
    REQUIRE_MESSAGE(outcome.code == 0, outcome.err);
    for (const char* part : {"reading 18 files of ", "round 1/2  fusion 1/2  ", "round 1/2  pictures 1/4  ",
                             "round 1/2  segmentation 1/2  ", "round 1/2  measuring 1/2  ", "s left (run: at least ",
                             "round 2/2  measuring 1/2  ", "s left (run: 0s)", "  loss "})
        CHECK_MESSAGE(contains(outcome.err, part), part);
}
