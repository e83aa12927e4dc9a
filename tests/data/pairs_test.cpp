#include "fathom/data/pairs.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <functional>
#include <string>

#include "fathom/data/file_names.hpp"
#include "tests/data/support.hpp"
#include "tests/io/image_bytes.hpp"

using namespace fathom;
using data::PairFolder;
using data_test::Folder;
using data_test::pattern;
using data_test::touch;
using data_test::write_grey16;
using data_test::write_pattern;

namespace {

std::string message(const std::function<void()>& f) {
    try {
        f();
    } catch (const Error& error) {
        return error.what();
    }
    return "nothing was thrown";
}

}  // namespace

TEST_CASE("data/pairs: matched by stem, sorted, whatever the order and the extension") {
    const Folder f;
    const std::string vi = f.make("vi"), ir = f.make("ir");
    for (const char* name : {"/b.png", "/a.png", "/10.PNG", "/c.d.png"}) touch(vi + name);
    for (const char* name : {"/c.d.png", "/10.png", "/b.bmp", "/a.jpeg"}) touch(ir + name);
    touch(vi + "/.hidden");
    touch(vi + "/Thumbs.db");
    touch(ir + "/desktop.ini");
    f.make("vi/inner");
    const PairFolder pairs(vi, ir);
    REQUIRE(pairs.size() == 4);
    CHECK(pairs[0].name == "10");
    CHECK(pairs[1].name == "a");
    CHECK(pairs[1].visible == vi + "/a.png");
    CHECK(pairs[1].infrared == ir + "/a.jpeg");
    CHECK(pairs[2].name == "b");
    CHECK(pairs[3].name == "c.d");
    CHECK(PairFolder::msrs(f.path.string()).size() == 4);
    CHECK(PairFolder::msrs(f.path.string() + "/")[1].visible == vi + "/a.png");
}

TEST_CASE("data/pairs: a missing partner on either side is named before any file is read") {
    const Folder f;
    const std::string vi = f.make("vi"), ir = f.make("ir");
    for (const char* name : {"/a.png", "/b.png", "/c.png", "/d.png"})
        touch(vi + name);  // no images: reading them would fail
    for (const char* name : {"/a.png", "/c.png"}) touch(ir + name);
    CHECK(message([&] { PairFolder(vi, ir); }) ==
          vi + "/b.png: has no infrared partner: no file named b in " + ir + " (1 more have none either)");
    touch(ir + "/b.png");
    touch(ir + "/d.png");
    touch(ir + "/e.jpg");
    CHECK(message([&] { PairFolder(vi, ir); }) == ir + "/e.jpg: has no visible partner: no file named e in " + vi);
}

TEST_CASE("data/pairs: folders that do not exist, are empty, or hold something else") {
    const Folder f;
    const std::string vi = f.make("vi"), ir = f.make("ir");
    CHECK(message([&] { PairFolder(f / "none", ir); }) ==
          f / "none" + ": cannot open the folder, No such file or directory");
    CHECK(message([&] { PairFolder(vi, ir); }) ==
          vi + ": the folder has no images, expected .png, .jpg, .jpeg or .bmp files");
    CHECK(message([&] { PairFolder::msrs(vi); }) == vi + ": has no folder vi, expected vi and ir (the layout of MSRS)");
    touch(vi + "/a.png");
    touch(ir + "/a.png");
    touch(ir + "/a.tiff");
    CHECK(message([&] { PairFolder(vi, ir); }) ==
          ir + "/a.tiff: is not an image by its name, expected .png, .jpg, .jpeg or .bmp in a folder of pairs");
    std::filesystem::remove(ir + "/a.tiff");
    touch(ir + "/a.bmp");
    CHECK(message([&] { PairFolder(vi, ir); }) ==
          ir + "/a.png: has the name of " + ir + "/a.bmp, expected one file of a name");
    CHECK(message([&] { PairFolder(vi + "/a.png", ir); }) == vi + "/a.png: cannot open the folder, Not a directory");
}

