// Every option of every program: a bad value, a missing one, an empty one; every input that is none, every output over
// an input, over another output or in a place that cannot be written to. Nothing may have been done by then.
#include <sys/stat.h>

#include <set>
#include <sstream>

#include "fathom/io/safetensors.hpp"
#include "fathom/seafusion/fusion_net.hpp"
#include "fathom/seafusion/segmentation_net.hpp"
#include "tests/programs/all_programs.hpp"
#include "tests/programs/reports.hpp"

using namespace fathom;
using namespace programs_test;

namespace {

// A folder with data and weights, which the programs run in.
struct Inputs : Data {
    std::string before = std::filesystem::current_path().string();

    Inputs() {
        Generator gen(1);
        io::save(folder / "fusion.safetensors", seafusion::FusionNet<float>(gen).state_dict());
        seafusion::SegmentationNet<float> net(gen);
        io::save(folder / "segmentation.safetensors", net.state_dict());
        for (const std::string part : {"boxes", "found"}) folder.make(part);
        for (const auto& image : std::filesystem::directory_iterator(data + "/train/vi")) {
            const std::string name = image.path().stem().string() + ".txt";
            io_test::write_file(folder / "boxes/" + name, "0 0.5 0.5 0.25 0.25\n");
            io_test::write_file(folder / "found/" + name, "0 0.9 10 10 20 20\n");
        }
        io_test::write_file(folder / "file", "a file");
        write_run(folder / "run", 3), write_run(folder / "other_run", 3);
        REQUIRE(mkfifo((folder / "pipe").c_str(), 0666) == 0);
        std::filesystem::create_directory_symlink("data/train/vi", folder / "link");
        std::filesystem::current_path(folder.path);
    }
    ~Inputs() { std::filesystem::current_path(before); }
};

Arguments words(const std::string& text) {
    std::istringstream in(text);
    Arguments list;
    for (std::string word; in >> word;) list.push_back(word);
    return list;
}

// The valid arguments with one option in place of its own value.
Arguments with(const Program& p, const std::string& option, const std::string& value) {
    return words(p.valid) + Arguments{option, value};
}

// With the command before them.
Arguments whole(const Program& p, const Arguments& arguments) {
    Arguments all = p.command;
    all.insert(all.end(), arguments.begin(), arguments.end());
    return all;
}

// Every file below the current folder, and what would show a change of it.
std::string snapshot() {
    std::vector<std::string> lines;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(".")) {
        struct stat status {};
        REQUIRE(lstat(entry.path().c_str(), &status) == 0);
        lines.push_back(entry.path().string() + " " + std::to_string(status.st_ino) + " " +
                        std::to_string(status.st_size) + " " +
                        std::to_string(S_ISDIR(status.st_mode) ? 0 : status.st_mtim.tv_sec) + "." +
                        std::to_string(S_ISDIR(status.st_mode) ? 0 : status.st_mtim.tv_nsec));
    }
    std::sort(lines.begin(), lines.end());
    std::string text;
    for (const std::string& line : lines) text += line + "\n";
    return text;
}

// Runs what must fail, with one line, and leave everything as it was. True if all that was so.
void check_nothing_done(const Program& p, const Arguments& arguments, int code, const std::vector<std::string>& parts) {
    const Arguments all = whole(p, arguments);
    std::string text = p.name;
    for (const std::string& a : all) text += " '" + a + "'";
    CAPTURE(text);
    const auto before = snapshot();
    check_error(run(p.path, all), code, parts);
    CHECK(!exists("made"));
    CHECK(snapshot() == before);
}

}  // namespace

TEST_CASE("programs/options: the list of this test has every option that --help has, and --version answers") {
    for (const Program& p : all_programs()) {
        CAPTURE(p.name);
        const Outcome help = run(p.path, whole(p, {"--help"}));
        CHECK(help.code == 0);
        CHECK(help.err == "");
        std::set<std::string> listed, known = {"--help", "--version"};
        std::istringstream lines(help.out);
        for (std::string line; std::getline(lines, line);) {
            const std::size_t at = line.find("--"), end = line.find_first_of(" ,{", at);
            if (line.rfind("  -", 0) == 0 && at < 8) listed.insert(line.substr(at, end - at));
        }
        for (const Option& option : p.options) known.insert(option.name);
        CHECK(listed == known);
        const Outcome version = run(p.path, whole(p, {"--version"}));
        CHECK(version.code == 0);
        CHECK(version.out.rfind(p.name + " (fathom) 0.", 0) == 0);
    }
}

TEST_CASE("programs/options: bad, missing, empty and unknown") {
    const Inputs d;
    for (const Program& p : all_programs())
        for (const Option& option : p.options) {
            for (const std::string& value : option.bad)
                check_nothing_done(p, with(p, option.name, value), 2, {option.name});
            if (option.kind == Option::flag) continue;
            Arguments missing = with(p, option.name, "x");
            missing.pop_back();
            check_nothing_done(p, missing, 2, {option.name});
            check_nothing_done(p, with(p, option.name, ""), 2, {option.name, "empty"});
        }
    for (const Program& p : all_programs()) {
        const Option& option = p.options.front();
        std::string typo = option.name;
        std::swap(typo[3], typo[4]);
        // Before anything else that is wrong with the line.
        check_nothing_done(p, {typo, "x"}, 2, {typo + ": no such option, did you mean " + option.name + "?"});
        check_nothing_done(p, words(p.valid) + Arguments{typo + "=x"}, 2, {typo, "did you mean " + option.name});
        check_nothing_done(p, words(p.valid) + Arguments{"--entirely-unlike", "x"}, 2,
                           {"--entirely-unlike: no such option; "});
        if (p.positional) continue;
        Arguments stray = words(p.valid);
        stray.push_back("stray.png");
        check_nothing_done(p, stray, 2, {"stray.png: unexpected argument"});
    }
}

