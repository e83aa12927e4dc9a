// evaluate segmentation: tables, overlays, the same numbers as train_seafusion prints, and what is refused.
#include <nlohmann/json.hpp>

#include "fathom/data/dataset.hpp"
#include "fathom/io/image.hpp"
#include "fathom/metrics/boundary.hpp"
#include "fathom/metrics/segmentation.hpp"
#include "fathom/ops/views.hpp"
#include "fathom/seafusion/segmentation_net.hpp"
#include "tests/programs/training.hpp"

using namespace fathom;
using namespace programs_test;
using io_test::read_file;
using io_test::write_file;
using nlohmann::json;

namespace {

void write_label(const std::string& path, std::int64_t height, std::int64_t width,
                 const std::vector<std::uint8_t>& values) {
    io::write_image(path, from_data(values.data(), {height, width, 1}));
}

// Two labels, predictions of them and pictures.
struct Labels {
    Folder folder;
    std::string labels = folder.make("labels"), predicted = folder.make("predicted"), images = folder.make("images");

    Labels() {
        write_label(labels + "/a.png", 2, 3, {0, 0, 0, 1, 1, 255});
        write_label(predicted + "/a.png", 2, 3, {0, 0, 1, 1, 2, 3});
        write_label(labels + "/b.png", 1, 2, {2, 2});
        write_label(predicted + "/b.png", 1, 2, {2, 2});
        data_test::write_pattern(images + "/a.png", 2, 3, 3, 0);
        data_test::write_pattern(images + "/b.png", 1, 2, 1, 9);
    }
    Arguments arguments() const { return {"segmentation", "--quiet", "--labels", labels, "--predicted", predicted}; }
    Outcome evaluate(const Arguments& more = {}) const { return run(evaluate_program, arguments() + more); }
    void check_refused(const Arguments& more, const std::vector<std::string>& parts, int code = 1) const {
        const auto before = contents(folder.path);
        check_error(evaluate(more), code, parts);
        CHECK(contents(folder.path) == before);
    }
};

}  // namespace

TEST_CASE("programs/evaluate_segmentation: numbers of two small images, by hand") {
    const Labels l;
    write_file(l.folder / "classes.txt", "road\ncar, parked\nperson\ndog\n");
    const Outcome outcome = l.evaluate({"--classes", l.folder / "classes.txt", "--csv", l.folder / "s.csv", "--json",
                                        l.folder / "s.json", "--overlays", l.folder / "over", "--images", l.images});
    REQUIRE_MESSAGE(outcome.code == 0, outcome.err);
    CHECK(outcome.err == "");
    // road 3 pixels, 2 right, 1 a car; car 2 pixels, 1 right, 1 a person; person 2 pixels, right; dog nowhere.
    CHECK(read_file(l.folder / "s.csv") ==
          "class,pixels,iou,accuracy,boundary_f1,as road,\"as car, parked\",as person,as dog\n"
          "road,3,0.666666667,0.666666667,1.000000000,2,1,0,0\n"
          "\"car, parked\",2,0.333333333,0.500000000,0.500000000,0,1,1,0\n"
          "person,2,0.666666667,1.000000000,0.000000000,0,0,2,0\n"
          "dog,0,nan,nan,nan,0,0,0,0\n"
          "mean,7,0.555555556,0.722222222,0.500000000,,,,\n"
          "all pixels,7,,0.714285714,,2,2,3,0\n");
    const json m = json::parse(read_file(l.folder / "s.json"));
    CHECK(m["images"] == 2);
    CHECK(m["pixels"] == 7);
    CHECK(m["ignored"] == 1);
    CHECK(m["mean_iou"].get<double>() == doctest::Approx(5.0 / 9));
    CHECK(m["iou"]["dog"].is_null());
    CHECK(m["accuracy"]["road"].get<double>() == doctest::Approx(2.0 / 3));
    CHECK(m["boundary_tolerance"] == 0.0075);
    CHECK(m["confusion"] == json::parse("[[2,1,0,0],[0,1,1,0],[0,0,2,0],[0,0,0,0]]"));
    CHECK(m["labels"] == l.labels);
    CHECK(m["predicted"] == l.predicted);
    for (const char* part :
         {"2 images\n", "    car, parked         0.3333\n", "    dog                 absent, left out",
          "(7 pixels, 1 unsure ones left out)", "    all pixels          0.7143\n"})
        CHECK_MESSAGE(contains(outcome.out, part), part);
    // Three panels, each a picture enlarged.
    CHECK(io::read_image(l.folder / "over/a.png").size(1) > 3 * 300);
    CHECK(exists(l.folder / "over/b.png"));
}