TEST_CASE("data/pairs: pixels as they stand in the files; grey where color is expected, and the reverse") {
    const Folder f;
    const std::string vi = f.make("vi"), ir = f.make("ir");
    write_pattern(vi + "/1.png", 3, 5, 3, 0);
    write_pattern(ir + "/1.png", 3, 5, 1, 9);
    write_pattern(vi + "/2.png", 3, 5, 1, 0);
    write_pattern(ir + "/2.png", 3, 5, 3, 9);
    const PairFolder pairs(vi, ir);
    const auto first = pairs.load(0), second = pairs.load(1);
    CHECK(first.name == "1");
    REQUIRE(first.visible.shape() == Shape{3, 5, 3});
    REQUIRE(first.infrared.shape() == Shape{3, 5, 1});
    REQUIRE(second.visible.shape() == Shape{3, 5, 1});
    REQUIRE(second.infrared.shape() == Shape{3, 5, 1});
    for (std::int64_t y = 0; y < 3; ++y)
        for (std::int64_t x = 0; x < 5; ++x) {
            const std::int64_t at = y * 5 + x;
            for (std::int64_t c = 0; c < 3; ++c)
                CHECK(first.visible.data()[3 * at + c] == doctest::Approx(pattern(y, x, c, 0)).epsilon(1e-6));
            CHECK(second.visible.data()[at] == doctest::Approx(pattern(y, x, 0, 0)).epsilon(1e-6));
            CHECK(first.infrared.data()[at] == doctest::Approx(pattern(y, x, 0, 9)).epsilon(1e-6));
            const double grey = 0.299 * pattern(y, x, 0, 9) + 0.587 * pattern(y, x, 1, 9) + 0.114 * pattern(y, x, 2, 9);
            CHECK(second.infrared.data()[at] == doctest::Approx(grey).epsilon(1e-5));
        }
    CHECK(message([&] { pairs.load(2); }).find("load: pair 2 of 2") == 0);
}

TEST_CASE("data/pairs: 16-bit infrared") {
    const Folder f;
    const std::string vi = f.make("vi"), ir = f.make("ir");
    write_pattern(vi + "/1.png", 2, 2, 3, 0);
    write_grey16(ir + "/1.png", 2, 2, {0, 1, 40000, 65535});
    const auto loaded = PairFolder(vi, ir).load(0);
    const std::vector<double> expected = {0, 1 / 65535.0, 40000 / 65535.0, 1};
    for (std::size_t i = 0; i < 4; ++i) CHECK(loaded.infrared.data()[i] == doctest::Approx(expected[i]).epsilon(1e-6));
}

TEST_CASE("data/pairs: sizes that differ, files that are no images") {
    const Folder f;
    const std::string vi = f.make("vi"), ir = f.make("ir");
    write_pattern(vi + "/a.png", 6, 9, 3, 0);
    write_pattern(ir + "/a.png", 6, 9, 1, 0);
    write_pattern(vi + "/b.png", 8, 7, 3, 0);
    write_pattern(ir + "/b.png", 8, 7, 1, 0);
    const auto extent = PairFolder(vi, ir).check();
    CHECK(extent.height == 6);
    CHECK(extent.width == 7);
    write_pattern(ir + "/b.png", 7, 8, 1, 0);
    const PairFolder pairs(vi, ir);
    const std::string expected = ir + "/b.png: has 7 x 8 pixels, expected the 8 x 7 of " + vi + "/b.png";
    CHECK(message([&] { pairs.load(1); }) == expected);
    CHECK(message([&] { pairs.check(); }) == expected);
    touch(vi + "/b.png");
    CHECK(message([&] { pairs.load(1); }).find(vi + "/b.png: ") == 0);
    CHECK(message([&] { pairs.check(); }).find(vi + "/b.png: ") == 0);
}

