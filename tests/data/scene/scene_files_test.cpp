#include "fathom/data/scene/scene_files.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <string>

#include "fathom/data/pairs.hpp"
#include "tests/data/support.hpp"

using namespace fathom;

TEST_CASE("data/scene_files: scenes are written in the layout of MSRS and read back the same") {
    const data_test::Folder f;
    const std::string folder = f / "run/scenes";
    data::write_scenes(folder, 98, 3, {40, 56});
    const auto pairs = data::PairFolder::msrs(folder);
    REQUIRE(pairs.size() == 3);
    for (std::int64_t i = 0; i < 3; ++i) {
        const auto scene = data::make_scene(98 + static_cast<std::uint64_t>(i), {40, 56});
        CHECK(pairs[i].name == std::string(i < 2 ? "000" : "00") + std::to_string(98 + i) + (scene.night ? "N" : "D"));
        const auto same = [](const std::string& path, const Tensor<std::uint8_t>& expected) {
            const auto pixels = io::read_image(path);
            return pixels.numel() == expected.numel() &&
                   std::equal(pixels.data(), pixels.data() + pixels.numel(), expected.data());
        };
        CHECK(same(pairs[i].visible, scene.visible));
        CHECK(same(pairs[i].infrared, scene.infrared));
        CHECK(same(folder + "/Segmentation_labels/" + pairs[i].name + ".png", scene.label));
    }
    data::write_scenes(folder, 98, 1, {40, 56});  // again: replaced
    data_test::touch(f / "file");
    CHECK_THROWS_WITH_AS(data::write_scenes(f / "file", 1, 1), doctest::Contains("cannot make the folder"), Error);
    CHECK_THROWS_WITH_AS(data::write_scenes(folder, 1, 0), doctest::Contains("0 scenes, expected at least one"), Error);
}
