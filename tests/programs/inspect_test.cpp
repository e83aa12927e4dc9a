// The program inspect: what is in files of tensors and in runs, and what differs.
#include <cmath>
#include <limits>

#include "fathom/io/checkpoint.hpp"
#include "fathom/ops/copy.hpp"
#include "tests/programs/training.hpp"

using namespace fathom;
using namespace programs_test;
using io_test::read_file;
using io_test::write_file;

namespace {

constexpr float nan_value = std::numeric_limits<float>::quiet_NaN(), infinity = std::numeric_limits<float>::infinity();

StateDict some_tensors() {
    StateDict state;
    state.add("a.weight", Tensor<float>({{1.0f, 2.0f}, {3.0f, 6.0f}}));
    state.add("a.bias", Tensor<float>({nan_value, infinity, -infinity, 0.5f}));
    state.add("steps", Tensor<std::int64_t>({(std::int64_t{1} << 40) + 1}));
    state.add("small", Tensor<float>({1.0f, -2.5f}).to<bfloat16>());
    state.add("empty", zeros<float>({0, 3}));
    state.metadata = {{"classes", "car\nroad"}};
    return state;
}

// The line of the table that begins with `name`, its blanks as one each.
std::string row(const std::string& text, const std::string& name) {
    std::size_t at = text.find("\n" + name + " ");
    if (at == std::string::npos) return "no row " + name;
    std::string line;
    for (const char c : text.substr(at + 1, text.find('\n', at + 1) - at - 1))
        if (c != ' ' || line.back() != ' ') line += c;
    return line;
}

}  // namespace

TEST_CASE("programs/inspect: names, shapes, dtypes, statistics, values that are not finite, metadata") {
    const Folder folder;
    const std::string file = folder / "net.safetensors";
    io::save(file, some_tensors());
    const Outcome outcome = run(inspect_program, {file, "--json", folder / "x.json"});
    REQUIRE_MESSAGE(outcome.code == 0, outcome.err);
    CHECK(contains(outcome.out, file + ": safetensors, 5 tensors, 11 values, 44 bytes\n"));
    CHECK(contains(outcome.out, "classes: car\\x0aroad\n"));
    CHECK(row(outcome.out, "a.weight") == "a.weight [2,2] float 1 6 3 1.87083");
    CHECK(row(outcome.out, "a.bias") == "a.bias [4] float 0.5 0.5 0.5 0 1 nan, 2 inf");
    CHECK(row(outcome.out, "steps") == "steps [1] int64 1099511627777 1099511627777 1099511627777 0");
    CHECK(row(outcome.out, "small") == "small [2] bfloat16 -2.5 1 -0.75 1.75");
    CHECK(row(outcome.out, "empty") == "empty [0,3] float - - - -");
    CHECK(contains(outcome.out, "not finite: 3 values in 1 tensors\n"));
    const std::string json = read_file(folder / "x.json");
    CHECK(number_in(json, "not_finite") == 3);
    CHECK(contains(json, "\"std\": 1.87082869"));
}

TEST_CASE("programs/inspect: PyTorch's files, and what was left out of them") {
    for (const auto& [name, format] : {std::pair<std::string, std::string>{"zip.pth", "PyTorch, zip"},
                                       {"legacy.pth", "PyTorch, legacy"},
                                       {"checkpoint.pth", "PyTorch, zip"}}) {
        const Outcome outcome = run(inspect_program, {io_test::golden(name)});
        REQUIRE_MESSAGE(outcome.code == 0, outcome.err);
        CHECK(contains(outcome.out, name + ": " + format + ", "));
        CHECK(contains(outcome.out, "\nnote: ") == (name == "checkpoint.pth"));
    }
}

TEST_CASE("programs/inspect: what is damaged, and what is none") {
    const Folder folder;
    io::CheckpointFolder(folder / "c").save(some_tensors(), {{"place", "{}"}});
    const std::string file = folder / "c/last.safetensors";
    CHECK(contains(run(inspect_program, {file}).out, "fathom checkpoint, version 1"));
    std::string bytes = read_file(file);
    write_file(folder / "cut", bytes.substr(0, bytes.size() - 1));
    check_error(run(inspect_program, {folder / "cut"}), 1, {"cut: "});
    bytes.back() = static_cast<char>(bytes.back() ^ 1);
    write_file(folder / "flipped", bytes);
    check_error(run(inspect_program, {folder / "flipped"}), 1, {"flipped: is damaged, its checksum is "});
    write_file(folder / "text", "words");
    check_error(run(inspect_program, {folder / "text"}), 1, {"text: is in no format that fathom reads"});
    write_file(folder / "none", "");
    check_error(run(inspect_program, {folder / "none"}), 1, {"none: is empty"});
    check_error(run(inspect_program, {folder / "nowhere"}), 1, {"nowhere: no such file or folder"});
    check_error(run(inspect_program, {folder / "c"}), 1, {"c: holds no run, expected a folder with record.json"});
    check_error(run(inspect_program, {file, file}), 2, {"path: expected one path, got 2"});
    check_error(run(inspect_program, {"--diff", file}), 2, {"--diff: expected two paths, got 1"});
    check_error(run(inspect_program, {"--diff", file, folder / "c"}), 1, {"c: is a folder, expected a file as "});
}

