// The training of one net of evaluate task: that of train_seafusion's segmentation net, with the same weights for the
// same steps and seed. It can be killed anywhere and goes on to the same bits. Next: task.hpp, which trains many.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>

#include "fathom/io/checkpoint.hpp"
#include "support/file_list.hpp"
#include "support/program.hpp"
#include "training/ahead.hpp"
#include "training/data.hpp"
#include "training/state.hpp"

namespace evaluate {

namespace ft = fathom;

// Where the net of one input and seed comes from, and where it stands meanwhile.
struct TaskNet {
    std::string name;      // "visible, seed 1"
    std::string folder;    // of its checkpoints, while it is trained
    std::string settings;  // what its weights depend on
    std::shared_ptr<const ft::data::Dataset> data;
};

class TaskTraining {
public:
    TaskTraining(TaskNet net, const training::Recipe& recipe, ft::Device device, double checkpoint_seconds,
                 program::Progress& progress)
        : net_(std::move(net)),
          state_(recipe, device, ft::Precision::fast),
          checkpoint_seconds_(checkpoint_seconds),
          progress_(progress) {
        state_.place.phase = training::Phase::segmentation;
    }

    // False after Ctrl-C.
    bool train() {
        ft::Generator unused(0);
        const bool begun = restore();
        if (!begun) state_.load_start_weights();
        ft::data::PairLoader batches(net_.data, training::segmentation_batches(state_.recipe),
                                     begun ? unused : state_.gen);
        if (begun) batches.restore(state_.loader_state());
        training::Ahead ahead(state_.device);
        std::int64_t& done = state_.place.step;
        const std::int64_t steps = state_.recipe.segmentation_steps;
        while (done < steps) {
            if (program::Interrupt::requested()) break;
            const ft::data::Batch batch = ahead.moved(batches.next());
            using Late = ft::seafusion::LateLosses<ft::seafusion::SegmentationLosses>;
            const auto late = std::make_shared<Late>(state_.segmentation_trainer.send_step(batch.visible, batch.label));
            ++done;
            ahead.report_later([this, late, step = done, steps] { tell(step, steps, late->read().total); });
            if (done == steps || since_save_.seconds() < checkpoint_seconds_) continue;
            ahead.read_losses();
            save(batches);
        }
        ahead.read_losses();
        if (done < steps) save(batches);
        if (const std::string name = state_.spoilt(); !name.empty())
            throw ft::Error(net_.name + ": " + name + " holds values that are not finite after the training");
        return done == steps;
    }
    ft::seafusion::SegmentationNet<float>& net() { return state_.segmentation; }

private:
    void tell(std::int64_t step, std::int64_t steps, double loss) {
        progress_.tick(net_.name, program::format("%s: step %lld/%lld, loss %.4f", net_.name.c_str(),
                                                  static_cast<long long>(step), static_cast<long long>(steps), loss));
    }

    // False where the net was not begun.
    bool restore() {
        if (!std::filesystem::exists(net_.folder)) return false;
        ft::io::CheckpointFolder folder(net_.folder);
        if (folder.empty()) return false;
        const ft::io::LoadedCheckpoint loaded = folder.load();
        if (!loaded.warning.empty()) progress_.warn(loaded.warning);
        std::string settings;
        for (const auto& [key, value] : loaded.state.metadata)
            if (key == "settings") settings = value;
        if (settings != net_.settings)
            throw ft::Error(loaded.file +
                            ": is a training of other settings or pictures; --out NEW keeps both, and without the "
                            "folder " +
                            net_.folder + " the net is trained from its beginning");
        state_.load(loaded.state, loaded.file);
        progress_.keep(net_.name + ": going on after step " + std::to_string(state_.place.step));
        return true;
    }
    // A disk without room does not end the training.
    void save(const ft::data::PairLoader& batches) {
        state_.remember(batches);
        since_save_ = {};
        try {
            program::make_folder(net_.folder);
            ft::io::Metadata metadata = state_.metadata();
            metadata.emplace_back("settings", net_.settings);
            if (!checkpoints_) checkpoints_.emplace(net_.folder);
            checkpoints_->save(state_.state_dict(), metadata);
        } catch (const ft::Error& e) {
            progress_.warn("no checkpoint was written, the one before is kept: " + std::string(e.what()));
        }
    }

    TaskNet net_;
    training::RunState state_;
    double checkpoint_seconds_;
    program::Progress& progress_;
    std::optional<ft::io::CheckpointFolder> checkpoints_;
    program::Stopwatch since_save_;
};

}  // namespace evaluate
