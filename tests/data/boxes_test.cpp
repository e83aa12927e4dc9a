// Files of boxes: what is read, what is refused with its line; average precision of real detections.
#include "fathom/data/boxes.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <sstream>

#include "fathom/data/pairs.hpp"
#include "tests/data/support.hpp"
#include "tests/io/support.hpp"
#include "tests/support.hpp"

using namespace fathom;
using namespace fathom::data;
using io_test::error_of;
using io_test::read_file;
using metrics::Box;

namespace {

constexpr BoxOptions yolo = {.format = BoxFormat::yolo, .classes = 3, .height = 480, .width = 640},
                     pixels = {.format = BoxFormat::pixels, .classes = 3};

std::string shared(const std::string& name) {
    const char* root = std::getenv("FATHOM_SHARED");
    return std::string(root ? root : "../shared") + "/data/msrs_boxes/" + name;
}

bool missing() {
    if (std::filesystem::exists(shared("values.csv"))) return false;
    MESSAGE("SKIPPED: no folder " << shared(""));
    return true;
}

std::vector<std::string> split(const std::string& text, char by) {
    std::istringstream in(text);
    std::vector<std::string> parts;
    for (std::string part; std::getline(in, part, by);) parts.push_back(part);
    return parts;
}

// Of the images whose names end in `ending`.
metrics::AveragePrecision compared(const std::string& labels, const std::string& predicted, const std::string& ending) {
    metrics::AveragePrecision ap(3);
    for (const ImageFile& file : list_texts(shared(labels), "boxes"))
        if (file.name.ends_with(ending))
            ap.add(read_boxes(file.path, yolo), read_detections(shared(predicted) + "/" + file.name + ".txt", pixels));
    return ap;
}

// A row's numbers, at `row` and behind it, with its class before them.
double difference(const metrics::AveragePrecision& ap, const std::vector<std::string>& row, std::size_t at) {
    static const std::map<std::string, std::int64_t> classes = {{"person", 0}, {"bicycle", 1}, {"car", 2}};
    const auto found = row[at] == "mean" ? ap.mean() : ap.of(classes.at(row[at]));
    CHECK(found.boxes == std::stoll(row[at + 1]));
    CHECK(found.predictions == std::stoll(row[at + 2]));
    double most = 0;
    for (const auto& [value, text] : {std::pair{found.ap50, row[at + 3]}, {found.ap50_95, row[at + 4]}}) {
        REQUIRE(value.has_value() == (text != "nan"));
        if (value) most = std::max(most, std::abs(*value - std::stod(text)));
    }
    return most;
}

}  // namespace

TEST_CASE("data/boxes: real detections have the average precision that pycocotools gives") {
    if (missing()) return;
    std::map<std::string, metrics::AveragePrecision> known;
    const auto rows = split(read_file(shared("values.csv")), '\n');
    REQUIRE(rows.size() == 109);
    REQUIRE(rows[0] == "predicted,labels,subset,class,boxes,predictions,ap50,ap50_95");
    double most = 0;
    for (std::size_t i = 1; i < rows.size(); ++i) {
        CAPTURE(rows[i]);
        const auto row = split(rows[i], ',');
        const std::string key = row[0] + "," + row[1] + "," + row[2];
        if (!known.contains(key))
            known.emplace(key, compared(row[1], "predicted_" + row[0],
                                        row[2] == "day"     ? "D"
                                        : row[2] == "night" ? "N"
                                                            : ""));
        most = std::max(most, difference(known.at(key), row, 3));
    }
    CAPTURE(most);
    CHECK(most <= 5.0001e-10);  // what their nine decimals leave open
}

TEST_CASE("data/boxes: the corner cases of COCO's rules") {
    if (missing()) return;
    const auto ap = compared("corners/labels", "corners/predicted", "");
    const auto rows = split(read_file(shared("corners/values.csv")), '\n');
    REQUIRE(rows.size() == 5);
    for (std::size_t i = 1; i < rows.size(); ++i) {
        CAPTURE(rows[i]);
        CHECK(difference(ap, split(rows[i], ','), 0) <= 5.0001e-10);
    }
}

TEST_CASE("data/boxes: both formats, labelled and found") {
    CHECK(parse_boxes("f", "0 0.5 0.5 0.25 1\n2\t.25  0.25 0.5 0.5\t\r\n\n", yolo) ==
          std::vector<metrics::LabelledBox>{{0, {240, 0, 400, 480}}, {2, {0, 0, 320, 240}}});
    CHECK(parse_detections("f", "1 0.5 0.5 0.25 1 0.875", yolo) ==
          std::vector<metrics::PredictedBox>{{1, 0.875, {240, 0, 400, 480}}});
    CHECK(parse_boxes("f", "0 -3.5 2 10 1e2", pixels) == std::vector<metrics::LabelledBox>{{0, {-3.5, 2, 10, 100}}});
    CHECK(parse_detections("f", "1 0.875 1 2 3 4\n", pixels) ==
          std::vector<metrics::PredictedBox>{{1, 0.875, {1, 2, 3, 4}}});
    CHECK(parse_boxes("f", "", yolo).empty());
    CHECK(parse_detections("f", "\n \r\n", pixels).empty());
}

