// The switches of train_seafusion: presets, the command line, and the form in which a run keeps them.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

namespace training {

// What the segmentation net is trained and measured on: what the fusion net makes, or for comparison one camera alone
// (then there is no fusion net, and its phases are passed over).
enum class ImageSource { fused, visible, infrared };
NLOHMANN_JSON_SERIALIZE_ENUM(ImageSource, {{ImageSource::fused, "fused"},
                                           {ImageSource::visible, "visible"},
                                           {ImageSource::infrared, "infrared"}})

// How a run trains; kept in its checkpoints.
struct Recipe {
    std::string data, resnet18;  // "": synthetic scenes; ImageNet weights are not used
    std::int64_t scenes = 48, test_scenes = 50, scene_height = 240, scene_width = 320;
    std::int64_t rounds = 2, fusion_epochs = 10, segmentation_steps = 700;
    std::int64_t batch = 4, crop_height = 128, crop_width = 160;
    std::int64_t micro_batch = 0;
    double fusion_rate = 1e-3, segmentation_rate = 1e-2, alpha = 10, gamma = 1;
    std::uint64_t seed = 1;
    bool flip_fusion = true;  // mirror the fusion net's crops too
    bool augment = false;     // color jitter and scaling of the segmentation net's crops
    bool restart_fusion = false, trainable_sobel = false;
    ImageSource images = ImageSource::fused;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Recipe, data, resnet18, scenes, test_scenes, scene_height, scene_width, rounds,
                                   fusion_epochs, segmentation_steps, batch, crop_height, crop_width, micro_batch,
                                   fusion_rate, segmentation_rate, alpha, gamma, seed, flip_fusion, augment,
                                   restart_fusion, trainable_sobel, images)

// How this process works on it.
struct Options {
    Recipe recipe;
    std::string out, resume, json_file, command;
    double checkpoint_seconds = 60;
    int threads = 0;
    bool quiet = false;
};

// A few minutes on two cores.
inline Recipe quick_recipe() { return {}; }

// The paper's text: 4 rounds of 10 epochs and 20,000 steps, batches of 16 whole images, which are not mirrored; fusion
// net and Adam go on from round to round.
inline Recipe paper_recipe() {
    Recipe r;
    r.rounds = 4, r.fusion_epochs = 10, r.segmentation_steps = 20000;
    r.batch = 16, r.crop_height = 480, r.crop_width = 640;
    r.scenes = 1083, r.test_scenes = 361, r.scene_height = 480, r.scene_width = 640;
    r.flip_fusion = false, r.augment = true;
    return r;
}

// "96" or "480x640", height first.
inline void set_crop(Recipe& recipe, const std::string& text) {
    std::int64_t height = 0, width = 0;
    const std::size_t x = text.find('x');
    const auto number = [&](const std::string& part, std::int64_t& value) {
        if (!CLI::detail::lexical_cast(part, value) || value < 1)
            throw CLI::ValidationError("--crop", "expected SIZE or HEIGHTxWIDTH, got " + text);
    };
    number(text.substr(0, x), height);
    if (x == std::string::npos)
        width = height;
    else
        number(text.substr(x + 1), width);
    recipe.crop_height = height, recipe.crop_width = width;
}

// The command line: options are read into `o` once the preset is known. Call finish() after the parsing.
class CommandLine {
public:
    CommandLine(CLI::App& app, Options& o) : app_(app), options_(o) {
        app.add_option("--preset", preset_, "quick: a few minutes on two cores; paper: the paper's text")
            ->check(CLI::IsMember({"quick", "paper"}))
            ->capture_default_str();
        add("--data", &Recipe::data,
            "folder with train/ and test/, each with vi/, ir/ and Segmentation_labels/ (MSRS); without it, synthetic "
            "scenes");
        app.add_option("--out", o.out, "run folder (default: runs/DATE-TIME)");
        app.add_option("--resume", o.resume, "go on with the run in this folder, with its options");
        add("--rounds", &Recipe::rounds, "rounds of fusion and segmentation training")->check(CLI::PositiveNumber);
        add("--fusion-epochs", &Recipe::fusion_epochs, "passes of the fusion net over the data, per round")
            ->check(CLI::PositiveNumber);
        add("--segmentation-steps", &Recipe::segmentation_steps, "updates of the segmentation net, per round")
            ->check(CLI::PositiveNumber);
        add("--batch", &Recipe::batch, "images per update of either net")->check(CLI::Range(2, 4096));
        setters_.emplace_back(app.add_option("--crop", crop_, "random crops of this size: SIZE or HEIGHTxWIDTH"),
                              [this](Recipe& r) { set_crop(r, crop_); });
        add("--micro-batch", &Recipe::micro_batch,
            "images in memory at once; gradients add up to the batch's (0: the whole batch)")
            ->check(CLI::NonNegativeNumber);
        add("--seed", &Recipe::seed, "of everything random");
        add("--scenes", &Recipe::scenes, "synthetic scenes to train on")->check(CLI::PositiveNumber);
        add("--test-scenes", &Recipe::test_scenes, "unseen synthetic scenes to measure on")->check(CLI::PositiveNumber);
        add("--fusion-rate", &Recipe::fusion_rate,
            "learning rate of the fusion net; falls by a quarter ten times in a round")
            ->check(CLI::PositiveNumber);
        add("--segmentation-rate", &Recipe::segmentation_rate, "highest learning rate of the segmentation net")
            ->check(CLI::PositiveNumber);
        add("--alpha", &Recipe::alpha, "weight of the texture loss")->check(CLI::NonNegativeNumber);
        add("--gamma", &Recipe::gamma, "the semantic loss counts gamma (m - 1) in round m")
            ->check(CLI::NonNegativeNumber);
        setters_.emplace_back(app.add_option("--images", images_,
                                             "what the segmentation net sees: fused, or visible or "
                                             "infrared for comparison")
                                  ->check(CLI::IsMember({"fused", "visible", "infrared"})),
                              [this](Recipe& r) { r.images = nlohmann::json(images_).get<ImageSource>(); });
        flag("--augment,!--no-augment", &Recipe::augment,
             "color jitter and scaling of what the segmentation net learns from (paper: on)");
        flag("--restart-fusion", &Recipe::restart_fusion,
             "a new fusion net and a new Adam in every round, as the released code has it");
        flag("--trainable-sobel", &Recipe::trainable_sobel, "train the Sobel filters too, as the released net did");
        add("--resnet18", &Recipe::resnet18, "torchvision's ImageNet weights of ResNet-18 (.pth or .safetensors)")
            ->check(CLI::ExistingFile);
        app.add_option("--checkpoint-every", o.checkpoint_seconds, "seconds between checkpoints")
            ->check(CLI::NonNegativeNumber)
            ->capture_default_str();
        app.add_option("--threads", o.threads, "threads; 0: all")->check(CLI::NonNegativeNumber)->capture_default_str();
        app.add_flag("--quiet", o.quiet, "no progress");
        app.add_option("--json", o.json_file, "write the summary to this file");
    }

