// The program train_seafusion: what a run leaves behind, and what stops one.
#include <chrono>
#include <cstdlib>
#include <thread>

#include "fathom/data/scene_files.hpp"
#include "fathom/io/json.hpp"
#include "fathom/io/safetensors.hpp"
#include "fathom/seafusion/fusion_net.hpp"
#include "tests/io/pth_writer.hpp"
#include "tests/io/tmpfs.hpp"
#include "tests/programs/program.hpp"

using namespace fathom;
using namespace programs_test;
using data_test::write_pattern;
using io_test::read_file;
using io_test::write_file;

namespace {

using Arguments = std::vector<std::string>;

// A folder with four small pairs in the layout of MSRS, and place for runs.
struct Data {
    Folder folder;
    std::string data = folder / "data", run = folder / "run";

    Data() { data::write_scenes(data, 1, 4, {.height = 48, .width = 64}); }
    Arguments arguments(const Arguments& more = {}) const {
        Arguments all = {"--data", data, "--out", run, "--crop", "32", "--batch", "2"};
        all.insert(all.end(), more.begin(), more.end());
        return all;
    }
    Outcome train(const Arguments& more = {}) const { return programs_test::run(train_program, arguments(more)); }
    // An error that is found before a run folder is made.
    void check_refused(const Arguments& more, const std::vector<std::string>& parts, int code = 1) const {
        check_error(train(more), code, parts);
        CHECK(!exists(run));
    }
};

std::vector<std::string> lines_of(const std::string& path) {
    std::vector<std::string> lines;
    std::ifstream in(path);
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    return lines;
}

// A valid JSON object; the value of `key` if it is a number.
double number_in(const std::string& json, const std::string& key) {
    std::string keys;
    io::JsonReader reader("json", json, 0);
    reader.object([&](const std::string& found) { keys += " " + found, reader.skip(); });
    reader.end();
    CHECK_MESSAGE((keys + " ").find(" " + key + " ") != std::string::npos, json);
    return std::strtod(json.c_str() + json.find("\"" + key + "\":") + key.size() + 3, nullptr);
}

std::vector<double> losses_of(const std::string& run) {
    std::vector<double> losses;
    for (const std::string& line : lines_of(run + "/log.jsonl")) {
        CHECK(number_in(line, "step") == static_cast<double>(losses.size() + 1));
        for (const std::string key : {"intensity", "texture", "lr", "seconds"}) CHECK(number_in(line, key) >= 0);
        losses.push_back(number_in(line, "loss"));
    }
    return losses;
}

void check_weights(const std::string& run, int steps) {
    const StateDict dict = io::load(run + "/fusion.safetensors");
    seafusion::FusionNet<float> net;
    net.load_state_dict(dict);
    REQUIRE(dict.metadata.size() == 1);
    CHECK(dict.metadata[0] == std::pair<std::string, std::string>("steps", std::to_string(steps)));
}

double mean(const double* values, int n) {
    double sum = 0;
    for (int i = 0; i < n; ++i) sum += values[i];
    return sum / n;
}

}  // namespace

