// Writes synthetic street scenes as image files, in the layout of MSRS: vi/, ir/ and Segmentation_labels/.
#include <filesystem>

#include "fathom/data/scene/scene_files.hpp"
#include "fathom/io/file.hpp"
#include "support/program.hpp"

namespace ft = fathom;

int main(int argc, char** argv) {
    CLI::App app("Writes synthetic street scenes: visible and infrared images and labels, in the layout of MSRS.",
                 "make_scenes");
    std::string out, time = "both";
    std::int64_t count = 8;
    std::uint64_t seed = 1;
    ft::data::SceneOptions options;
    app.add_option("--out", out, "folder to write to")->required();
    program::add_number<std::int64_t>(app, "--count", count, 1, 1'000'000, "number of scenes");
    program::add_number<std::uint64_t>(app, "--seed", seed, 0, ~std::uint64_t{0} >> 1,
                                       "the first scene's; the next ones count up");
    program::add_number<std::int64_t>(app, "--height", options.height, 16, 16384, "pixels");
    program::add_number<std::int64_t>(app, "--width", options.width, 16, 16384, "pixels");
    app.add_option("--time", time, "day, night, or both (the seed decides)")
        ->check(CLI::IsMember({"day", "night", "both"}))
        ->capture_default_str();
    return program::run(app, argc, argv, [&] {
        using ft::data::TimeOfDay;
        options.time = time == "day" ? TimeOfDay::day : time == "night" ? TimeOfDay::night : TimeOfDay::automatic;
        for (const char* part : {"vi", "ir", "Segmentation_labels"})
            if (const auto folder = std::filesystem::path(out) / part; std::filesystem::is_directory(folder))
                ft::io::remove_stale_temporaries(folder.string());  // of a killed process
        ft::data::write_scenes(out, seed, count, options);
        return 0;
    });
}