    // Throws CLI::ValidationError where options contradict each other.
    void finish() {
        if (!options_.resume.empty()) {
            for (const CLI::Option* option : app_.get_options())
                if (option->count() > 0 && !belongs_to_process(option->get_name()))
                    throw CLI::ValidationError(option->get_name(), "not with --resume: a run keeps its options");
            return;
        }
        Recipe& r = options_.recipe;
        r = preset_ == "paper" ? paper_recipe() : quick_recipe();
        for (const auto& [option, set] : setters_)
            if (option->count() > 0) set(r);
        if (r.micro_batch == 1)
            throw CLI::ValidationError("--micro-batch", "expected 0, or 2 and more: batch norm needs two images");
    }

private:
    static bool belongs_to_process(const std::string& name) {
        for (const char* own : {"--help", "--resume", "--threads", "--quiet", "--json", "--checkpoint-every"})
            if (name == own) return true;
        return false;
    }

    // An option of the recipe: its value is taken over the preset's only if it was given.
    template <class T>
    CLI::Option* add(const char* name, T Recipe::*member, const char* text) {
        CLI::Option* option = app_.add_option(name, given_.*member, text);
        setters_.emplace_back(option, [this, member](Recipe& r) { r.*member = given_.*member; });
        return option;
    }
    void flag(const char* name, bool Recipe::*member, const char* text) {
        setters_.emplace_back(app_.add_flag(name, given_.*member, text),
                              [this, member](Recipe& r) { r.*member = given_.*member; });
    }

    CLI::App& app_;
    Options& options_;
    Recipe given_;
    std::string preset_ = "quick", crop_, images_;
    std::vector<std::pair<CLI::Option*, std::function<void(Recipe&)>>> setters_;
};

}  // namespace training