TEST_CASE("programs/train: a run on synthetic scenes leaves its folder") {
    const Folder folder;
    const std::string run = folder / "runs/first";
    const Outcome outcome =
        programs_test::run(train_program, {"--out", run, "--steps", "12", "--crop", "32", "--batch", "2", "--scenes",
                                           "3", "--seed", "5", "--json", folder / "copy.json"});
    REQUIRE_MESSAGE(outcome.code == 0, outcome.err);
    CHECK(outcome.out.find("pixelwise maximum") != std::string::npos);
    CHECK(outcome.out.find(run + "/sheet.png") != std::string::npos);
    CHECK(outcome.err.find("step 12") == std::string::npos);  // no terminal: a line every 50 steps
    CHECK(outcome.err.find("step 1/12 ") != std::string::npos);

    std::string names;
    for (const auto& [name, bytes] : contents(run)) names += name + " ";
    CHECK(names == "fusion.safetensors log.jsonl record.json sheet.png summary.json ");
    CHECK(losses_of(run).size() == 12);
    check_weights(run, 12);
    const std::string record = read_file(run + "/record.json"), summary = read_file(run + "/summary.json");
    CHECK(number_in(record, "seed") == 5);
    CHECK(number_in(record, "train_pairs") == 3);
    CHECK(number_in(record, "alpha") == 10);
    CHECK(record.find("--scenes 3") != std::string::npos);  // the command
    CHECK(number_in(summary, "steps") == 12);
    CHECK(number_in(summary, "test_pairs") == 8);
    CHECK(summary.find("\"this net\"") != std::string::npos);
    CHECK(read_file(folder / "copy.json") == summary);
    const auto sheet = io::read_image(run + "/sheet.png");
    CHECK(sheet.shape()[0] > 100);
    CHECK(sheet.shape()[1] > 100);
}

TEST_CASE("programs/train: the same seed gives the same weights on any number of threads") {
    const Data d;
    const auto train = [&](const std::string& seed, const std::string& threads, const Arguments& more = {}) {
        const std::string run = d.folder / ("run-" + seed + "-" + threads + (more.empty() ? "" : more[0]));
        Arguments all = {"--data", d.data,    "--out", run,      "--crop", "32",        "--batch",
                         "2",      "--steps", "12",    "--seed", seed,     "--threads", threads};
        all.insert(all.end(), more.begin(), more.end());
        const Outcome outcome = programs_test::run(train_program, all);
        REQUIRE_MESSAGE(outcome.code == 0, outcome.err);
        return read_file(run + "/fusion.safetensors");
    };
    const std::string one = train("1", "1");
    CHECK((train("1", "2") == one));
    CHECK((train("2", "2") != one));
    CHECK((train("1", "2", {"--trainable-sobel"}) != one));
}

TEST_CASE("programs/train: the loss falls") {
    const Data d;
    const Outcome outcome = d.train({"--steps", "60", "--quiet"});
    REQUIRE_MESSAGE(outcome.code == 0, outcome.err);
    CHECK(outcome.out + outcome.err == "");
    const std::vector<double> losses = losses_of(d.run);
    REQUIRE(losses.size() == 60);
    CHECK(mean(losses.data() + 50, 10) < 0.7 * mean(losses.data(), 10));
}

TEST_CASE("programs/train: reference weights are measured beside the trained ones") {
    const Data d;
    REQUIRE(d.train({"--steps", "1", "--quiet"}).code == 0);
    const std::string weights = d.run + "/fusion.safetensors";
    const Outcome outcome =
        programs_test::run(train_program, {"--data", d.data, "--out", d.folder / "second", "--crop", "32", "--batch",
                                           "2", "--steps", "1", "--reference", weights});
    CHECK(outcome.code == 0);
    const auto value = [&](const std::string& name) {
        const std::size_t at = outcome.out.find(name);
        return at == std::string::npos ? "no " + name : outcome.out.substr(at + 21, 6);
    };
    CHECK(value("reference weights") == value("this net"));  // the same seed
}

TEST_CASE("programs/train: Ctrl-C saves the weights and ends well") {
    const Data d;
    Process process(train_program, d.arguments({"--steps", "1000000"}));
    for (int i = 0;
         i < 3000 && process.running() && (!exists(d.run + "/log.jsonl") || lines_of(d.run + "/log.jsonl").size() < 3);
         ++i)
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    process.interrupt();
    const Outcome outcome = process.wait();
    CHECK(outcome.code == 0);
    const auto steps = static_cast<int>(losses_of(d.run).size());
    CHECK(steps >= 3);
    check_weights(d.run, steps);
    CHECK(outcome.err.find("stopped after " + std::to_string(steps) + " steps; weights saved in " + d.run + "\n") !=
          std::string::npos);
}

