// The run: rounds of fusion and segmentation training that can be interrupted anywhere and go on to the same weights.
#pragma once

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "support/program.hpp"
#include "training/ahead.hpp"
#include "training/folder.hpp"
#include "training/fusion_plan.hpp"
#include "training/options.hpp"
#include "training/pace.hpp"
#include "training/report.hpp"
#include "training/reporting.hpp"

namespace training {

class Run {
public:
    // `from_last`: the state is that of the checkpoint `last`.
    Run(const Options& options, RunFolder& folder, RunState& state, const Data& data, bool from_last)
        : options_(options),
          recipe_(state.recipe),
          folder_(folder),
          state_(state),
          place_(state.place),
          data_(data),
          classes_(classes_of(recipe_)),
          progress_(options.quiet),
          seconds_before_(state.place.seconds),
          last_is_current_(from_last),
          ahead_(state.device),
          reporting_(options, folder.path(), recipe_, data, classes_, progress_) {}

    // Until the end, or Ctrl-C; false if that came.
    bool go() {
        begin();
        announce();
        reporting_.begin(place_);
        while (place_.phase != Phase::finished && !program::Interrupt::requested()) {
            switch (place_.phase) {
                case Phase::fusion:
                    train_fusion();
                    break;
                case Phase::pictures:
                    // No checkpoint: what the phase has made is in files, and is found again.
                    if (make_pictures()) place_.phase = Phase::segmentation;
                    break;
                case Phase::segmentation:
                    train_segmentation();
                    break;
                case Phase::measuring:
                    measure();
                    break;
                case Phase::finished:
                    break;
            }
        }
        if (place_.phase == Phase::finished) return true;
        save();
        progress_.keep("stopped in round " + std::to_string(place_.round) + "; go on with --resume " + folder_.path());
        return false;
    }

private:
    void announce() {
        if (options_.quiet) std::printf("%s\n", folder_.path().c_str()), std::fflush(stdout);
        if (place_.phase == Phase::finished) return;
        progress_.keep("training on " + std::to_string(data_.train->size()) +
                       (recipe_.data.empty() ? " synthetic scenes" : " images of " + recipe_.data) + ", run folder " +
                       folder_.path());
        if (recipe_.micro_batch > 0 && recipe_.micro_batch < recipe_.batch)
            progress_.keep("micro-batches of " + std::to_string(recipe_.micro_batch) +
                           ": the semantic loss picks its pixels, and batch norm takes its statistics, within each of "
                           "them; only the content loss is that of the whole batch");
    }

    // From the first moment on a run has a checkpoint: one that has none has lost it. A disk without room for the first
    // one will have none for the others.
    void begin() {
        if (folder_.checkpoints().empty()) write_checkpoint();
        save_best();  // a kill may have come between `last` and `best`
        if (place_.phase == Phase::finished && place_.round < recipe_.rounds) {
            ++place_.round;
            place_.phase = Phase::fusion;
        }
        tidy();
    }

    double seconds() const { return seconds_before_ + watch_.seconds(); }

    void enter(Phase phase) {
        place_.phase = phase, place_.step = 0, place_.begun = false;
        place_.loader_position = 0, place_.loader_seed = place_.loader_offset = 0;
        loader_.reset();
        save();
    }

