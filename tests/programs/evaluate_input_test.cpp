// Bad input that the commands of evaluate share, beside what the tests of each have: folders without images, labels
// outside the classes, runs that are half written, places that nobody can write to.
#include "tests/programs/fused_scenes.hpp"
#include "tests/programs/reports.hpp"

using namespace fathom;
using namespace programs_test;
using io_test::read_file;
using io_test::write_file;

TEST_CASE("programs/evaluate_input: folders without images and labels outside the classes") {
    const Scenes s;
    const std::string labels = s.folder.make("labels");
    for (const std::string& name : s.names) write_constant(labels + "/" + name, 8);
    write_constant(labels + "/b.png", 77);
    s.check_refused({s.near}, {"--labels", labels},
                    {labels + "/b.png: the label at row 0, column 0 is 77, expected 0 to 8 or 255"});
    s.check_refused({s.near}, {"--labels", s.folder.make("empty")}, {"empty: the folder has no images"});

    const Data d;
    for (const char* part : {"/vi", "/ir", "/Segmentation_labels"}) {
        std::filesystem::remove_all(d.data + "/test" + part);
        std::filesystem::create_directories(d.data + "/test" + part);
    }
    check_error(run(evaluate_program, {"task", "--data", d.data, "--inputs", "visible", "--retrain", "1", "--crop",
                                       "32", "--out", d.folder / "out"}),
                1, {d.data + "/test/vi: the folder has no images"});
    CHECK(!exists(d.folder / "out"));
}

TEST_CASE("programs/evaluate_input: a run that is half written, at every kind of place") {
    const Folder folder;
    const std::string whole = folder / "whole", half = folder / "half", csv = folder / "t.csv";
    write_run(whole, 3), write_run(half, 3);
    const std::string log = read_file(half + "/log.jsonl");
    const auto ablation = [&] { return run(evaluate_program, {"ablation", whole, half, "--csv", csv}); };
    // In the middle of a step, with a round behind it: what is whole counts, and the page says what is not.
    write_file(half + "/log.jsonl", log + log.substr(0, 30));
    REQUIRE(ablation().code == 0);
    CHECK(contains(lines_of(csv)[2], half + ",1,"));
    const Outcome page = run(report_program, {half});
    CHECK(page.code == 0);
    CHECK(contains(read_file(half + "/report/index.html"), "the last line of the log is not whole and was left out"));
    // In the middle of the measures, and before them.
    const std::size_t measures = log.find("{\"measures\"");
    for (const std::size_t end : {measures + 40, measures, std::size_t{0}}) {
        write_file(half + "/log.jsonl", log.substr(0, end));
        check_error(ablation(), 1, {half + ": the run has not measured a round yet"});
        CHECK(run(report_program, {half}).code == 0);
    }
    // A record that is cut off is no run.
    const std::string record = read_file(half + "/record.json");
    write_file(half + "/record.json", record.substr(0, record.size() / 2));
    check_error(ablation(), 1, {half + "/record.json: is damaged"});
    check_error(run(report_program, {half}), 1, {half + "/record.json: is damaged"});
}

// /proc takes no files, whoever asks.
TEST_CASE("programs/evaluate_input: a folder that cannot be written to" * doctest::skip(!exists("/proc/self"))) {
    const Scenes s;
    for (const std::string option : {"--csv", "--json", "--latex"})
        s.check_refused({s.near}, {option, "/proc/fathom"}, {"/proc/fathom"});
    s.check_refused({s.near}, {"--report", "/proc/fathom/page"}, {"/proc/fathom"});
    const Data d;
    check_error(run(evaluate_program, {"task", "--data", d.data, "--inputs", "visible", "--retrain", "1", "--crop",
                                       "32", "--out", "/proc/fathom", "--quiet"}),
                1, {"/proc/fathom"});
    d.check_refused(d.small("/proc/fathom"), {"/proc/fathom"});
}
