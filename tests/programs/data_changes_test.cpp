// What happens to a run of train_seafusion when its data are bad, change or move.
#include "fathom/io/image.hpp"
#include "fathom/tensor/factories.hpp"
#include "tests/programs/training.hpp"

using namespace fathom;
using namespace programs_test;
using io_test::read_file;

namespace {

// A run that Ctrl-C stops in its first moments.
void begin(const Data& d, const Arguments& more = {}) {
    const Outcome outcome = run(train_program, d.small(d.run) + Arguments{"--threads", "1", "--quiet"} + more,
                                {{"LD_PRELOAD", FATHOM_INTERRUPT_AT_LIBRARY}, {"FATHOM_INTERRUPT_AT", "11"}});
    REQUIRE_MESSAGE(outcome.code == 0, outcome.err);
    REQUIRE(exists(d.run + "/checkpoints/last.safetensors"));
    REQUIRE(!exists(d.run + "/summary.json"));
}

void spoil_label(const std::string& file, std::uint8_t value) {
    auto label = zeros<std::uint8_t>({48, 64, 1});
    label(7, 9, 0) = value;
    io::write_image(file, label);
}

}  // namespace

TEST_CASE("programs/data_changes: a bad label or picture anywhere ends a run before it begins") {
    const Data d;
    for (const std::string split : {"/train", "/test"}) {
        const std::string name = split == "/train" ? "/00003D.png" : "/00010D.png",
                          file = d.data + split + "/Segmentation_labels" + name, good = read_file(file);
        spoil_label(file, 12);
        d.check_refused(d.small(d.run) + Arguments{"--quiet"},
                        {file, "row 7, column 9", "is 12, expected 0 to 8 or 255"});
        data_test::write_pattern(file, 48, 64, 3, 0);
        d.check_refused(d.small(d.run) + Arguments{"--quiet"}, {file, "color"});
        io_test::write_file(file, good);
        // Its checksums are right, its pixels are not.
        const std::string picture = d.data + split + "/vi" + name, whole = read_file(picture);
        data_test::write_png(picture, 48, 64, 8, 2, std::string(100, '\0'));
        d.check_refused(d.small(d.run) + Arguments{"--quiet"}, {picture});
        io_test::write_file(picture, whole);
    }
}

TEST_CASE("programs/data_changes: files that are no data do not matter, and data may move") {
    if (sanitized) return;
    const Data d;
    const Arguments options = {"--threads", "1", "--quiet"};
    const std::string whole = d.folder / "whole";
    REQUIRE(run(train_program, d.small(whole) + options).code == 0);
    begin(d);
    for (const char* name : {".DS_Store", "Thumbs.db", "desktop.ini", "._00001N.png"})
        for (const char* part : {"/train/vi/", "/test/Segmentation_labels/"})
            io_test::write_file(d.data + part + name, "something");
    d.folder.make("data/train/ir/more");
    const std::string moved = d.folder / "moved";
    std::filesystem::rename(d.data, moved);
    check_error(resume(d.run), 1, {d.data, "no such folder"});
    const Outcome outcome = resume(d.run, {"--data", moved, "--quiet"});
    CHECK_MESSAGE(outcome.code == 0, outcome.err);
    CHECK(but_for_people(outcome.err) == "");
    CHECK((weights_of(d.run) == weights_of(whole)));
    CHECK(resume(d.run).code == 0);  // and the new place is known
}

TEST_CASE("programs/data_changes: what was not used yet may change, what was used must be accepted") {
    if (sanitized) return;
    const Data d;
    begin(d);
    const std::string label = "test/Segmentation_labels/00009D.png", image = "train/vi/00002D.png";
    spoil_label(d.data + "/" + label, 3);
    spoil_label(d.data + "/train/Segmentation_labels/00001N.png", 4);
    const std::string old = read_file(d.data + "/" + image);
    data_test::write_pattern(d.data + "/" + image, 48, 64, 3, 1);
    check_error(resume(d.run), 1,
                {d.run + ": the data are not those of the run: " + image + " has changed; --accept-changed-data"});
    io_test::write_file(d.data + "/" + image, old);
    spoil_label(d.data + "/" + label, 77);
    check_error(resume(d.run), 1, {label, "is 77"});
    spoil_label(d.data + "/" + label, 3);
    const Outcome outcome = resume(d.run, {});
    CHECK_MESSAGE(outcome.code == 0, outcome.err);
    CHECK(contains(outcome.err, "changed, but not used yet: " + label + " has changed"));
    // Now all is used.
    for (const char* part : {"vi", "ir", "Segmentation_labels"})
        std::filesystem::remove(d.data + "/test/" + part + "/00010D.png");
    spoil_label(d.data + "/" + label, 2);
    check_error(resume(d.run), 1,
                {"test/Segmentation_labels/00010D.png is gone", "test/ir/00010D.png is gone", label + " has changed"});
    const Outcome accepted = resume(d.run, {"--accept-changed-data", "--rounds", "2"});
    CHECK_MESSAGE(accepted.code == 0, accepted.err);
    CHECK(contains(accepted.err, "warning: the data are not those of the run: "));
    CHECK(contains(accepted.out, "round 2, 1 test images"));
}

TEST_CASE("programs/data_changes: a picture that was made of an image that changed is made again") {
    const Data d;
    REQUIRE(d.train({"--quiet", "--rounds", "1"}).code == 0);
    const std::string picture = d.run + "/round_1/train/00002D.png";
    REQUIRE(exists(picture));
    data_test::write_pattern(d.data + "/train/ir/00002D.png", 48, 64, 1, 1);
    CHECK(resume(d.run, {"--accept-changed-data"}).code == 0);
    CHECK(!exists(picture));
}

TEST_CASE("programs/data_changes: a run of an earlier version, which kept no list") {
    const Data d;
    REQUIRE(run(train_program, d.content_only(d.run) + Arguments{"--quiet"}).code == 0);
    std::filesystem::remove(d.run + "/data.json");
    check_error(resume(d.run), 1, {"data.json is missing", "--accept-changed-data"});
    const Outcome outcome = resume(d.run, {"--accept-changed-data"});
    CHECK(outcome.code == 0);
    CHECK(contains(outcome.err, "warning: " + d.run));
    CHECK(resume(d.run, {}).code == 0);
}

TEST_CASE("programs/data_changes: thermal counts that use next to nothing of 16 bits are said") {
    const Data d;
    std::vector<std::uint16_t> counts;
    for (int i = 0; i < 48 * 64; ++i) counts.push_back(static_cast<std::uint16_t>(20000 + i % 1021));
    data_test::write_grey16(d.data + "/train/ir/00002D.png", 48, 64, counts);
    const Outcome outcome = run(train_program, d.content_only(d.run) + Arguments{"--quiet"});
    CHECK(outcome.code == 0);
    CHECK(contains(outcome.err, "warning: " + d.data +
                                    "/train/ir/00002D.png: its 16-bit values lie between 20000 and 21020, 1.6% of the "
                                    "range, and will have little contrast; --ir-range auto stretches them"));
}
