// evaluate detection: the table that pycocotools gives, formats, pictures, and what is refused.
#include <nlohmann/json.hpp>

#include "fathom/io/image.hpp"
#include "tests/programs/training.hpp"

using namespace fathom;
using namespace programs_test;
using io_test::read_file;
using io_test::write_file;
using nlohmann::json;

namespace {

// Three images of 40x80: boxes, and what was found; in pixels the same boxes once more.
struct Boxes {
    Folder folder;
    std::string boxes = folder.make("boxes"), pixels = folder.make("pixels"), found = folder.make("found"),
                images = folder.make("images");

    Boxes() {
        write_file(boxes + "/a.txt", "0 0.25 0.5 0.25 0.5\n2 0.75 0.5 0.25 0.5");
        write_file(pixels + "/a.txt", "0 10 10 30 30\n2 50 10 70 30\n");
        write_file(found + "/a.txt", "0 0.9 10 10 30 30\n0 0.8 0 0 5 5\n2 0.3 50 10 70 20\n");
        write_file(boxes + "/b.txt", "");
        write_file(pixels + "/b.txt", "");
        write_file(found + "/b.txt", "2 0.2 1 1 2 2\n");
        write_file(boxes + "/night_c.txt", "0 0.5 0.5 1 1");
        write_file(pixels + "/night_c.txt", "0 0 0 80 40");
        write_file(found + "/night_c.txt", "");
        for (const char* name : {"/a.png", "/b.png", "/night_c.png"})
            data_test::write_pattern(images + name, 40, 80, 3, 0);
    }
    Outcome evaluate(const Arguments& more) const { return run(evaluate_program, Arguments{"detection"} + more); }
    Arguments arguments() const { return {"--boxes", boxes, "--predicted", found, "--size", "40x80"}; }
    void check_refused(const Arguments& more, const std::vector<std::string>& parts, int code = 1) const {
        const auto before = contents(folder.path);
        check_error(evaluate(arguments() + more), code, parts);
        CHECK(contents(folder.path) == before);
    }
};

const std::string table =
    "predicted,labels,subset,class,boxes,predictions,ap50,ap50_95\n"
    "ours,boxes,all,person,2,2,0.504950495,0.504950495\n"
    "ours,boxes,all,bicycle,0,0,nan,nan\n"
    "ours,boxes,all,car,1,2,1.000000000,0.100000000\n"
    "ours,boxes,all,mean,3,4,0.752475248,0.302475248\n"
    "ours,boxes,dark,person,1,0,0.000000000,0.000000000\n"
    "ours,boxes,dark,bicycle,0,0,nan,nan\n"
    "ours,boxes,dark,car,0,0,nan,nan\n"
    "ours,boxes,dark,mean,1,0,0.000000000,0.000000000\n";

}  // namespace

TEST_CASE("programs/evaluate_detection: the table of the shared boxes, to the last digit") {
    const char* root = std::getenv("FATHOM_SHARED");
    const std::string shared = std::string(root ? root : "../shared") + "/data/msrs_boxes";
    if (!exists(shared + "/values.csv")) {
        MESSAGE("SKIPPED: no folder " << shared);
        return;
    }
    const Folder folder;
    const Outcome outcome =
        run(evaluate_program, {"detection", "--boxes", shared + "/visible", shared + "/infrared", shared + "/fusion",
                               "--predicted", "visible=" + shared + "/predicted_visible",
                               "infrared=" + shared + "/predicted_infrared", "fused=" + shared + "/predicted_fused",
                               "--size", "480x640", "--subset", "day=*D", "night=*N", "--csv", folder / "d.csv"});
    REQUIRE_MESSAGE(outcome.code == 0, outcome.err);
    CHECK((read_file(folder / "d.csv") == read_file(shared + "/values.csv")));
}

TEST_CASE("programs/evaluate_detection: both formats, subsets, JSON and the printed table") {
    const Boxes b;
    const Arguments outputs = {"--subset", "dark=night*", "--csv", b.folder / "d.csv", "--json", b.folder / "d.json"};
    const Outcome outcome = b.evaluate(b.arguments() + Arguments{"--predicted", "ours=" + b.found} + outputs);
    REQUIRE_MESSAGE(outcome.code == 0, outcome.err);
    CHECK(outcome.err == "");
    CHECK(read_file(b.folder / "d.csv") == table);
    for (const char* part : {"labels boxes, all: 3 images\n", "labels boxes, dark: 1 images\n",
                             "    ours                0.5050    absent", "AP50:95"})
        CHECK_MESSAGE(contains(outcome.out, part), part);
    const json list = json::parse(read_file(b.folder / "d.json"));
    REQUIRE(list.size() == 2);
    CHECK(list[0]["images"] == 3);
    CHECK(list[0]["classes"]["car"]["ap50"] == 1);
    CHECK(list[0]["classes"]["bicycle"]["ap50"].is_null());
    CHECK(list[1]["subset"] == "dark");
    CHECK(list[1]["mean"]["boxes"] == 1);
    // Pixels, which need no size; sizes of pictures; what was found as shares of the picture, with its score at the
    // end.
    const auto same = [&](const Arguments& inputs) {
        const Outcome other = b.evaluate(inputs + outputs);
        REQUIRE_MESSAGE(other.code == 0, other.err);
        CHECK(read_file(b.folder / "d.csv") == table);
    };
    same({"--boxes", "boxes=" + b.pixels, "--format", "pixels", "--predicted", "ours=" + b.found});
    same({"--boxes", b.boxes, "--predicted", "ours=" + b.found, "--images", b.images});
    write_file(b.found + "/a.txt",
               "0 0.25 0.5 0.25 0.5 0.9\n0 0.03125 .0625 0.0625 0.125 .8\n2 0.75 0.375 0.25 0.25 0.3");
    write_file(b.found + "/b.txt", "2 0.01 0.01 0.01 0.01 0.2\r\n");
    write_file(b.found + "/classes.txt", "person\nbicycle\ncar\n");
    same({"--boxes", b.boxes, "--predicted", "ours=" + b.found, "--predicted-format", "yolo", "--size", "40x80"});
}

