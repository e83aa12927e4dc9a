// The commands in docs/evaluate.md and docs/evaluate_fusion.md run as they stand there.
#include <sstream>

#include "fathom/io/image.hpp"
#include "fathom/io/safetensors.hpp"
#include "fathom/seafusion/fusion_net.hpp"
#include "fathom/seafusion/segmentation_net.hpp"
#include "tests/programs/reports.hpp"

using namespace fathom;
using namespace programs_test;

namespace {

// The lines of the blocks of shell commands.
std::vector<std::string> commands_in(const std::string& text) {
    std::vector<std::string> commands;
    std::istringstream in(text);
    bool inside = false;
    for (std::string line; std::getline(in, line);) {
        if (line.rfind("```", 0) == 0)
            inside = line == "```sh";
        else if (inside)
            commands.push_back(line);
    }
    return commands;
}

}  // namespace

TEST_CASE("programs/evaluate_docs: the commands in the documents run") {
    // Two scenes, of a day and of a night, so that each subset has one.
    const Folder folder;
    const std::string labels = folder.make("MSRS/test/Segmentation_labels"), fused = folder.make("fused"),
                      predicted = folder.make("predicted");
    const std::vector<std::uint8_t> classes(32 * 48, 2);
    for (const std::string name : {"/1D", "/2N"}) {
        for (const std::string& place : {labels, predicted})
            io::write_image(place + name + ".png", from_data(classes.data(), {32, 48, 1}));
        data_test::write_pattern(fused + name + ".png", 32, 48, 3, 0);
        data_test::write_pattern(folder.make("densefuse") + name + ".png", 32, 48, 1, 9);
        data_test::write_pattern(folder.make("MSRS/test/vi") + name + ".png", 32, 48, 3, 3);
        data_test::write_pattern(folder.make("MSRS/test/ir") + name + ".png", 32, 48, 1, 90);
        io_test::write_file(folder.make("boxes") + name + ".txt", "0 0.5 0.5 0.25 0.25\n");
        for (const char* input : {"found/visible", "found/fused"})
            io_test::write_file(folder.make(input) + name + ".txt", "0 0.9 10 10 20 20\n");
    }
    Generator gen(1);
    io::save(folder / "segmentation.safetensors", seafusion::SegmentationNet<float>(gen).state_dict());
    io::save(folder / "fusion.safetensors", seafusion::FusionNet<float>(gen).state_dict());
    for (const char* name : {"runs/plain", "runs/exposure", "runs/fixed"}) write_run(folder / name, 2);
    auto commands = commands_in(io_test::read_file(FATHOM_SOURCE_DIR "/docs/evaluate.md"));
    for (const std::string& command : commands_in(io_test::read_file(FATHOM_SOURCE_DIR "/docs/evaluate_fusion.md")))
        commands.push_back(command);
    REQUIRE(commands.size() >= 7);
    for (std::string command : commands) {
        CAPTURE(command);
        const std::string prefix = "build/release/bin/";
        REQUIRE(command.rfind(prefix, 0) == 0);
        command = "cd '" + folder.path.string() + "' && '" + programs + "'/" + command.substr(prefix.size());
        const Outcome outcome = run("/bin/sh", {"-c", command});
        CHECK_MESSAGE(outcome.code == 0, outcome.err);
    }
}