TEST_CASE("programs/options: inputs that are none") {
    const Inputs d;
    for (const Program& p : all_programs())
        for (const Option& option : p.options)
            for (const std::string value : {"nowhere", "file", "pipe", "file/below"}) {
                if (option.kind != Option::input) continue;
                const Arguments arguments =
                    option.name == "--resume" ? Arguments{"--resume", value} : with(p, option.name, value);
                const bool usage = option.name == "--classes" ||
                                   (p.command == Arguments{"segmentation"} && option.name == "--predicted") ||
                                   (p.name == "train_seafusion" &&
                                    (contains(option.name, "-weights") || option.name == "--resnet18") &&
                                    (value == "nowhere" || value == "file/below"));
                check_nothing_done(p, arguments, usage ? 2 : 1, {value});
            }
}

TEST_CASE("programs/options: outputs over inputs, over each other, and where nothing can be written") {
    const Inputs d;
    std::filesystem::create_symlink("fusion.safetensors", "symbolic");
    std::filesystem::create_hard_link("fusion.safetensors", "hard");
    for (const Program& p : all_programs())
        for (const Option& option : p.options) {
            if (option.kind != Option::output) continue;
            CAPTURE(option.name);
            const bool folder = option.name == "--out" || option.name == "--pictures" || option.name == "--report" ||
                                option.name.rfind("--overlay", 0) == 0,
                       picture = option.name == "--sheet";
            if (folder) {
                for (const std::string value : {"file", "pipe", "file/below"})
                    check_nothing_done(p, with(p, option.name, value), 1, {value});
                if (p.inputs.empty()) continue;
                for (const std::string value : {"data/train/vi", "link", "data/../data/train/vi"})
                    check_nothing_done(p, with(p, option.name, value), 1, {"input"});
                continue;
            }
            for (const std::string value : {"nowhere/x.png", "file/x.png"})
                check_nothing_done(p, with(p, option.name, value), 1, {value, "no such folder"});
            for (const std::string& value : p.inputs)
                if (!picture || contains(value, ".png"))
                    check_nothing_done(p, with(p, option.name, value), 1, {value, "is an input"});
            for (const std::string value : {"data/train/vi/more.png", "link/more.png"})
                if (p.folders) check_nothing_done(p, with(p, option.name, value), 1, {value, "among the inputs"});
            for (const std::string& value : picture ? Arguments{"x.webp", "x", "x.png/"} : Arguments{"pipe", "data"})
                check_nothing_done(p, with(p, option.name, value), 1, {value});
            if (!picture && std::count(p.inputs.begin(), p.inputs.end(), "fusion.safetensors") > 0)
                for (const std::string value : {"symbolic", "hard"})
                    check_nothing_done(p, with(p, option.name, value), 1, {value, "is an input"});
        }
    for (const Program& p : {all_programs()[0], all_programs()[1]}) {
        check_nothing_done(p, with(p, "--sheet", "made/00001N.png"), 1, {"made/00001N.png: is written twice, by"});
        check_nothing_done(p, words(p.valid) + Arguments{"--sheet", "x.png", "--json", "./x.png"}, 1,
                           {"x.png: is written twice"});
    }
    const Program& train = all_programs()[2];
    for (const std::string file : {"record.json", "log.jsonl", "fusion.safetensors", "report/index.html"})
        check_nothing_done(train, with(train, "--json", "made/" + file), 1, {file, "is written twice"});
    for (const std::string file : {"checkpoints/last.safetensors", "round_1/sheet.png"})
        check_nothing_done(train, with(train, "--json", "made/" + file), 1, {file});
    // One picture.
    const Arguments one = {"--weights", "fusion.safetensors",       "--vis", "data/train/vi/00001N.png",
                           "--ir",      "data/train/ir/00001N.png", "--out"};
    for (const std::string out : {"x.gif", "x", "new/", "nowhere/x.png", "symbolic", "fusion.safetensors", "pipe"})
        check_nothing_done(all_programs()[0], one + Arguments{out}, 1, {out});
}

TEST_CASE("programs/options: without standard streams no message lands in a file") {
    const Data d;
    const std::string arguments =
        " --data '" + d.data + "' --out '" + d.run + "' --crop 32 --batch 2 --fusion-epochs 1 --content-only";
    REQUIRE(run("/bin/sh", {"-c", "exec '" + train_program + "'" + arguments + " <&- >&- 2>&-"}).code == 0);
    for (const std::string& line : lines_of(d.run + "/log.jsonl")) CHECK(line.rfind("{\"", 0) == 0);
    CHECK(lines_of(d.run + "/run.lock").size() == 1);
    CHECK(!contains(io_test::read_file(d.run + "/record.json"), "training on"));
}

TEST_CASE("programs/options: what was printed must have arrived") {
    const Outcome full = run("/bin/sh", {"-c", "'" + fuse_program + "' --version > /dev/full"});
    CHECK(full.code == 1);
    CHECK(full.err == "error: standard output: cannot be written\n");
}
