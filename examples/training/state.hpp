// Where a run stands: nets, optimizers, generator, place in the rounds and in the data. What a checkpoint holds.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "fathom/data/pair_loader.hpp"
#include "fathom/io/safetensors.hpp"
#include "fathom/nn/generator_state.hpp"
#include "fathom/seafusion/fusion_trainer.hpp"
#include "fathom/seafusion/segmentation_trainer.hpp"
#include "support/files.hpp"
#include "training/recipe.hpp"

namespace training {

namespace ft = fathom;

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
    double best = -1;             // the highest score of a round
    json rounds = json::array();  // the measures of those that are finished
    bool begun = false;           // the phase has drawn from the generator what it needs: the loader's stream
    json pace = json::object();   // seconds that a phase of a kind took, the last time

    // Older checkpoints lack `begun`, and were only right behind the first step.
    bool has_begun() const { return begun || step > 0; }
};

template <class AnyPlace, class V>
void visit_place(AnyPlace& p, V&& v) {
    using Count = program::Bounds<std::int64_t>;
    using Any = program::Bounds<std::uint64_t>;
    const Count counts{0, std::int64_t{1} << 62};
    v("round", p.round, Count{1, 10'000});
    v("phase", p.phase);
    v("step", p.step, counts);
    v("loader_position", p.loader_position, counts);
    v("loader_seed", p.loader_seed, Any{0, ~std::uint64_t{0}});
    v("loader_offset", p.loader_offset, Any{0, ~std::uint64_t{0}});
    v("log_bytes", p.log_bytes, counts);
    v("seconds", p.seconds, program::Bounds<double>{0, 1e12});
    v("best", p.best, program::Bounds<double>{-1, 1});
    v("rounds", p.rounds);
    v.younger();
    v("begun", p.begun);
    v("pace", p.pace);
}

struct RunState {
    const Recipe recipe;
    const ft::Device device;  // of the nets; a checkpoint knows neither it nor the precision
    const ft::Precision precision;
    Place place;
    ft::Generator gen;
    ft::seafusion::FusionNet<float> fusion;
    ft::seafusion::SegmentationNet<float> segmentation;
    ft::seafusion::FusionTrainer<float> fusion_trainer;
    ft::seafusion::SegmentationTrainer<float> segmentation_trainer;

    // With random weights, or without values where a checkpoint brings them.
    RunState(const Recipe& r, ft::Device d, ft::Precision p, bool random = true)
        : recipe(r),
          device(d),
          precision(p),
          gen(r.seed),
          fusion(random ? ft::seafusion::FusionNet<float>(gen, sobel(), connections())
                        : ft::seafusion::FusionNet<float>(sobel(), connections())),
          segmentation(random && segments() ? ft::seafusion::SegmentationNet<float>(gen, classes())
                                            : ft::seafusion::SegmentationNet<float>(classes())),
          fusion_trainer(fusion, fusion_options()),
          segmentation_trainer(segmentation, segmentation_options()) {
        place_fusion();
        if (device.is_cpu()) segmentation.precision = precision;  // a device's is for the fusion net alone
        segmentation.to(device);
    }

    // The weights that a run is told to start from, of which its checkpoints make it independent.
    void load_start_weights() {
        if (!recipe.resnet18.empty()) {
            const ft::StateDict weights = ft::io::load(recipe.resnet18);
            naming(recipe.resnet18, [&] { segmentation.cp.resnet.load_imagenet(weights); });
        }
        if (!recipe.fusion_weights.empty()) program::load_weights(fusion, "fusion net", recipe.fusion_weights);
        if (recipe.segmentation_weights.empty()) return;
        const std::string& file = recipe.segmentation_weights;
        const ft::StateDict weights = ft::io::load(file);
        const program::Classes own = program::classes_of_weights(weights, file), ours = classes_of(recipe);
        if (own.size() != ours.size())
            throw ft::Error(file + ": is of " + std::to_string(own.size()) + " classes, the run has " +
                            std::to_string(ours.size()) + " (--classes)");
        if (own.names != ours.names)
            std::fprintf(stderr, "warning: %s: its classes have other names than the run's\n", file.c_str());
        program::load_weights(segmentation, "segmentation net", file, weights);
    }
    RunState(const RunState&) = delete;

    // A new fusion net and a new Adam, as in every round of the released code.
    void restart_fusion() {
        fusion = ft::seafusion::FusionNet<float>(gen, sobel(), connections());
        place_fusion();
        fusion_trainer = ft::seafusion::FusionTrainer<float>(fusion, fusion_options());
    }

    ft::StateDict state_dict() const {
        ft::StateDict all;
        all.add_prefixed("fusion.", fusion.state_dict());
        all.add_prefixed("fusion_adam.", fusion_trainer.optimizer().state_dict());
        if (segments()) {
            all.add_prefixed("segmentation.", segmentation.state_dict());
            all.add_prefixed("segmentation_sgd.", segmentation_trainer.optimizer().state_dict());
            all.add_prefixed("segmentation_schedule.", segmentation_trainer.schedule().state_dict());
        }
        all.add_prefixed("generator.", ft::state_dict(gen));
        return all;
    }
    ft::io::Metadata metadata() const {
        program::FieldWriter writer;
        visit_place(place, writer);
        return {{"place", writer.object.dump()}};
    }

    // `file` is where it comes from. Throws Error if the checkpoint is not one of this recipe's nets.
    void load(const ft::StateDict& all, const std::string& file) {
        naming(file, [&] {
            fusion.load_state_dict(all.take_prefix("fusion."));
            fusion_trainer.optimizer().load_state_dict(all.take_prefix("fusion_adam."));
            if (segments()) {
                segmentation.load_state_dict(all.take_prefix("segmentation."));
                segmentation_trainer.optimizer().load_state_dict(all.take_prefix("segmentation_sgd."));
                segmentation_trainer.schedule().load_state_dict(all.take_prefix("segmentation_schedule."));
            }
            ft::load_state_dict(gen, all.take_prefix("generator."));
        });
        std::string text;
        for (const auto& [key, value] : all.metadata)
            if (key == "place") text = value;
        const json parsed = json::parse(text, nullptr, false);
        if (!parsed.is_object()) throw ft::Error(file + ": lacks the run's place, expected it in the metadata");
        program::FieldReader reader(parsed, file + ": place");
        visit_place(place, reader);
        if (place.round > recipe.rounds)
            throw ft::Error(file + ": is of round " + std::to_string(place.round) + ", the run has " +
                            std::to_string(recipe.rounds) + " (record.json, recipe.rounds)");
    }

    // Whether the run has this net at all.
    bool fuses() const { return recipe.images == ImageSource::fused; }
    bool segments() const { return !recipe.content_only; }

    // The name of the first weight that is not finite; "" if all are.
    std::string spoilt() const {
        ft::StateDict nets;
        nets.add_prefixed("fusion.", fusion.state_dict());
        if (segments()) nets.add_prefixed("segmentation.", segmentation.state_dict());
        return ft::first_not_finite(nets);
    }

    // The place in the data goes with the loader of the phase.
    void remember(const ft::data::PairLoader& loader) {
        const auto state = loader.state();
        place.loader_position = state.position;
        place.loader_seed = state.random.seed, place.loader_offset = state.random.offset;
    }
    ft::data::PairLoader::State loader_state() const {
        return {place.loader_position, {place.loader_seed, place.loader_offset}};
    }

private:
    void place_fusion() {
        fusion.strip_rows = recipe.strip_rows, fusion.precision = precision;
        fusion.to(device);
    }
    std::int64_t classes() const { return static_cast<std::int64_t>(recipe.classes.size()); }
    // Errors of f name the file.
    template <class F>
    static void naming(const std::string& file, F f) {
        try {
            f();
        } catch (const ft::Error& e) {
            throw ft::Error(file + ": " + e.what());
        }
    }
    ft::seafusion::Sobel sobel() const {
        using ft::seafusion::Sobel;
        return recipe.trainable_sobel ? Sobel::trainable : recipe.gradient_stream ? Sobel::fixed : Sobel::none;
    }
    ft::seafusion::Connections connections() const {
        using ft::seafusion::Connections;
        return recipe.dense_connections ? Connections::dense : Connections::chain;
    }
    ft::seafusion::FusionTrainerOptions fusion_options() const {
        using ft::seafusion::IntensityTarget;
        return {.lr = recipe.fusion_rate,
                .alpha = recipe.alpha,
                .intensity = recipe.exposure_loss ? IntensityTarget::larger_gradient : IntensityTarget::maximum,
                .micro_batch = recipe.micro_batch};
    }
    ft::seafusion::SegmentationTrainerOptions segmentation_options() const {
        ft::seafusion::SegmentationTrainerOptions o{.lr = recipe.segmentation_rate, .micro_batch = recipe.micro_batch};
        // One schedule over all rounds that train the net. The recipe's 1000 steps of warm-up belong to its 80,000;
        // short runs warm up for a twentieth.
        o.schedule.max_steps = (recipe.fixed_segmentation ? 1 : recipe.rounds) * recipe.segmentation_steps;
        o.schedule.warmup_steps = std::min<std::int64_t>(1000, o.schedule.max_steps / 20);
        return o;
    }
};

}  // namespace training