TEST_CASE("programs/inspect: --diff of files") {
    const Folder folder;
    const std::string a = folder / "a", b = folder / "b";
    StateDict state = some_tensors();
    io::save(a, state);
    io::save(b, state);
    CHECK(run(inspect_program, {"--diff", a, b}).out == "the same\n");  // NaN and all
    state.entries[0].second = Tensor<float>({{1.0f, 2.0f}, {3.5f, 6.25f}});
    state.entries[1].second = Tensor<float>({0.0f, infinity, -infinity, 0.5f});
    state.entries[2].second = Tensor<std::int64_t>({(std::int64_t{1} << 62) + 1});
    state.entries[3].second = zeros<float>({3});
    state.entries[4] = {"other", zeros<float>({1})};
    state.metadata = {{"classes", "two"}};
    io::save(b, state);
    const Outcome outcome = run(inspect_program, {"--diff", a, b, "--json", folder / "x.json"});
    REQUIRE_MESSAGE(outcome.code == 0, outcome.err);
    CHECK(contains(outcome.out, "only in " + a + ": empty\nonly in " + b + ": other\n"));
    CHECK(row(outcome.out, "a.weight") == "a.weight [2,2] float 2 of 4 0.5 6 0");
    CHECK(row(outcome.out, "a.bias") == "a.bias [4] float 1 of 4 0 0.5 1");
    CHECK(contains(row(outcome.out, "small"), "small [2] / [3] bfloat16 / float - - - -"));
    CHECK(contains(outcome.out, "0 tensors are the same, 4 differ\nmetadata\n  classes: car\\x0aroad / two\n"));
    CHECK(contains(read_file(folder / "x.json"), "\"same\": false"));
    // Neighbours that a double would make equal.
    StateDict one, next;
    one.add("n", Tensor<std::int64_t>({std::int64_t{1} << 60}));
    next.add("n", Tensor<std::int64_t>({(std::int64_t{1} << 60) + 1}));
    io::save(a, one), io::save(b, next);
    CHECK(contains(row(run(inspect_program, {"--diff", a, b}).out, "n"), "n [1] int64 1 of 1 1 "));
}

TEST_CASE("programs/inspect: runs, finished and not, and what differs between two") {
    const Data d;
    REQUIRE(run(train_program, d.content_only(d.run)).code == 0);
    const Outcome outcome = run(inspect_program, {d.run, "--json", d.folder / "x.json"});
    REQUIRE_MESSAGE(outcome.code == 0, outcome.err);
    for (const char* part :
         {": a finished run, ", "\n  recipe.batch: 2\n", "\n  fusion: 2 steps, the last one intensity ",
          "content loss\n    1 ", "checkpoints/last.safetensors  fathom checkpoint, version 1"})
        CHECK_MESSAGE(contains(outcome.out, part), part << " in " << outcome.out);
    CHECK(number_in(read_file(d.folder / "x.json"), "damaged") == 0);

    const std::string other = d.folder / "other";
    REQUIRE(run(train_program, d.content_only(other) + Arguments{"--seed", "2"}).code == 0);
    CHECK(
        contains(run(inspect_program, {"--diff", d.run, other}).out, "recipe\n  seed: 1 / 2\n\nfusion.safetensors\n"));
    CHECK(run(inspect_program, {"--diff", d.run, d.run}).out == "the same\n");

    // A damaged file is told with all the others.
    write_file(other + "/round_1/fusion.safetensors", "nothing of the kind");
    const Outcome damaged = run(inspect_program, {other});
    CHECK(damaged.code == 1);
    CHECK(contains(damaged.out, "round_1/fusion.safetensors    damaged"));
    CHECK(error_problem(damaged.err, {"round_1/fusion.safetensors: ", "in no format"}) == "");
    // What a killed run leaves, and what it does not.
    std::filesystem::remove(other + "/round_1/fusion.safetensors");
    std::filesystem::remove(other + "/summary.json");
    const std::string log = read_file(other + "/log.jsonl");
    write_file(other + "/log.jsonl", log.substr(0, log.size() - 7));
    const Outcome half = run(inspect_program, {other});
    CHECK(half.code == 0);
    CHECK(contains(half.out, ": a run, "));
    CHECK(contains(half.out,
                   "note: the last line of the log is not whole and was left out\nnote: the run is not finished"));
    write_file(other + "/log.jsonl", "{\"phase\":\n" + log);
    check_error(run(inspect_program, {other}), 1, {"log.jsonl: line 1: is damaged, expected a JSON object"});
    write_file(other + "/log.jsonl", "{\"phase\":3}\n");
    check_error(run(inspect_program, {other}), 1, {"log.jsonl: line 1: expected a phase, a round and a step in it"});
    write_file(other + "/log.jsonl", "");
    CHECK(run(inspect_program, {other}).code == 0);
    write_file(other + "/record.json", "[]");
    check_error(run(inspect_program, {other}), 1, {"record.json: is damaged, expected a JSON object"});
}