    void write_checkpoint() {
        last_is_current_ = false;
        reporting_.flush();  // what a checkpoint has behind it is not told again
        place_.seconds = seconds(), place_.log_bytes = folder_.log_bytes();
        since_save_ = {};
        folder_.checkpoints().save(state_.state_dict(), state_.metadata());
        last_is_current_ = true;
    }
    // Keeps the old checkpoint and goes on where this one cannot be written.
    void save() {
        ahead_.read_losses();
        if (const std::string name = state_.spoilt(); !name.empty())
            throw ft::Error(name + " holds values that are not finite after step " + std::to_string(place_.step) +
                            " of the phase; the last checkpoint is kept");
        write([&] { write_checkpoint(); });
    }
    template <class Write>
    void write(Write write) {
        try {
            write();
        } catch (const ft::Error& e) {
            progress_.warn("no checkpoint was written, the one before is kept: " + std::string(e.what()));
        }
    }
    // Behind `last`, which a disk that is nearly full must have room for first; as another name of it where that is
    // possible.
    void save_best() {
        const bool round_ended =
            place_.step == 0 && !place_.begun && (place_.phase == Phase::fusion || place_.phase == Phase::finished);
        if (!round_ended || place_.rounds.empty() || recipe_.keep != Keep::all) return;
        const json& round = place_.rounds.back();
        const json& score = round.contains("score") ? round["score"] : round.at("mean_iou");  // null: nothing labelled
        if ((score.is_number() ? score.get<double>() : 0.0) < place_.best) return;
        write([&] {
            if (!last_is_current_ || !folder_.checkpoints().keep_last_as("best"))
                folder_.checkpoints().save_as("best", state_.state_dict(), state_.metadata());
        });
    }
    void save_when_due() {
        if (since_save_.seconds() >= options_.checkpoint_seconds) save();
    }
    // Takes away what --keep does not keep, once something newer is there.
    void tidy() const {
        if (recipe_.keep == Keep::all) return;
        std::error_code ignored;  // what cannot be removed stays
        const std::int64_t done = recipe_.keep == Keep::rounds ? 0 : static_cast<std::int64_t>(place_.rounds.size());
        for (std::int64_t m = 1; m < done; ++m)
            for (const char* name : {"fusion.safetensors", "segmentation.safetensors", "train"})
                fs::remove_all(folder_.round_name(m) + "/" + name, ignored);
        if (place_.phase != Phase::finished || !last_is_current_) return;
        const std::string checkpoints = folder_.checkpoints().path() + "/";
        for (const char* name : {"previous", "best", "last"})
            if (recipe_.keep == Keep::weights || std::string(name) != "last")
                fs::remove(checkpoints + name + ".safetensors", ignored);
    }
    void log(json line) {
        line["round"] = place_.round, line["phase"] = place_.phase, line["seconds"] = seconds();
        if (!folder_.log(line) && !log_failed_) {
            log_failed_ = true;
            progress_.warn(folder_.file("log.jsonl") + ": cannot be written; the run goes on without it");
        }
        reporting_.add(line);
    }

    // Batches of this phase, from where it stands. What they draw from the generator is in the place from then on, so
    // that a checkpoint holds both or neither.
    ft::data::PairLoader& loader(std::shared_ptr<const ft::data::Dataset> dataset,
                                 const ft::data::LoaderOptions& options) {
        ft::Generator unused(0);
        loader_ = std::make_unique<ft::data::PairLoader>(std::move(dataset), options,
                                                         place_.has_begun() ? unused : state_.gen, ft::Where::here());
        if (place_.has_begun()) loader_->restore(state_.loader_state());
        place_.begun = true;
        state_.remember(*loader_);
        return *loader_;
    }

