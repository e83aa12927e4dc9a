// evaluate task: one net on all inputs, a net trained on each, what is repeated and what is not, and what is refused.
#include <nlohmann/json.hpp>

#include "fathom/io/image.hpp"
#include "fathom/io/safetensors.hpp"
#include "fathom/seafusion/segmentation_net.hpp"
#include "tests/programs/training.hpp"

using namespace fathom;
using namespace programs_test;
using io_test::read_file;
using io_test::write_file;
using nlohmann::json;

namespace {

// Scenes, fused pictures that are the visible ones in other files, and weights of a net that has learnt nothing.
struct Task : Data {
    std::string weights = folder / "segmentation.safetensors", same = folder / "same", out = folder / "out",
                csv = folder / "t.csv", json_file = folder / "t.json";

    Task() {
        Generator gen(1);
        io::save(weights, seafusion::SegmentationNet<float>(gen).state_dict());
        for (const std::string split : {"/train", "/test"}) {
            std::filesystem::create_directories(same);
            std::filesystem::copy(data + split + "/vi", same + split);
        }
    }
    Arguments arguments(const std::string& inputs) const {
        return {"task", "--data", data, "--inputs", inputs, "--csv", csv, "--json", json_file};
    }
    Outcome evaluate(const std::string& inputs, const Arguments& more) const {
        return programs_test::run(evaluate_program, arguments(inputs) + more);
    }
    Outcome retrain(const std::string& inputs, const Arguments& more = {}) const {
        return evaluate(inputs, Arguments{"--retrain", "2", "--crop", "32", "--batch", "2", "--out", out} + more);
    }
    void check_task_refused(const std::string& inputs, const Arguments& more, const std::vector<std::string>& parts,
                            int code = 1) const {
        const auto before = contents(folder.path);
        check_error(evaluate(inputs, more + Arguments{"--quiet"}), code, parts);
        CHECK(contents(folder.path) == before);
    }
};

std::vector<std::string> lines_with(const std::string& path, const std::string& begin) {
    std::vector<std::string> found;
    for (const std::string& line : lines_of(path))
        if (line.rfind(begin, 0) == 0) found.push_back(line.substr(begin.size()));
    return found;
}

}  // namespace

TEST_CASE("programs/evaluate_task: one net on all inputs has the numbers of evaluate segmentation") {
    const Task t;
    const Outcome outcome = t.evaluate("visible,infrared,copy=" + t.same, {"--weights", t.weights});
    REQUIRE_MESSAGE(outcome.code == 0, outcome.err);
    const json found = json::parse(read_file(t.json_file));
    CHECK(found["protocol"] == "zero-shot");
    CHECK(found["images"] == json::parse("[\"00009D\",\"00010D\"]"));
    CHECK(lines_of(t.csv).front() == "input,net,class,iou");
    CHECK(lines_with(t.csv, "visible,zero-shot,").size() == 10);
    CHECK(lines_with(t.csv, "visible,zero-shot,") == lines_with(t.csv, "copy,zero-shot,"));
    for (const auto& [index, pictures] : {std::pair{0, "vi"}, {1, "ir"}}) {
        const std::string single = t.folder / "s.json";
        REQUIRE(run(evaluate_program, {"segmentation", "--labels", t.data + "/test/Segmentation_labels", "--weights",
                                       t.weights, "--images", t.data + "/test/" + pictures, "--json", single})
                    .code == 0);
        const json own = json::parse(read_file(single));
        CHECK(found["inputs"][static_cast<std::size_t>(index)]["mean_iou"]["mean"] == own["mean_iou"]);
        for (const auto& [name, value] : own["iou"].items())
            CHECK(found["inputs"][static_cast<std::size_t>(index)]["iou"][name]["mean"] == value);
    }
    for (const char* part : {"intersection over union on 2 images, one net on all inputs\n", "visible  infrared",
                             ": not told apart\n", "2 images are too few to tell ", "Intervals of so few images"})
        CHECK_MESSAGE(contains(outcome.out, part), part << " in " << outcome.out);
}