TEST_CASE("programs/train: Ctrl-C ends the measuring that follows the training too") {
    const Data d;
    const std::string split = d.folder / "split";
    std::filesystem::create_directories(split);
    std::filesystem::copy(d.data, split + "/train", std::filesystem::copy_options::recursive);
    d.folder.make("split/test/vi"), d.folder.make("split/test/ir");
    write_pattern(split + "/test/vi/0.png", 400, 400, 3, 0), write_pattern(split + "/test/ir/0.png", 400, 400, 1, 0);
    for (int i = 1; i < 200; ++i)
        for (const std::string part : {"/test/vi/", "/test/ir/"})
            std::filesystem::create_hard_link(split + part + "0.png", split + part + std::to_string(i) + ".png");
    Process process(train_program, {"--data", split, "--out", d.run, "--crop", "32", "--batch", "2", "--steps", "1"});
    for (int i = 0; i < 3000 && process.running() && !exists(d.run + "/fusion.safetensors"); ++i)
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    process.interrupt();
    const Outcome outcome = process.wait();
    CHECK(outcome.code == 0);
    CHECK(outcome.err.find("stopped after 1 steps; weights saved in " + d.run + "\n") != std::string::npos);
    CHECK(outcome.out == "");
    CHECK(!exists(d.run + "/summary.json"));
    check_weights(d.run, 1);
}

TEST_CASE("programs/train: a loss that is not finite stops the run and names the operation") {
    const Data d;
    const Outcome outcome = d.train({"--steps", "50", "--lr", "1e30", "--quiet"});
    check_error(outcome, 1, {"train: the loss is ", "gave a value that is not finite in a result of shape [2,"});
    const std::size_t steps = losses_of(d.run).size();
    CHECK(steps >= 1);
    CHECK(steps < 50);
}

TEST_CASE("programs/train: wrong usage is 2, help is no error") {
    const Data d;
    const Outcome help = run(train_program, {"--help"});
    CHECK(help.code == 0);
    CHECK(help.err == "");
    CHECK(help.out.find("--steps") != std::string::npos);
    d.check_refused({"--steps", "0"}, {"--steps", "0"}, 2);
    d.check_refused({"--steps", "many"}, {"--steps", "many"}, 2);
    d.check_refused({"--scenes", "-3"}, {"--scenes", "-3"}, 2);
    d.check_refused({"--lr", "-1"}, {"--lr", "-1"}, 2);
    d.check_refused({"--epochs", "3"}, {"--epochs"}, 2);
    check_error(run(train_program, {"--steps"}), 2, {"--steps"});
}

TEST_CASE("programs/train: data that cannot be trained on") {
    const Data d;
    const auto train_on = [&](const std::string& data, const std::vector<std::string>& parts,
                              const std::string& crop = "32") {
        check_error(
            run(train_program, {"--data", data, "--out", d.run, "--steps", "1", "--crop", crop, "--batch", "2"}), 1,
            parts);
        CHECK(!exists(d.run));
    };
    train_on(d.folder / "nowhere", {d.folder / "nowhere" + ": no such folder"});
    const std::string other = d.folder.make("other");
    train_on(other, {other + ": has no folder vi, expected vi and ir"});
    train_on(d.data, {d.data + ": the smallest images are 48x64, expected at least the crop's 49"}, "49");
    check_error(run(train_program, {"--out", d.run, "--crop", "241"}), 1,
                {"--crop: synthetic scenes have 240 x 320 pixels, expected at most 240, got 241"});
    CHECK(!exists(d.run));

    const std::string lonely = d.data + "/vi/lonely.png";
    write_pattern(lonely, 48, 64, 3, 0);
    train_on(d.data, {lonely + ": has no infrared partner"});
    write_pattern(d.data + "/ir/lonely.png", 48, 63, 1, 0);
    train_on(d.data, {d.data + "/ir/lonely.png: has 48 x 63 pixels, expected the 48 x 64 of " + lonely});
    write_file(lonely, "");
    train_on(d.data, {lonely + ": "});
    write_file(lonely, "no picture");
    train_on(d.data, {lonely + ": "});
    std::filesystem::remove(lonely), std::filesystem::remove(d.data + "/ir/lonely.png");

    // The test pairs are checked before training too.
    std::filesystem::create_directories(d.folder / "split");
    std::filesystem::copy(d.data, d.folder / "split/train", std::filesystem::copy_options::recursive);
    d.folder.make("split/test/vi"), d.folder.make("split/test/ir");
    train_on(d.folder / "split", {d.folder / "split/test/vi: the folder has no images"});
}

