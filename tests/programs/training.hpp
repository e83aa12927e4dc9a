// What the tests of train_seafusion share: small data, small runs.
#pragma once

#include <cstdlib>

#include "fathom/data/scene/scene_files.hpp"
#include "fathom/io/json.hpp"
#include "tests/programs/program.hpp"

namespace programs_test {

using Arguments = std::vector<std::string>;

// The options of a, and those of b in their place or behind them; in a, each has one value.
inline Arguments operator+(Arguments a, const Arguments& b) {
    for (const std::string& option : b) {
        const auto at = option.rfind("--", 0) == 0 ? std::find(a.begin(), a.end(), option) : a.end();
        if (at != a.end()) a.erase(at, at + 2);
    }
    a.insert(a.end(), b.begin(), b.end());
    return a;
}

inline Outcome resume(const std::string& run, const Arguments& more = {"--quiet"}) {
    return programs_test::run(train_program, Arguments{"--resume", run, "--threads", "1"} + more);
}

inline std::vector<std::string> lines_of(const std::string& path) {
    std::vector<std::string> lines;
    std::ifstream in(path);
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    return lines;
}

// Four scenes to train on and two to test, of 48x64 pixels, in the layout of MSRS, and place for runs.
struct Data {
    data_test::Folder folder;
    std::string data = folder / "data", run = folder / "run";

    Data() {
        fathom::data::write_scenes(data + "/train", 1, 4, {.height = 48, .width = 64});
        fathom::data::write_scenes(data + "/test", 9, 2, {.height = 48, .width = 64});
    }
    // One round: two steps of the fusion net, two of the segmentation net.
    Arguments small(const std::string& out) const {
        return {"--data",
                data,
                "--out",
                out,
                "--crop",
                "32",
                "--batch",
                "2",
                "--rounds",
                "1",
                "--fusion-epochs",
                "1",
                "--segmentation-steps",
                "2"};
    }
    // The fusion net alone: its checkpoints are 2 MB, and the run takes a third of a second.
    Arguments content_only(const std::string& out) const {
        return {"--data", data, "--out", out, "--crop", "32", "--batch", "2", "--fusion-epochs", "1", "--content-only"};
    }
    Outcome train(const Arguments& more = {}) const { return programs_test::run(train_program, small(run) + more); }
    // An error that is found before a run folder is made.
    void check_refused(const Arguments& arguments, const std::vector<std::string>& parts, int code = 1) const {
        check_error(programs_test::run(train_program, arguments), code, parts);
        CHECK(!exists(run));
    }
};

// What a run has said, but for the warning that people are dark in fused pictures: after a few steps they may be.
inline std::string but_for_people(std::string text) {
    const std::size_t at = text.find("warning: fused pictures keep ");
    if (at != std::string::npos) text.erase(at, text.find('\n', at) + 1 - at);
    return text;
}

// A number in a line of JSON.
inline double number_in(const std::string& json, const std::string& key) {
    const std::size_t at = json.find("\"" + key + "\":");
    CHECK_MESSAGE(at != std::string::npos, key << " in " << json);
    return at == std::string::npos ? 0 : std::strtod(json.c_str() + at + key.size() + 3, nullptr);
}

// The lines of the log without their times.
inline std::vector<std::string> log_of(const std::string& run) {
    std::vector<std::string> lines = lines_of(run + "/log.jsonl");
    for (std::string& line : lines) {
        const std::size_t at = line.find("\"seconds\":"), end = line.find_first_of(",}", at);
        if (at != std::string::npos) line.erase(at, end - at);
    }
    return lines;
}

// What a run has learnt.
inline std::string weights_of(const std::string& run) {
    const std::string segmentation = run + "/segmentation.safetensors";  // not with --content-only
    return io_test::read_file(run + "/fusion.safetensors") +
           (exists(segmentation) ? io_test::read_file(segmentation) : "");
}

}  // namespace programs_test