TEST_CASE("programs/evaluate_segmentation: of a net the numbers that train_seafusion prints, and those of its files") {
    const Data d;
    const Outcome trained = d.train();
    REQUIRE_MESSAGE(trained.code == 0, trained.err);
    const std::string weights = d.run + "/segmentation.safetensors", pictures = d.run + "/round_1/test",
                      labels = d.data + "/test/Segmentation_labels";
    const Outcome outcome = run(evaluate_program, {"segmentation", "--labels", labels, "--weights", weights, "--images",
                                                   pictures, "--json", d.folder / "s.json"});
    REQUIRE_MESSAGE(outcome.code == 0, outcome.err);
    const json measures = json::parse(read_file(d.run + "/round_1/measures.json")),
               own = json::parse(read_file(d.folder / "s.json"));
    for (const char* key : {"pixels", "ignored", "mean_iou", "pixel_accuracy", "iou"}) CHECK(own[key] == measures[key]);
    const std::string table = trained.out.substr(trained.out.find("  intersection"),
                                                 trained.out.find("run folder") - trained.out.find("  intersection"));
    CHECK(contains(outcome.out, table));
    // The files that segment writes.
    const std::string predicted = d.folder / "predicted";
    REQUIRE(run(segment_program, {"--weights", weights, "--images", pictures, "--out", predicted}).code == 0);
    REQUIRE(run(evaluate_program,
                {"segmentation", "--labels", labels, "--predicted", predicted, "--json", d.folder / "t.json"})
                .code == 0);
    json files = json::parse(read_file(d.folder / "t.json"));
    for (const char* key : {"predicted", "weights", "pictures"}) files.erase(key);
    json net = own;
    for (const char* key : {"predicted", "weights", "pictures"}) net.erase(key);
    CHECK(files == net);
    // And by the library.
    metrics::ConfusionMatrix confusion;
    metrics::BoundaryF1 boundary;
    for (const std::string name : {"/00009D.png", "/00010D.png"}) {
        const auto p = data::read_label(predicted + name), l = data::read_label(labels + name);
        confusion.add(p, l), boundary.add(p, l);
    }
    CHECK(own["pixels"] == confusion.counted());
    CHECK(own["mean_boundary_f1"].get<double>() == *boundary.mean());

    check_error(run(evaluate_program,
                    {"segmentation", "--labels", labels, "--weights", weights, "--images", pictures, "--classes", "4"}),
                1, {weights + ": is of 9 classes, --classes says 4"});
}

TEST_CASE("programs/evaluate_segmentation: options that do not go together") {
    const Labels l;
    const Arguments labels = {"segmentation", "--labels", l.labels};
    check_error(run(evaluate_program, labels), 2, {"--predicted, --weights: expected one of the two"});
    check_error(run(evaluate_program, {"segmentation"}), 2, {"--labels is required"});
    l.check_refused({"--weights", "w.pth"},
                    {"--predicted, --weights: expected one of the two, got " + l.predicted + " and w.pth"}, 2);
    l.check_refused({"--overlays", l.folder / "over"}, {"--overlays: only with --images"}, 2);
    l.check_refused({"--images", l.images}, {"--images: only with --weights or --overlays"}, 2);
    check_error(run(evaluate_program, labels + Arguments{"--weights", "w.pth"}), 2, {"--weights: only with --images"});
    check_error(run(evaluate_program, {}), 2, {"expected a command, one of ", "segmentation"});
    check_error(run(evaluate_program, {"segmentaton"}), 2,
                {"segmentaton: no such command, did you mean segmentation?"});
}

TEST_CASE("programs/evaluate_segmentation: labels that do not pair up, and what is none") {
    const Labels l;
    const std::string b = l.predicted + "/b.png";
    write_label(b, 2, 1, {2, 2});
    l.check_refused({}, {b + ": has 2 x 1 pixels, expected the 1 x 2 of " + l.labels + "/b.png"});
    write_label(b, 1, 2, {2, 255});
    l.check_refused({}, {b + ": the prediction at row 0, column 1 is 255, expected 0 to 8"});
    write_label(b, 1, 2, {2, 9});
    l.check_refused({}, {b + ": the label at row 0, column 1 is 9, expected 0 to 8 or 255"});
    write_label(b, 1, 2, {2, 2});
    l.check_refused({"--classes", "2"}, {l.predicted + "/a.png: the label at row 1, column 1 is 2, expected 0 to 1"});
    write_label(l.labels + "/a.png", 2, 3, {0, 0, 0, 1, 77, 255});
    l.check_refused({}, {l.labels + "/a.png: the label at row 1, column 1 is 77, expected 0 to 8 or 255"});
    write_label(l.labels + "/c.png", 1, 2, {2, 2});
    l.check_refused({}, {l.labels + "/c.png: has no prediction partner: no file named c in " + l.predicted});
    std::filesystem::rename(l.labels + "/c.png", l.predicted + "/c.png");
    l.check_refused({}, {l.predicted + "/c.png: has no label partner: no file named c in " + l.labels});
    std::filesystem::remove(l.predicted + "/c.png");
    data_test::write_pattern(l.images + "/b.png", 3, 3, 3, 0);
    write_label(l.labels + "/a.png", 2, 3, {0, 0, 0, 1, 1, 255});
    l.check_refused({"--images", l.images, "--overlays", l.folder / "over"},
                    {l.images + "/b.png: has 3 x 3 pixels, expected the 1 x 2 of " + l.labels + "/b.png"});
    const std::string empty = l.folder.make("empty");
    l.check_refused({"--predicted", empty}, {empty + ": the folder has no images"});
    check_error(run(evaluate_program, {"segmentation", "--labels", empty, "--predicted", l.predicted}), 1,
                {empty + ": the folder has no images"});
    l.check_refused({"--predicted", l.folder / "nowhere"}, {"nowhere: cannot open the folder"});
    write_file(l.predicted + "/notes.md", "x");
    l.check_refused({}, {"notes.md: is not an image by its name"});
}