TEST_CASE("programs/train: reference weights are checked before training") {
    const Data d;
    d.check_refused({"--steps", "1", "--reference", d.folder / "nowhere.pth"},
                    {d.folder / "nowhere.pth" + ": cannot open, No such file or directory"});
    const std::string marker = d.folder / "marker", hostile = d.folder / "hostile.pth";
    write_file(hostile, io_test::make_pth_zip("\x80\x02"
                                              "cposix\nsystem\n(" +
                                                  io_test::pickled("touch " + marker) + "tR.",
                                              {}));
    d.check_refused({"--steps", "1", "--reference", hostile}, {hostile + ": ", "posix", "system"});
    CHECK(!exists(marker));
    StateDict dict;
    dict.add("weight", zeros<float>({2}));
    io::save(d.folder / "other.safetensors", dict);
    d.check_refused({"--steps", "1", "--reference", d.folder / "other.safetensors"},
                    {d.folder / "other.safetensors" + ": ", "lacks", "vis_conv.conv.weight"});
}

TEST_CASE("programs/train: a run folder that cannot be used") {
    const Data d;
    for (const std::string file : {"fusion.safetensors", "record.json"}) {
        const std::string run = d.folder.make("held-" + file);
        write_file(run + "/" + file, "old");
        const auto before = contents(run);
        check_error(programs_test::run(train_program, {"--data", d.data, "--out", run, "--crop", "32", "--steps", "1"}),
                    1, {run + ": holds a run already", file});
        CHECK(contents(run) == before);
    }
    write_file(d.run, "a file");
    check_error(d.train({"--steps", "1"}), 1, {d.run});
    CHECK(read_file(d.run) == "a file");
    check_error(programs_test::run(train_program,
                                   {"--data", d.data, "--out", d.run + "/below", "--crop", "32", "--steps", "1"}),
                1, {d.run + "/below"});
    CHECK(read_file(d.run) == "a file");
}

TEST_CASE("programs/train: a full and a read-only disk") {
    const Data d;
    const std::string disk = d.folder.make("disk");
    const std::string text = io_test::with_tmpfs(disk, "size=64k", [&]() -> std::string {
        write_file(disk + "/keep", "old");
        const auto train = [&](const std::string& run) {
            const Outcome outcome = programs_test::run(train_program, {"--data", d.data, "--out", run, "--crop", "32",
                                                                       "--batch", "2", "--steps", "2", "--quiet"});
            return std::to_string(outcome.code) + "|" + outcome.err;
        };
        std::string result = train(disk + "/full");
        for (const auto& [name, bytes] : contents(disk)) result += name + " ";
        if (!io_test::make_read_only(disk)) return "SKIPPED";
        return result + "|" + train(disk + "/new") + train(disk) + read_file(disk + "/keep");
    });
    if (text == "SKIPPED") {
        MESSAGE("SKIPPED: mounting is not allowed here");
        return;
    }
    CHECK(text == "1|error: " + disk + "/full/fusion.safetensors: cannot write, No space left on device\n" +
                      "full/log.jsonl full/record.json keep |" + "1|error: " + disk +
                      "/new: cannot be made, Read-only file system\n" + "1|error: " + disk +
                      "/record.json: cannot create, Read-only file system\nold");
}