TEST_CASE("programs/evaluate_detection: pictures show what was labelled, and what was found right and false") {
    const Boxes b;
    const std::string out = b.folder / "pictures";
    const Outcome outcome = b.evaluate({"--boxes", b.boxes, "--predicted", "one=" + b.found, "two=" + b.found,
                                        "--images", b.images, "--pictures", out, "--quiet"});
    REQUIRE_MESSAGE(outcome.code == 0, outcome.err);
    CHECK(outcome.err == "");
    CHECK(contents(out).size() == 3);
    const auto picture = io::read_image(out + "/a.png");
    int labelled = 0, right = 0, wrong = 0;
    for (std::int64_t i = 0; i < picture.numel(); i += 3) {
        const std::uint8_t* p = picture.data() + i;
        labelled += p[0] == 60 && p[1] == 220 && p[2] == 60;
        right += p[0] == 80 && p[1] == 180 && p[2] == 255;
        wrong += p[0] == 255 && p[1] == 70 && p[2] == 60;
    }
    CHECK(labelled > 100);
    CHECK(right > 100);
    CHECK(wrong > 50);
}

TEST_CASE("programs/evaluate_detection: options that do not go together") {
    const Boxes b;
    const Arguments two = {"--boxes", b.boxes, "--predicted", b.found};
    check_error(b.evaluate(two), 2, {"--size: expected HEIGHTxWIDTH, or --images"});
    check_error(b.evaluate(two + Arguments{"--format", "pixels", "--predicted-format", "yolo"}), 2,
                {"--size: expected"});
    check_error(b.evaluate({"--boxes", b.boxes}), 2, {"--predicted is required"});
    b.check_refused({"--images", b.images}, {"--size: not with --images"}, 2);
    b.check_refused({"--pictures", b.folder / "out"}, {"--pictures: only with --images"}, 2);
    b.check_refused({"--predicted", "a=" + b.found, "a=" + b.found}, {"--predicted: two folders are called a"}, 2);
    b.check_refused({"--predicted", "=" + b.found}, {"--predicted: expected NAME=FOLDER or a folder"}, 2);
    b.check_refused({"--subset", "all=*"}, {"--subset: there is a subset all already"}, 2);
    b.check_refused({"--subset", "x=z*"}, {"--subset: x has no image, no name is like z*"});
}

TEST_CASE("programs/evaluate_detection: boxes that do not pair up, and lines that are none") {
    const Boxes b;
    write_file(b.found + "/a.txt", "0 0.9 10 10 30 30\n\n0 0.8 0 0 5\n");
    b.check_refused({}, {b.found + "/a.txt: line 3: expected 6 numbers, class score x1 y1 x2 y2, got 5"});
    write_file(b.found + "/a.txt", "3 0.9 10 10 30 30\n");
    b.check_refused({}, {b.found + "/a.txt: line 1: the class is 3, expected 0 to 2"});
    b.check_refused({"--classes", "1"}, {b.boxes + "/a.txt: line 2: the class is 2, expected 0 to 0"});
    write_file(b.found + "/a.txt", "");
    b.check_refused({"--boxes", b.pixels}, {b.pixels + "/a.txt: line 1: expected shares of the picture"});
    write_file(b.found + "/d.txt", "");
    b.check_refused({}, {b.found + "/d.txt: has no boxes partner: no file named d in " + b.boxes});
    std::filesystem::rename(b.found + "/d.txt", b.boxes + "/d.txt");
    b.check_refused({}, {b.boxes + "/d.txt: has no prediction partner: no file named d in " + b.found});
    std::filesystem::remove(b.boxes + "/d.txt");
    std::filesystem::remove(b.images + "/b.png");
    check_error(b.evaluate({"--boxes", b.boxes, "--predicted", b.found, "--images", b.images}), 1,
                {b.boxes + "/b.txt: has no picture partner: no file named b in " + b.images});
    const std::string empty = b.folder.make("empty");
    b.check_refused({"--predicted", empty}, {empty + ": the folder has no texts, expected .txt files"});
    b.check_refused({"--boxes", b.images}, {"is not a text by its name, expected .txt in a folder of boxes"});
}