TEST_CASE("data/boxes: a line that is none is named") {
    const auto boxes = [](const char* text, const BoxOptions& options) {
        return error_of([&] { parse_boxes("a.txt", text, options); });
    };
    CHECK(boxes("0 0.5 0.5 0.25 1\n\n0 0.5 0.5 0.25\n", yolo) ==
          "a.txt: line 3: expected 5 numbers, class cx cy w h, got 4");
    CHECK(boxes("0 0.9 1 2 3 4", pixels) == "a.txt: line 1: expected 5 numbers, class x1 y1 x2 y2, got 6");
    CHECK(boxes("person 0 0 1 1", pixels) == "a.txt: line 1: expected the number of a class, got \"person\"");
    CHECK(boxes("1.0 0 0 1 1", pixels) == "a.txt: line 1: expected the number of a class, got \"1.0\"");
    CHECK(boxes("3 0 0 1 1", pixels) == "a.txt: line 1: the class is 3, expected 0 to 2");
    CHECK(boxes("-1 0 0 1 1", pixels) == "a.txt: line 1: the class is -1, expected 0 to 2");
    CHECK(boxes("0 0 0 1 1px", pixels) == "a.txt: line 1: expected a finite number, got \"1px\"");
    CHECK(boxes("0 0 0 1 inf", pixels) == "a.txt: line 1: expected a finite number, got \"inf\"");
    CHECK(boxes("0 0 0 1e999 1", pixels) == "a.txt: line 1: expected a finite number, got \"1e999\"");
    CHECK(boxes("0 0 5 1 4", pixels) == "a.txt: line 1: expected the upper left corner first, got (0, 5) and (1, 4)");
    CHECK(boxes("0 320 240 100 50", yolo) == "a.txt: line 1: expected shares of the picture, from 0 to 1, got 320");
    CHECK(boxes("0 0.5 0.5 -0.1 0.1", yolo) == "a.txt: line 1: expected a size, got -0.1 x 0.1");
    CHECK(error_of([] { parse_detections("a.txt", "0 0 0 1 1", pixels); }) ==
          "a.txt: line 1: expected 6 numbers, class score x1 y1 x2 y2, got 5");
    CHECK(error_of([] { parse_detections("a.txt", "0 nan 0 0 1 1", pixels); }) ==
          "a.txt: line 1: expected a finite number, got \"nan\"");
    CHECK(fathom::tests::message_of([] { parse_boxes("a.txt", "", {.classes = 2}); }) ==
          "boxes: the picture has 0 x 0 pixels, expected its size: the boxes are shares of it at here");
    CHECK(fathom::tests::message_of([] { parse_boxes("a.txt", "", {.format = BoxFormat::pixels, .classes = 0}); }) ==
          "boxes: 0 classes, expected at least 1 at here");
    CHECK(error_of([] { read_boxes("/nowhere/a.txt", pixels); }).starts_with("/nowhere/a.txt: "));
}

TEST_CASE("data/boxes: damaged files give boxes or an error that names them") {
    const std::string labelled = "0 0.5 0.5 0.25 1\n2\t.25  0.25 0.5 0.5\r\n1 1 1 0 0",
                      found =
                          "0 0.669480 481.080 159.330 548.930 321.845\n2 0.266079 525.524 221.021 555.300 285.877\n";
    io_test::fuzz("f", labelled, 1, [](std::string_view bytes) { parse_boxes("f", bytes, yolo); });
    io_test::fuzz("f", found, 1, [](std::string_view bytes) { parse_detections("f", bytes, pixels); });
}

TEST_CASE("data/boxes: the texts of a folder") {
    const data_test::Folder folder;
    CHECK(error_of([&] { list_texts(folder.path, "boxes"); }) ==
          folder.path.string() + ": the folder has no texts, expected .txt files");
    data_test::touch(folder / "classes.txt");
    CHECK(error_of([&] { list_texts(folder.path, "boxes"); }) ==
          folder.path.string() + ": the folder has no texts but classes.txt, expected one for each image");
    data_test::touch(folder / "b.txt"), data_test::touch(folder / "a.TXT"), data_test::touch(folder / ".hidden");
    const auto files = list_texts(folder.path, "boxes");
    REQUIRE(files.size() == 2);
    CHECK(files[0].name == "a");
    CHECK(files[1].path == folder / "b.txt");
    data_test::touch(folder / "c.png");
    CHECK(error_of([&] { list_texts(folder.path, "boxes"); }) ==
          folder / "c.png" + ": is not a text by its name, expected .txt in a folder of boxes");
}
