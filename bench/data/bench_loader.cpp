// Pictures per second of the data loader on one thread, at the recipe's crops: from decoded samples in memory and from
// PNG files. The fusion net's step takes luminance, infrared and label; the segmentation net's, with all transforms,
// visible image and label.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "support/program.hpp"
#include "fathom/data/scene/scene_files.hpp"
#include "fathom/seafusion.hpp"

namespace ft = fathom;
namespace fs = std::filesystem;
using json = nlohmann::json;

namespace {

struct Options {
    std::string data, json_file;
    std::int64_t height = 480, width = 640, batch = 4, scenes = 16;
    int threads = 1;
    double seconds = 2;
};

// Scenes of 480 x 640 as files, removed at the end.
class SceneFolder {
public:
    explicit SceneFolder(std::int64_t scenes) {
        std::string name = (fs::temp_directory_path() / "fathom_bench_XXXXXX").string();
        if (!mkdtemp(name.data())) throw ft::Error(name + ": cannot be made");
        path_ = name;
        ft::data::write_scenes(name, 1, scenes);
    }
    SceneFolder(const SceneFolder&) = delete;
    SceneFolder& operator=(const SceneFolder&) = delete;
    ~SceneFolder() {
        std::error_code ignored;
        fs::remove_all(path_, ignored);
    }
    std::string path() const { return path_.string(); }

private:
    fs::path path_;
};

// The first epoch warms up: it fills the cache where there is one.
double pictures_per_second(const std::shared_ptr<ft::data::MsrsDataset>& dataset, const Options& o,
                           const ft::data::TransformOptions& transforms, const ft::data::BatchParts& parts) {
    ft::Generator generator(1);
    ft::data::PairLoader loader(dataset,
                                {.batch = o.batch,
                                 .height = o.height,
                                 .width = o.width,
                                 .transforms = transforms,
                                 .parts = parts,
                                 .threads = o.threads},
                                generator);
    while (loader.epoch() < 1) loader.next();
    const program::Stopwatch watch;
    std::int64_t pictures = 0;
    for (; watch.seconds() < o.seconds; pictures += o.batch) loader.next();
    return static_cast<double>(pictures) / watch.seconds();
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("Pictures per second of the data loader.");
    Options o;
    app.add_option("--data", o.data, "folder with vi/, ir/ and Segmentation_labels/ (default: synthetic scenes)");
    app.add_option("--height", o.height)->check(CLI::PositiveNumber)->capture_default_str();
    app.add_option("--width", o.width)->check(CLI::PositiveNumber)->capture_default_str();
    app.add_option("--batch", o.batch)->check(CLI::PositiveNumber)->capture_default_str();
    app.add_option("--scenes", o.scenes, "number of synthetic scenes")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    app.add_option("--threads", o.threads, "threads of the loader; 0: the calling thread")
        ->check(CLI::NonNegativeNumber)
        ->capture_default_str();
    app.add_option("--seconds", o.seconds, "for each measurement")->check(CLI::PositiveNumber)->capture_default_str();
    app.add_option("--json", o.json_file, "write the summary to this file");
    return program::run(app, argc, argv, [&] {
        std::unique_ptr<SceneFolder> scenes;
        if (o.data.empty()) scenes = std::make_unique<SceneFolder>(o.scenes);
        const std::string folder = scenes ? scenes->path() : o.data;
        json rates;
        for (const bool cached : {true, false}) {
            const ft::data::MsrsOptions source{.cache_bytes =
                                                   cached ? ft::data::SampleCache::default_bytes : std::int64_t{0}};
            const auto dataset = std::make_shared<ft::data::MsrsDataset>(folder, source);
            json& rate = rates[cached ? "memory" : "png"];
            rate["fusion"] = pictures_per_second(dataset, o, {}, {.luminance = true, .infrared = true, .label = true});
            rate["segmentation"] = pictures_per_second(dataset, o, {.jitter = true, .flip = true, .scale = true},
                                                       {.visible = true, .label = true});
        }
        const json summary = {{"engine", "fathom"},
                              {"work", "loader"},
                              {"shape", {o.batch, o.height, o.width}},
                              {"threads", o.threads},
                              {"pictures_per_second", rates}};
        std::cout << summary.dump() << std::endl;
        if (!o.json_file.empty() && !(std::ofstream(o.json_file) << summary.dump(1) << '\n'))
            throw std::runtime_error(o.json_file + ": cannot be written");
        return 0;
    });
}