TEST_CASE("data/pairs: the real pairs of MSRS") {
    const char* shared = std::getenv("FATHOM_SHARED");
    const std::string root = std::string(shared ? shared : "../shared") + "/data/msrs_labelled/";
    if (!std::filesystem::exists(root)) {
        MESSAGE("SKIPPED: no folder " << root);
        return;
    }
    const PairFolder train = PairFolder::msrs(root + "train"), test = PairFolder::msrs(root + "test");
    CHECK(train.size() == 69);
    CHECK(test.size() == 24);
    const auto extent = test.check();
    CHECK(extent.height == 480);
    CHECK(extent.width == 640);
    const auto night = test.load(0);
    CHECK(night.name == "01190N");
    double visible = 0, infrared = 0;
    for (std::int64_t i = 0; i < night.visible.numel(); ++i) visible += night.visible.data()[i];
    for (std::int64_t i = 0; i < night.infrared.numel(); ++i) infrared += night.infrared.data()[i];
    CHECK(infrared / static_cast<double>(night.infrared.numel()) == doctest::Approx(11.9 / 255).epsilon(0.01));
    CHECK(visible / static_cast<double>(night.visible.numel()) < 0.15);
}

TEST_CASE("data/pairs: an accent written in two ways is one name") {
    const Folder f;
    const std::string vi = f.make("vi"), ir = f.make("ir");
    const char* composed[] = {"/caf\u00e9.png", "/\u1ec7.png", "/\uac01\uac00.png", "/\u30ac.png", "/\u212b.png"};
    const char* separate[] = {"/cafe\u0301.png", "/e\u0302\u0323.png", "/\u1100\u1161\u11a8\u1100\u1161.png",
                              "/\u30ab\u3099.png", "/A\u030a.png"};
    for (const char* name : composed) touch(vi + name);
    for (const char* name : separate) touch(ir + name);
    const PairFolder pairs(vi, ir);
    REQUIRE(pairs.size() == 5);
    for (const data::ImagePair& pair : pairs) {
        const std::string name = pair.visible.substr(vi.size());
        CHECK(pair.name == name.substr(1, name.size() - 5));  // as the visible image has it
        bool found = false;
        for (int i = 0; i < 5; ++i) found = found || (name == composed[i] && pair.infrared == ir + separate[i]);
        CHECK_MESSAGE(found, name << " with " << pair.infrared);
    }
    touch(vi + separate[0]);
    CHECK(message([&] { PairFolder(vi, ir); }).find("has the name of") != std::string::npos);
    // Other letters stay other letters; what is not UTF-8 is compared as it is.
    CHECK(data::decomposed("cafe") != data::decomposed("caf\u00e9"));
    CHECK(data::decomposed("caf\u00e9") == "cafe\u0301");
    CHECK(data::decomposed("\xe9\xcc") == "\xe9\xcc");
    CHECK(data::decomposed("\U0001f600e\u0301") == "\U0001f600e\u0301");
}

TEST_CASE("data/pairs: an image that EXIF turns is said to be") {
    const Folder f;
    const std::string vi = f.make("vi"), ir = f.make("ir");
    write_pattern(vi + "/a.jpg", 6, 4, 3, 1);
    write_pattern(ir + "/a.png", 4, 6, 1, 2);
    CHECK(message([&] { PairFolder(vi, ir).check(); }).find("expected the 6 x 4") != std::string::npos);
    std::string jpeg = io_test::read_file(vi + "/a.jpg");
    io_test::write_file(vi + "/a.jpg", io_test::with_exif(jpeg, io_test::exif(6)));
    const PairFolder pairs(vi, ir);
    const std::vector<std::string> notes = {
        vi + "/a.jpg: turned by 90 degrees to the right, as its EXIF orientation, 6, says"};
    const PairFolder::Extent extent = pairs.check();
    CHECK(extent.height == 4);
    CHECK(extent.width == 6);
    CHECK(extent.notes == notes);
    const data::LoadedPair pair = pairs.load(0);
    CHECK(pair.visible.shape() == Shape{4, 6, 3});
    CHECK(pair.notes == notes);
}