TEST_CASE("programs/evaluate_task: a net trained on an input is that of train_seafusion, and is not trained twice") {
    const Task t;
    const Outcome outcome = t.retrain("visible,infrared,copy=" + t.same, {"--seeds", "2"});
    REQUIRE_MESSAGE(outcome.code == 0, outcome.err);
    const json found = json::parse(read_file(t.json_file));
    CHECK(found["protocol"] == "retrained");
    for (const auto& [index, images] : {std::pair{0, "visible"}, {1, "infrared"}}) {
        const std::string own = t.folder / images;
        REQUIRE(run(train_program, t.small(own) + Arguments{"--images", images, "--seed", "2", "--no-report"}).code ==
                0);
        const json measures = json::parse(read_file(own + "/round_1/measures.json"));
        CHECK(found["inputs"][static_cast<std::size_t>(index)]["mean_iou"]["nets"][1] == measures["mean_iou"]);
    }
    CHECK(lines_with(t.csv, "visible,2,") == lines_with(t.csv, "copy,2,"));
    CHECK(lines_with(t.csv, "visible,1,") != lines_with(t.csv, "visible,2,"));
    for (const char* net : {"1,", "2,", "mean,", "std,"})
        CHECK(lines_with(t.csv, std::string("infrared,") + net).size() == 10);
    CHECK(contains(outcome.out, "mean (standard deviation) of 2 nets trained on each input\n"));
    CHECK(contains(outcome.out, "2 images and 2 seeds are too few to tell "));
    // The same again without training; a net that is missing is trained again, and nothing else.
    const std::string csv = read_file(t.csv), one = t.out + "/infrared.seed_1.json", kept = read_file(one);
    const Outcome again = t.retrain("visible,infrared,copy=" + t.same, {"--seeds", "2"});
    CHECK(again.out == outcome.out);
    CHECK(!contains(again.err, "step"));
    CHECK(contains(again.err, one + ": finished before\n"));
    std::filesystem::remove(one);
    const Outcome rest = t.retrain("visible,infrared,copy=" + t.same, {"--seeds", "2"});
    CHECK(contains(rest.err, "infrared, seed 1: step 1/2"));
    CHECK(!contains(rest.err, "seed 2: step"));
    CHECK(read_file(one) == kept);
    CHECK(read_file(t.csv) == csv);
    // Results of something else are not taken for these.
    check_error(t.retrain("visible", {"--retrain", "3", "--quiet"}), 1,
                {t.out + "/visible.seed_1.json: is a result of other settings, segmentation_steps is 2, expected 3"});
    io::write_image(t.same + "/train/00001N.png", full<std::uint8_t>({48, 64, 3}, 9));
    check_error(t.retrain("copy=" + t.same, {"--quiet"}), 1,
                {"copy.seed_1.json: is a result of other settings, files"});
    write_file(one, kept.substr(0, kept.size() / 2));
    check_error(t.retrain("infrared", {"--quiet"}), 1, {one + ": is damaged, expected a JSON object"});
    json cut = json::parse(kept);
    cut["confusion"].erase(0);
    write_file(one, cut.dump());
    check_error(t.retrain("infrared", {"--quiet"}), 1,
                {one + ": is damaged, expected confusion with 81 counts for each of 2 images"});
}

