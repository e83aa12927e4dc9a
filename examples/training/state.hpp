// Where a run stands: nets, optimizers, generator, place in the rounds and in the data. What a checkpoint holds.
#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "fathom/data/loader.hpp"
#include "fathom/io/safetensors.hpp"
#include "fathom/nn/generator_state.hpp"
#include "fathom/seafusion/fusion_trainer.hpp"
#include "fathom/seafusion/segmentation_trainer.hpp"
#include "training/options.hpp"

namespace training {

namespace ft = fathom;
using json = nlohmann::json;

// A round: the fusion net is trained, it makes the pictures, the segmentation net is trained on them, both are
// measured.
enum class Phase { fusion, pictures, segmentation, measuring, finished };
NLOHMANN_JSON_SERIALIZE_ENUM(Phase, {{Phase::fusion, "fusion"},
                                     {Phase::pictures, "pictures"},
                                     {Phase::segmentation, "segmentation"},
                                     {Phase::measuring, "measuring"},
                                     {Phase::finished, "finished"}})

struct Place {
    std::int64_t round = 1;
    Phase phase = Phase::fusion;
    std::int64_t step = 0;  // done in this phase
    std::int64_t loader_position = 0;
    std::uint64_t loader_seed = 0, loader_offset = 0;
    std::int64_t log_bytes = 0;
    double seconds = 0;           // of work, all processes together
    double best = -1;             // mean IoU
    json rounds = json::array();  // the measures of those that are finished
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Place, round, phase, step, loader_position, loader_seed, loader_offset, log_bytes,
                                   seconds, best, rounds)

struct RunState {
    const Recipe recipe;
    Place place;
    ft::Generator gen;
    ft::seafusion::FusionNet<float> fusion;
    ft::seafusion::SegmentationNet<float> segmentation;
    ft::seafusion::FusionTrainer<float> fusion_trainer;
    ft::seafusion::SegmentationTrainer<float> segmentation_trainer;

    explicit RunState(const Recipe& r)
        : recipe(r),
          gen(r.seed),
          fusion(gen, sobel()),
          segmentation(gen),
          fusion_trainer(fusion, fusion_options()),
          segmentation_trainer(segmentation, segmentation_options()) {
        if (r.resnet18.empty()) return;
        try {
            segmentation.cp.resnet.load_imagenet(ft::io::load(r.resnet18));
        } catch (const ft::Error& e) {
            const std::string text = e.what();
            throw ft::Error(text.rfind(r.resnet18, 0) == 0 ? text : r.resnet18 + ": " + text);
        }
    }
    RunState(const RunState&) = delete;

    // A new fusion net and a new Adam, as in every round of the released code.
    void restart_fusion() {
        fusion = ft::seafusion::FusionNet<float>(gen, sobel());
        fusion_trainer = ft::seafusion::FusionTrainer<float>(fusion, fusion_options());
    }

    ft::StateDict state_dict() const {
        ft::StateDict all;
        all.add_prefixed("fusion.", fusion.state_dict());
        all.add_prefixed("fusion_adam.", fusion_trainer.optimizer().state_dict());
        all.add_prefixed("segmentation.", segmentation.state_dict());
        all.add_prefixed("segmentation_sgd.", segmentation_trainer.optimizer().state_dict());
        all.add_prefixed("segmentation_schedule.", segmentation_trainer.schedule().state_dict());
        all.add_prefixed("generator.", ft::state_dict(gen));
        return all;
    }
    ft::io::Metadata metadata() const { return {{"place", json(place).dump()}}; }

    // Throws Error if the checkpoint is not one of this recipe's nets.
    void load(const ft::StateDict& all) {
        fusion.load_state_dict(all.take_prefix("fusion."));
        segmentation.load_state_dict(all.take_prefix("segmentation."));
        fusion_trainer.optimizer().load_state_dict(all.take_prefix("fusion_adam."));
        segmentation_trainer.optimizer().load_state_dict(all.take_prefix("segmentation_sgd."));
        segmentation_trainer.schedule().load_state_dict(all.take_prefix("segmentation_schedule."));
        ft::load_state_dict(gen, all.take_prefix("generator."));
        const std::string* text = nullptr;
        for (const auto& [key, value] : all.metadata)
            if (key == "place") text = &value;
        const json parsed = text ? json::parse(*text, nullptr, false) : json();
        if (!parsed.is_object()) throw ft::Error("lacks the run's place, expected it in the metadata");
        place = parsed.get<Place>();
    }

    // The name of the first weight that is not finite; "" if all are.
    std::string spoilt() const {
        ft::StateDict nets;
        nets.add_prefixed("fusion.", fusion.state_dict());
        nets.add_prefixed("segmentation.", segmentation.state_dict());
        return ft::first_not_finite(nets);
    }

    // The place in the data goes with the loader of the phase.
    void remember(const ft::data::DataLoader& loader) {
        const auto state = loader.state();
        place.loader_position = state.position;
        place.loader_seed = state.random.seed, place.loader_offset = state.random.offset;
    }
    ft::data::DataLoader::State loader_state() const {
        return {place.loader_position, {place.loader_seed, place.loader_offset}};
    }

private:
    ft::seafusion::Sobel sobel() const {
        return recipe.trainable_sobel ? ft::seafusion::Sobel::trainable : ft::seafusion::Sobel::fixed;
    }
    ft::seafusion::FusionTrainerOptions fusion_options() const {
        return {.lr = recipe.fusion_rate, .alpha = recipe.alpha, .micro_batch = recipe.micro_batch};
    }
    ft::seafusion::SegmentationTrainerOptions segmentation_options() const {
        ft::seafusion::SegmentationTrainerOptions o{.lr = recipe.segmentation_rate, .micro_batch = recipe.micro_batch};
        // One schedule over all rounds. The recipe's 1000 steps of warm-up belong to its 80,000; short runs warm up for
        // a twentieth.
        o.schedule.max_steps = recipe.rounds * recipe.segmentation_steps;
        o.schedule.warmup_steps = std::min<std::int64_t>(1000, o.schedule.max_steps / 20);
        return o;
    }
};

}  // namespace training
