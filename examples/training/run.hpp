// The run: rounds of fusion and segmentation training that can be interrupted anywhere and go on to the same weights.
#pragma once

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>

#include "training/folder.hpp"
#include "training/report.hpp"

namespace training {

class Run {
public:
    Run(const Options& options, RunFolder& folder, RunState& state, const Data& data)
        : options_(options),
          recipe_(state.recipe),
          folder_(folder),
          state_(state),
          place_(state.place),
          data_(data),
          progress_(options.quiet),
          seconds_before_(state.place.seconds) {}

    // Until the end, or Ctrl-C; false if that came.
    bool go() {
        announce();
        save_best();  // a kill may have come between `last` and `best`
        while (place_.phase != Phase::finished && !program::Interrupt::requested()) {
            switch (place_.phase) {
                case Phase::fusion:
                    train_fusion();
                    break;
                case Phase::pictures:
                    if (make_pictures()) enter(Phase::segmentation);
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
    bool fuses() const { return recipe_.images == ImageSource::fused; }

    void announce() {
        progress_.keep("training on " + std::to_string(data_.train->size()) +
                       (recipe_.data.empty() ? " synthetic scenes" : " images of " + recipe_.data) + ", run folder " +
                       folder_.path());
        if (recipe_.micro_batch > 0 && recipe_.micro_batch < recipe_.batch)
            progress_.keep("micro-batches of " + std::to_string(recipe_.micro_batch) +
                           ": the semantic loss picks its pixels, and batch norm takes its statistics, within each of "
                           "them; only the content loss is that of the whole batch");
    }

    double seconds() const { return seconds_before_ + watch_.seconds(); }

    void enter(Phase phase) {
        place_.phase = phase, place_.step = 0;
        place_.loader_position = 0, place_.loader_seed = place_.loader_offset = 0;
        loader_.reset();
        save();
    }

    // Keeps the old checkpoint and goes on where this one cannot be written.
    void save() {
        if (const std::string name = state_.spoilt(); !name.empty())
            throw ft::Error(name + " holds values that are not finite after step " + std::to_string(place_.step) +
                            " of the phase; the last checkpoint is kept");
        place_.seconds = seconds(), place_.log_bytes = folder_.log_bytes();
        since_save_ = {};
        write([&] { folder_.checkpoints().save(state_.state_dict(), state_.metadata()); });
    }
    template <class Write>
    void write(Write write) {
        try {
            write();
        } catch (const ft::Error& e) {
            progress_.warn("no checkpoint was written, the one before is kept: " + std::string(e.what()));
        }
    }
    // Behind `last`, which a disk that is nearly full must have room for first.
    void save_best() {
        const bool round_ended = place_.step == 0 && (place_.phase == Phase::fusion || place_.phase == Phase::finished);
        if (!round_ended || place_.rounds.empty()) return;
        const json& mean = place_.rounds.back().at("mean_iou");  // null where nothing was labelled
        if ((mean.is_null() ? 0.0 : mean.get<double>()) < place_.best) return;
        write([&] { folder_.checkpoints().save_as("best", state_.state_dict(), state_.metadata()); });
    }
    void save_when_due() {
        if (since_save_.seconds() >= options_.checkpoint_seconds) save();
    }
    void log(json line) {
        line["round"] = place_.round, line["phase"] = place_.phase, line["seconds"] = seconds();
        if (!folder_.log(line) && !log_failed_) {
            log_failed_ = true;
            progress_.warn(folder_.file("log.jsonl") + ": cannot be written; the run goes on without it");
        }
    }

    // Batches of this phase, from where it stands.
    ft::data::DataLoader& loader(std::shared_ptr<const ft::data::Dataset> dataset,
                                 const ft::data::LoaderOptions& options) {
        ft::Generator unused(0);
        loader_ =
            std::make_unique<ft::data::DataLoader>(std::move(dataset), options, place_.step == 0 ? state_.gen : unused);
        if (place_.step > 0) loader_->restore(state_.loader_state());
        return *loader_;
    }

    void train_fusion() {
        if (!fuses()) return enter(Phase::pictures);
        if (recipe_.restart_fusion && place_.round > 1 && place_.step == 0) state_.restart_fusion();
        auto& trainer = state_.fusion_trainer;
        const double beta = recipe_.gamma * static_cast<double>(place_.round - 1);
        const bool guided = place_.round > 1 && beta > 0;
        if (guided)
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
        const std::int64_t steps = recipe_.fusion_epochs * batches.batches_per_epoch();
        Rate rate(*this, steps);
        while (place_.step < steps) {
            if (program::Interrupt::requested()) return;
            const ft::data::Batch batch = batches.next();
            // The released code's 0.75^(epoch - 1), epochs counted from 0, over ten of them.
            const double epoch = static_cast<double>(place_.step * 10 / steps);
            const double lr = recipe_.fusion_rate * std::pow(0.75, epoch - 1);
            trainer.optimizer().groups()[0].lr = lr;
            const auto losses = trainer.step({batch.luminance, batch.infrared, batch.chroma, batch.label});
            ++place_.step;
            state_.remember(batches);
            json line = {{"step", place_.step},
                         {"loss", losses.total},
                         {"intensity", losses.intensity},
                         {"texture", losses.texture},
                         {"lr", lr}};
            if (guided) line["semantic"] = losses.semantic, line["beta"] = beta;
            log(std::move(line));
            rate.show(losses.total,
                      guided ? program::format("intensity %.4f, texture %.4f, semantic %.4f", losses.intensity,
                                               losses.texture, losses.semantic)
                             : program::format("intensity %.4f, texture %.4f", losses.intensity, losses.texture));
            if (place_.step < steps) save_when_due();
        }
        enter(Phase::pictures);
    }

    std::string pictures_folder() const { return made_folder(folder_.round(place_.round) + "/train"); }

    // Those that are missing: each is written whole or not at all, and would be the same again. False after Ctrl-C.
    bool make_pictures() {
        const PicturedDataset pictured(data_.train, pictures_folder());
        for (std::int64_t i = 0; i < data_.train->size(); ++i) {
            if (program::Interrupt::requested()) return false;
            if (fs::exists(pictured.path(i))) continue;
            const View view = view_of(*data_.train->sample(i));
            ft::io::write_image(pictured.path(i), picture_of(view, recipe_.images, fused_of(state_, view)));
            if (progress_.on_terminal())
                progress_.show(program::format("round %lld/%lld  pictures %lld/%lld", as_long(place_.round),
                                               as_long(recipe_.rounds), as_long(i + 1), as_long(data_.train->size())));
        }
        return true;
    }

    void train_segmentation() {
        if (!make_pictures()) return;
        auto& trainer = state_.segmentation_trainer;
        auto& batches = loader(std::make_shared<PicturedDataset>(data_.train, pictures_folder()),
                               {.batch = recipe_.batch,
                                .height = recipe_.crop_height,
                                .width = recipe_.crop_width,
                                .transforms = {.jitter = recipe_.augment, .flip = true, .scale = recipe_.augment},
                                .parts = {.visible = true, .label = true}});
        Rate rate(*this, recipe_.segmentation_steps);
        while (place_.step < recipe_.segmentation_steps) {
            if (program::Interrupt::requested()) return;
            const ft::data::Batch batch = batches.next();
            const double lr = trainer.optimizer().groups()[0].lr;
            const auto losses = trainer.step(batch.visible, batch.label);
            ++place_.step;
            state_.remember(batches);
            log({{"step", place_.step},
                 {"loss", losses.total},
                 {"main", losses.main},
                 {"auxiliary", losses.auxiliary},
                 {"lr", lr}});
            rate.show(losses.total, program::format("main %.4f, auxiliary %.4f", losses.main, losses.auxiliary));
            if (place_.step < recipe_.segmentation_steps) save_when_due();
        }
        enter(Phase::measuring);
    }

    void measure() {
        const std::string folder = folder_.round(place_.round), pictures = made_folder(folder + "/test");
        Measures m;
        Sheet sheet(data_.test->size(), json(recipe_.images).get<std::string>().c_str());
        for (std::int64_t i = 0; i < data_.test->size(); ++i) {
            if (program::Interrupt::requested()) return;
            const View view = view_of(*data_.test->sample(i));
            const auto fused = fused_of(state_, view);
            const auto picture = picture_of(view, recipe_.images, fused);
            ft::io::write_image(pictures + "/" + view.name + ".png", picture);
            const auto predicted = ft::seafusion::segment(state_.segmentation, picture);
            m.confusion.add(predicted, view.label);
            if (fused) m.content.add(*fused, recipe_.alpha);
            if (sheet.wants(i)) sheet.add(view, picture, predicted);
        }
        sheet.write(folder + "/sheet.png");
        for (const std::string& place : {folder, folder_.path()}) {
            if (fuses()) ft::io::save(place + "/fusion.safetensors", state_.fusion.state_dict());
            ft::io::save(place + "/segmentation.safetensors", state_.segmentation.state_dict());
        }
        json measures = m.to_json();
        measures["round"] = place_.round, measures["test_images"] = data_.test->size();
        program::write_json(folder + "/measures.json", measures);
        if (!options_.quiet)
            print_table(m, place_.round, data_.test->size(), recipe_.data.empty() ? "unseen scenes" : "test images");
        log({{"measures", measures}});
        place_.rounds.push_back(measures);
        place_.best = std::max(place_.best, m.confusion.mean_iou().value_or(0));
        if (place_.round == recipe_.rounds)
            enter(Phase::finished);
        else
            ++place_.round, enter(Phase::fusion);
        save_best();
    }

    static long long as_long(std::int64_t value) { return static_cast<long long>(value); }

    // The progress line of a phase.
    class Rate {
    public:
        Rate(Run& run, std::int64_t steps) : run_(run), steps_(steps), first_(run.place_.step) {}
        void show(double loss, const std::string& parts) {
            const std::int64_t step = run_.place_.step;
            mean_ = step == first_ + 1 ? loss : 0.95 * mean_ + 0.05 * loss;
            if (!run_.progress_.on_terminal() && step % 50 != 0 && step != first_ + 1) return;
            const double per_second = static_cast<double>(step - first_) / watch_.seconds();
            run_.progress_.show(
                program::format("round %lld/%lld  %s %lld/%lld  loss %.4f (mean %.4f; %s)  %.2f steps/s  %s left",
                                as_long(run_.place_.round), as_long(run_.recipe_.rounds),
                                json(run_.place_.phase).get<std::string>().c_str(), as_long(step), as_long(steps_),
                                loss, mean_, parts.c_str(), per_second,
                                program::duration_text(static_cast<double>(steps_ - step) / per_second).c_str()));
        }

    private:
        Run& run_;
        std::int64_t steps_, first_;
        program::Stopwatch watch_;
        double mean_ = 0;
    };

    const Options& options_;
    const Recipe& recipe_;
    RunFolder& folder_;
    RunState& state_;
    Place& place_;
    const Data& data_;
    program::Progress progress_;
    program::Stopwatch watch_, since_save_;
    double seconds_before_;
    bool log_failed_ = false;
    std::unique_ptr<ft::data::DataLoader> loader_;
};

}  // namespace training