// Checkpoints of 106 MB are most of the time of such a training.
TEST_CASE("programs/evaluate_task: kill -9 and Ctrl-C in the middle of a training, and the results are the same bits") {
    const Task t;
    const Arguments steps = {"--retrain", "8", "--checkpoint-every", "0"};
    const std::string result = t.out + "/visible.seed_1.json", checkpoints = t.out + "/visible.seed_1.checkpoints",
                      last = checkpoints + "/last.safetensors";
    REQUIRE(t.retrain("visible", steps).code == 0);
    CHECK(!exists(checkpoints));
    const std::string whole = read_file(result), csv = read_file(t.csv);
    const auto interrupted = [&](int signal) {
        Process process(evaluate_program,
                        t.arguments("visible") + Arguments{"--crop", "32", "--batch", "2", "--out", t.out} + steps);
        for (int i = 0; i < 6000 && process.running() && !exists(last); ++i) usleep(10000);
        process.send(signal);
        return process.wait();
    };
    for (const int signal : {SIGKILL, SIGINT}) {
        std::filesystem::remove(result);
        const Outcome outcome = interrupted(signal);
        if (exists(result)) continue;  // the machine was faster
        CHECK(outcome.code == (signal == SIGKILL ? 128 + SIGKILL : 1));
        if (signal == SIGINT) CHECK(contains(outcome.err, "error: stopped; the same command goes on from here\n"));
        REQUIRE(exists(last));
        if (signal == SIGINT) {  // a damaged one is told, and the one before is taken
            std::string bytes = read_file(last);
            bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
            if (exists(checkpoints + "/previous.safetensors")) write_file(last, bytes);
        }
        const Outcome rest = t.retrain("visible", steps);
        REQUIRE_MESSAGE(rest.code == 0, rest.err);
        CHECK(contains(rest.err, "visible, seed 1: going on after step "));
        CHECK(read_file(result) == whole);
        CHECK(read_file(t.csv) == csv);
        CHECK(!exists(checkpoints));
    }
    // A training of something else is not gone on with.
    std::filesystem::remove(result);
    interrupted(SIGKILL);
    if (!exists(result))
        check_error(t.retrain("visible", steps + Arguments{"--retrain", "9", "--quiet"}), 1,
                    {checkpoints, "is a training of other settings or pictures"});
}

TEST_CASE("programs/evaluate_task: a seed alone and weights to begin with") {
    const Task t;
    const Outcome outcome = t.retrain("visible", {"--weights", t.weights});
    REQUIRE_MESSAGE(outcome.code == 0, outcome.err);
    CHECK(contains(outcome.out, "mean of 1 net trained on each input\n"));
    CHECK(contains(outcome.out, "One seed does not show how much another training would differ.\n"));
    check_error(t.retrain("visible", {"--quiet"}), 1,
                {"visible.seed_1.json: is a result of other settings, segmentation_weights is \""});
}

TEST_CASE("programs/evaluate_task: what is refused") {
    const Task t;
    const Arguments net = {"--weights", t.weights};
    t.check_task_refused("visible", {}, {"expected --weights, a net to measure, or --retrain"}, 2);
    t.check_task_refused("visible", {"--retrain", "2"}, {"--retrain: only with --out"}, 2);
    for (const std::string option : {"--seeds", "--batch", "--crop", "--out", "--checkpoint-every"})
        t.check_task_refused("visible", net + Arguments{option, "32"}, {option + ": only with --retrain"}, 2);
    t.check_task_refused("visible,visible", net, {"--inputs: two are called visible"}, 2);
    t.check_task_refused("infrared=" + t.same, net, {"is called as the data's own infrared images"}, 2);
    t.check_task_refused("visible", net + Arguments{"--classes", "5"}, {"is of 9 classes"});
    t.check_task_refused(t.data + "/nowhere", net, {t.data + "/nowhere/test: no such folder"});
    t.check_task_refused("visible", {"--retrain", "2", "--out", t.out},
                         {"/train: the smallest images are 48x64, expected at least the crop's 128x160"});
    write_file(t.folder / "file", "");
    t.check_task_refused("visible", {"--retrain", "2", "--crop", "32", "--out", t.folder / "file"}, {"file"});
    const std::string picture = t.same + "/test/00009D.png";
    io::write_image(picture, full<std::uint8_t>({20, 30, 3}, 9));
    t.check_task_refused("copy=" + t.same, net, {picture, "20", "48"});
    write_file(picture, "no picture");
    t.check_task_refused("copy=" + t.same, net, {picture});
    std::filesystem::remove(picture);
    t.check_task_refused("copy=" + t.same, net, {"00009D.png", "partner"});
    const std::string label = t.data + "/test/Segmentation_labels/00009D.png";
    io::write_image(label, full<std::uint8_t>({48, 64, 1}, 77));
    t.check_task_refused("visible", net, {label, "77"});
    std::filesystem::remove_all(t.data + "/test");
    t.check_task_refused("visible", net, {t.data + "/test: no such folder"});
}