    void train_fusion() {
        if (!state_.fuses()) return enter(Phase::pictures);
        if (recipe_.restart_fusion && place_.round > 1 && !place_.has_begun()) state_.restart_fusion();
        auto& trainer = state_.fusion_trainer;
        const FusionPlan plan = fusion_plan(recipe_, place_.round, data_.train->size() / recipe_.batch);
        const double beta = plan.beta;
        const bool guided = beta > 0;
        if (recipe_.one_stage)
            trainer.train_along(state_.segmentation, beta);
        else if (guided)
            trainer.follow(state_.segmentation, beta);
        else
            trainer.follow_nobody();
        auto& batches =
            loader(data_.train, {.batch = recipe_.batch,
                                 .height = recipe_.crop_height,
                                 .width = recipe_.crop_width,
                                 .transforms = {.flip = recipe_.flip_fusion},
                                 .parts = {.luminance = true, .chroma = guided, .infrared = true, .label = guided},
                                 .drop_last = true});
        Rate rate(progress_, place_, recipe_, plan.steps, place_.step);
        while (place_.step < plan.steps) {
            if (program::Interrupt::requested()) return ahead_.read_losses();
            const ft::data::Batch batch = ahead_.moved(batches.next());
            const double lr = plan.rate(place_.step);
            trainer.optimizer().groups()[0].lr = lr;
            if (recipe_.one_stage) state_.segmentation_trainer.zero_grad();
            using Late = ft::seafusion::LateLosses<ft::seafusion::StepLosses>;
            const auto late =
                std::make_shared<Late>(trainer.send_step({batch.luminance, batch.infrared, batch.chroma, batch.label}));
            if (recipe_.one_stage) state_.segmentation_trainer.update();
            ++place_.step;
            state_.remember(batches);
            ahead_.report_later([this, &rate, late, lr, guided, beta, step = place_.step] {
                const auto& losses = late->read();
                json line = {{"step", step},
                             {"loss", losses.total},
                             {"intensity", losses.intensity},
                             {"texture", losses.texture},
                             {"lr", lr}};
                if (guided) line["semantic"] = losses.semantic, line["beta"] = beta;
                log(std::move(line));
                rate.show(step, losses.total,
                          guided ? program::format("intensity %.4f, texture %.4f, semantic %.4f", losses.intensity,
                                                   losses.texture, losses.semantic)
                                 : program::format("intensity %.4f, texture %.4f", losses.intensity, losses.texture));
            });
            if (place_.step < plan.steps) save_when_due();
        }
        ahead_.read_losses();
        rate.finish();
        enter(trains_segmentation(recipe_, place_.round) ? Phase::pictures : Phase::measuring);
    }

    std::string pictures_folder() const { return folder_.round(place_.round, "train"); }

    // Those that are missing: each is written whole or not at all, and would be the same again. False after Ctrl-C.
    bool make_pictures() {
        const PicturedDataset pictured(data_.train, pictures_folder());
        Rate rate(progress_, place_, recipe_, data_.train->size(), 0);
        bool all_new = place_.phase == Phase::pictures;
        for (std::int64_t i = 0; i < data_.train->size(); ++i) {
            if (program::Interrupt::requested()) return false;
            if (fs::exists(pictured.path(i))) {
                all_new = false;
                continue;
            }
            const View view = view_of(*data_.train->sample(i));
            ft::io::write_image(pictured.path(i), picture_of(view, recipe_.images, fused_of(state_, view)));
            rate.show(i + 1, "");
        }
        if (all_new) rate.finish();
        return true;
    }

    void train_segmentation() {
        if (!make_pictures()) return;
        auto& trainer = state_.segmentation_trainer;
        auto& batches =
            loader(std::make_shared<PicturedDataset>(data_.train, pictures_folder()), segmentation_batches(recipe_));
        Rate rate(progress_, place_, recipe_, recipe_.segmentation_steps, place_.step);
        while (place_.step < recipe_.segmentation_steps) {
            if (program::Interrupt::requested()) return ahead_.read_losses();
            const ft::data::Batch batch = ahead_.moved(batches.next());
            const double lr = trainer.optimizer().groups()[0].lr;
            using Late = ft::seafusion::LateLosses<ft::seafusion::SegmentationLosses>;
            const auto late = std::make_shared<Late>(trainer.send_step(batch.visible, batch.label));
            ++place_.step;
            state_.remember(batches);
            ahead_.report_later([this, &rate, late, lr, step = place_.step] {
                const auto& losses = late->read();
                log({{"step", step},
                     {"loss", losses.total},
                     {"main", losses.main},
                     {"auxiliary", losses.auxiliary},
                     {"lr", lr}});
                rate.show(step, losses.total,
                          program::format("main %.4f, auxiliary %.4f", losses.main, losses.auxiliary));
            });
            if (place_.step < recipe_.segmentation_steps) save_when_due();
        }
        ahead_.read_losses();
        rate.finish();
        enter(Phase::measuring);
    }

