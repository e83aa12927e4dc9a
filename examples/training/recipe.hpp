// How a run trains: the list of its switches, from which the command line (options.hpp) and the run's record are made.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "support/classes.hpp"
#include "support/infrared_range.hpp"
#include "support/json_fields.hpp"

namespace training {

using json = nlohmann::json;

// What the segmentation net is trained and measured on: what the fusion net makes, or for comparison one camera alone
// (then there is no fusion net, and its phases are passed over).
enum class ImageSource { fused, visible, infrared };
NLOHMANN_JSON_SERIALIZE_ENUM(ImageSource, {{ImageSource::fused, "fused"},
                                           {ImageSource::visible, "visible"},
                                           {ImageSource::infrared, "infrared"}})

// What stays on the disk: rounds: weights and pictures of every round, and once the run is finished one checkpoint;
// last: of the newest round alone; weights: not even the checkpoint; all: the best checkpoint and the one before the
// last too.
enum class Keep { rounds, last, weights, all };
NLOHMANN_JSON_SERIALIZE_ENUM(
    Keep, {{Keep::rounds, "rounds"}, {Keep::last, "last"}, {Keep::weights, "weights"}, {Keep::all, "all"}})

struct Recipe {
    std::string data, resnet18;  // "": synthetic scenes; ImageNet weights are not used
    std::int64_t scenes = 48, test_scenes = 50, scene_height = 240, scene_width = 320;
    std::int64_t rounds = 2, fusion_epochs = 27, segmentation_steps = 760;
    std::int64_t batch = 4, crop_height = 128, crop_width = 160;
    std::int64_t micro_batch = 0, strip_rows = 0;
    double fusion_rate = 1e-3, segmentation_rate = 1e-2, alpha = 10, gamma = 1;
    std::uint64_t seed = 1;
    bool flip_fusion = true;  // mirror the fusion net's crops too
    bool augment = false;     // color jitter and scaling of the segmentation net's crops
    bool restart_fusion = false, trainable_sobel = false;
    ImageSource images = ImageSource::fused;
    bool content_only = false;                         // no labels, no segmentation net
    std::string fusion_weights, segmentation_weights;  // to start from; "": random ones
    Keep keep = Keep::rounds;
    json classes = program::to_json(program::Classes::msrs());
    std::string ir_range = "full";
    bool exposure_loss = false, fixed_segmentation = false, gradient_stream = true, dense_connections = true,
         one_stage = false;  // for ablations
};

// v(name, value, bounds of a number, text of the option). Without a text it is no option of its own.
template <class AnyRecipe, class V>
void visit_fields(AnyRecipe& r, V&& v) {
    using Count = program::Bounds<std::int64_t>;
    using Real = program::Bounds<double>;
    const Count counts{1, 1'000'000'000}, sides{1, 65536};
    const Real rates{1e-30, 1e38};
    v("data", r.data,
      "folder with train/ and test/, each with vi/, ir/ and Segmentation_labels/ (MSRS); without it, synthetic scenes; "
      "with --resume, where the data are now");
    v("rounds", r.rounds, Count{1, 10'000},
      "rounds of fusion and segmentation training; with --resume, more than before");
    v("fusion_epochs", r.fusion_epochs, counts, "passes of the fusion net over the data, per round");
    v("segmentation_steps", r.segmentation_steps, counts, "updates of the segmentation net, per round");
    v("batch", r.batch, Count{2, 4096}, "images per update of either net");
    v("crop_height", r.crop_height, sides);
    v("crop_width", r.crop_width, sides);
    v("micro_batch", r.micro_batch, Count{0, 4096},
      "images in memory at once; gradients add up to the batch's (0: the whole batch)");
    v("seed", r.seed, program::Bounds<std::uint64_t>{0, ~std::uint64_t{0}}, "of everything random");
    v("scenes", r.scenes, Count{1, 100'000}, "synthetic scenes to train on");
    v("test_scenes", r.test_scenes, Count{1, 100'000}, "unseen synthetic scenes to measure on");
    v("scene_height", r.scene_height, sides);
    v("scene_width", r.scene_width, sides);
    v("fusion_rate", r.fusion_rate, rates, "learning rate of the fusion net; falls by a quarter ten times in a round");
    v("segmentation_rate", r.segmentation_rate, rates, "highest learning rate of the segmentation net");
    v("alpha", r.alpha, Real{0, 1e6}, "weight of the texture loss");
    v("gamma", r.gamma, Real{0, 1e6}, "the semantic loss counts gamma (m - 1) in round m");
    v("flip_fusion", r.flip_fusion);
    v("augment", r.augment, "color jitter and scaling of what the segmentation net learns from (paper: on)");
    v("restart_fusion", r.restart_fusion,
      "a new fusion net and a new Adam in every round, as the released code has it");
    v("trainable_sobel", r.trainable_sobel, "train the Sobel filters too, as the released net did");
    v("resnet18", r.resnet18, "torchvision's ImageNet weights of ResNet-18 (.pth or .safetensors)");
    v("images", r.images, "what the segmentation net sees: fused, or visible or infrared for comparison");
    v.younger();
    v("content_only", r.content_only,
      "train the fusion net alone, with the content loss: needs no labels and no segmentation net");
    v("fusion_weights", r.fusion_weights, "start the fusion net from these weights (.safetensors or .pth)");
    v("segmentation_weights", r.segmentation_weights,
      "start the segmentation net from these weights (.safetensors or .pth)");
    v("keep", r.keep,
      "rounds: weights and pictures of every round, and one checkpoint when finished; last: those of the newest round; "
      "weights: no checkpoint when finished; all: the best checkpoint and the one before the last too");
    v("classes", r.classes,
      "what labels tell apart: a number of classes, or a file with a line NAME [R G B] for each (default: the nine of "
      "MSRS)");
    v("ir_range", r.ir_range, program::InfraredRange::help);
    v("strip_rows", r.strip_rows, Count{0, 65536},
      "rows of the images that the fusion net's training has in memory at once, at 1.2 times the time and more (0: "
      "all)");
    v("exposure_loss", r.exposure_loss,
      "intensity is held against the source with the larger gradients around a pixel, instead of the larger value");
    v("fixed_segmentation", r.fixed_segmentation, "train the segmentation net in round 1 alone");
    v("gradient_stream", r.gradient_stream, "the Sobel branch of the fusion net's blocks (paper: on)");
    v("dense_connections", r.dense_connections,
      "the fusion net's blocks see all that came before in them, not its last alone (paper: on)");
    v("one_stage", r.one_stage,
      "train both nets at once, by one loss and with --segmentation-steps updates of both per round, instead of in "
      "turns");
}

// The option that contradicts the others, and why; both "" if none does.
inline std::pair<std::string, std::string> contradiction(const Recipe& r) {
    if (r.micro_batch == 1) return {"--micro-batch", "expected 0, or 2 and more: batch norm needs two images"};
    if (r.content_only) {
        const std::string alone = "not with --content-only, which has no segmentation net";
        if (r.images != ImageSource::fused) return {"--images", alone};
        if (!r.resnet18.empty()) return {"--resnet18", alone};
        if (!r.segmentation_weights.empty()) return {"--segmentation-weights", alone};
        if (r.classes != Recipe().classes) return {"--classes", alone};
        if (r.fixed_segmentation) return {"--fixed-segmentation", alone};
        if (r.one_stage) return {"--one-stage", alone};
    }
    if (r.images != ImageSource::fused) {
        const std::string none = "not with --images of one camera, which has no fusion net";
        if (!r.fusion_weights.empty()) return {"--fusion-weights", none};
        if (r.exposure_loss) return {"--exposure-loss", none};
        if (!r.gradient_stream) return {"--no-gradient-stream", none};
        if (!r.dense_connections) return {"--no-dense-connections", none};
        if (r.fixed_segmentation)
            return {"--fixed-segmentation", "not with --images of one camera, where nothing else is trained"};
        if (r.one_stage) return {"--one-stage", none};
    }
    if (r.one_stage) {
        if (r.fixed_segmentation) return {"--one-stage", "not with --fixed-segmentation, which trains in turns"};
        if (r.restart_fusion) return {"--one-stage", "not with --restart-fusion, which trains in turns"};
        if (r.gamma == 0) return {"--one-stage", "not with --gamma 0, which leaves the segmentation net no loss"};
    }
    if (!r.gradient_stream && r.trainable_sobel)
        return {"--no-gradient-stream", "not with --trainable-sobel, which trains its filters"};
    if (!r.gradient_stream && !r.fusion_weights.empty())
        return {"--no-gradient-stream", "not with --fusion-weights, which hold its filters"};
    if (!r.dense_connections && !r.fusion_weights.empty())
        return {"--no-dense-connections", "not with --fusion-weights, which hold weights for them"};
    if (r.data.empty() && r.classes != Recipe().classes)
        return {"--classes", "only with --data: synthetic scenes have the nine of MSRS"};
    if (!program::InfraredRange().parse(r.ir_range))
        return {"--ir-range", std::string("expected ") + program::InfraredRange::words + ", got " + r.ir_range};
    if (r.data.empty() && r.ir_range != "full") return {"--ir-range", "only with --data: synthetic scenes have 8 bits"};
    if (!r.resnet18.empty() && !r.segmentation_weights.empty())
        return {"--resnet18", "not with --segmentation-weights, which hold the ResNet-18 too"};
    if (!r.fusion_weights.empty() && r.restart_fusion)
        return {"--fusion-weights", "not with --restart-fusion, which begins each round with random weights"};
    return {};
}

// Whether the segmentation net is trained in a round, on pictures that are made for it.
inline bool trains_segmentation(const Recipe& r, std::int64_t round) {
    return !r.content_only && !r.one_stage && (round == 1 || !r.fixed_segmentation);
}

inline program::Classes classes_of(const Recipe& r) { return program::classes_of_json(r.classes, "recipe.classes"); }

inline json to_json(const Recipe& r) {
    program::FieldWriter writer;
    visit_fields(r, writer);
    return writer.object;
}
inline Recipe recipe_of(const json& object, const std::string& where) {
    Recipe r;
    program::FieldReader reader(object, where);
    visit_fields(r, reader);
    reader.refuse_others();
    program::classes_of_json(r.classes, where + ".classes");
    if (const auto [option, text] = contradiction(r); !option.empty())
        throw fathom::Error(where + ": " + option + ": " + text);
    return r;
}

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

}  // namespace training