    void measure() {
        const std::string folder = folder_.round(place_.round), pictures = folder_.round(place_.round, "test");
        Measures m{classes_};
        Sheet sheet(data_.test->size(), json(recipe_.images).get<std::string>(), state_.segments(), classes_);
        Rate rate(progress_, place_, recipe_, data_.test->size(), 0);
        std::string unwritten;  // why a result is missing, the first of them
        const auto result = [&](auto write) {
            try {
                write();
            } catch (const ft::Error& e) {
                if (unwritten.empty()) unwritten = e.what();
            }
        };
        for (std::int64_t i = 0; i < data_.test->size(); ++i) {
            if (program::Interrupt::requested()) return;
            const View view = view_of(*data_.test->sample(i));
            const auto fused = fused_of(state_, view);
            const auto picture = picture_of(view, recipe_.images, fused);
            result([&] { ft::io::write_image(pictures + "/" + view.name + ".png", picture); });
            ft::Tensor<std::uint8_t> predicted;
            if (state_.segments()) {
                const std::string labels = folder_.round(place_.round, "predicted");
                predicted =
                    ft::seafusion::segment(state_.segmentation, picture.to(state_.device)).to(ft::Device::cpu());
                m.confusion.add(predicted, view.label);
                result([&] {
                    ft::io::write_image(labels + "/" + view.name + ".png",
                                        ft::reshape(predicted, {predicted.size(0), predicted.size(1), 1}));
                });
            }
            if (fused) m.content.add(*fused, recipe_.alpha), m.add_persons(view, picture);
            if (sheet.wants(i)) sheet.add(view, picture, predicted);
            rate.show(i + 1, "");
        }
        rate.finish();
        json measures = m.to_json();
        measures["round"] = place_.round, measures["test_images"] = data_.test->size();
        result([&] { sheet.write(folder + "/sheet.png"); });
        const auto save_weights = [&](const char* name, const ft::nn::Module& net, const ft::io::Metadata& metadata) {
            result([&] {
                const std::string newest = folder_.file(name), own = folder + "/" + name;
                const bool rounds = recipe_.keep == Keep::rounds || recipe_.keep == Keep::all;
                if (rounds) ft::io::save(own, net.state_dict(), metadata);
                if (!rounds || !ft::io::link_file(own, newest)) ft::io::save(newest, net.state_dict(), metadata);
            });
        };
        if (state_.fuses()) save_weights("fusion.safetensors", state_.fusion, infrared_metadata());
        if (state_.segments())
            save_weights("segmentation.safetensors", state_.segmentation, program::metadata_of(classes_));
        result([&] { program::write_json(folder + "/measures.json", measures); });
        check_written(unwritten);
        if (!options_.quiet) {
            progress_.clear();
            print_table(m, place_.round, data_.test->size(), recipe_.data.empty() ? "unseen scenes" : "test images");
        }
        if (const std::string text = m.persons_warning(); !text.empty()) progress_.warn(text);
        log({{"measures", measures}});
        reporting_.measured(place_.round, folder + "/sheet.png");
        place_.rounds.push_back(measures);
        place_.best = std::max(place_.best, m.score());
        if (place_.round == recipe_.rounds)
            enter(Phase::finished);
        else
            ++place_.round, enter(Phase::fusion);
        save_best();
        tidy();
        if (place_.phase != Phase::finished) reporting_.refresh_if_cheap();  // at the end the whole run is reported
    }

    // With what infrared images were stretched; nothing where they were not.
    ft::io::Metadata infrared_metadata() const {
        if (data_.infrared.is_full()) return {};
        return {{"ir_range", data_.infrared.text()}};
    }

    // A round can do without its results, the nets being in memory; the last one, which is what the run was for,
    // cannot.
    void check_written(const std::string& unwritten) {
        if (unwritten.empty()) return;
        if (place_.round == recipe_.rounds)
            throw ft::Error(unwritten +
                            "; the results of the last round are not whole: make room and go on with --resume " +
                            folder_.path());
        progress_.warn("the results of round " + std::to_string(place_.round) +
                       " are not whole, the run goes on without: " + unwritten);
    }

    const Options& options_;
    const Recipe& recipe_;
    RunFolder& folder_;
    RunState& state_;
    Place& place_;
    const Data& data_;
    const program::Classes classes_;
    program::Progress progress_;
    program::Stopwatch watch_, since_save_;
    double seconds_before_;
    bool log_failed_ = false, last_is_current_;
    std::unique_ptr<ft::data::PairLoader> loader_;
    Ahead ahead_;
    Reporting reporting_;
};

}  // namespace training
