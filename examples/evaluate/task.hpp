// evaluate task: what a segmentation net makes of each kind of picture, visible, infrared or fused. The same net on all
// of them, or one trained on each by the paper's protocol. Next: task_training.hpp (how one is trained), task_table.hpp
// (what is made of the counts).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "evaluate/task_table.hpp"
#include "evaluate/task_training.hpp"
#include "fathom/data/dataset.hpp"
#include "fathom/io/run_lock.hpp"
#include "fathom/metrics/segmentation.hpp"
#include "support/file_list.hpp"
#include "support/files.hpp"
#include "support/named_folder.hpp"
#include "support/program.hpp"
#include "training/data.hpp"
#include "training/options.hpp"
#include "training/state.hpp"

namespace evaluate {

struct TaskOptions {
    training::Recipe recipe;              // of a training; its weights are the net's that is not trained, too
    std::vector<std::string> inputs;      // as they are given
    std::int64_t retrain = 0, seeds = 1;  // 0 steps: the net is not trained
    std::string out, csv_file, json_file, classes_file, device = "cpu";
    std::optional<program::Classes> classes;
    double checkpoint_seconds = 60;
    int threads = 0;
    bool quiet = false;

    std::vector<program::NamedFolder> sources() const;
    void check() const {
        sources();
        if (retrain == 0 && recipe.segmentation_weights.empty())
            throw CLI::ValidationError(
                "expected --weights, a net to measure, or --retrain, to train one on each input");
        if (retrain > 0 && out.empty())
            throw CLI::ValidationError("--retrain", "only with --out, a folder for what is finished");
        if (!recipe.resnet18.empty() && !recipe.segmentation_weights.empty())
            throw CLI::ValidationError("--resnet18", "not with --weights, which hold the ResNet-18 too");
    }
};

// "visible" and "infrared" are the data's own; any other is a folder of pictures. Of those two the path is "".
inline std::vector<program::NamedFolder> TaskOptions::sources() const {
    std::vector<program::NamedFolder> list;
    for (const std::string& text : inputs) {
        const bool own = text == "visible" || text == "infrared";
        const program::NamedFolder one = own ? program::NamedFolder{text, ""} : program::named_folder(text, "--inputs");
        for (const program::NamedFolder& other : list)
            if (other.name == one.name)
                throw CLI::ValidationError("--inputs", "two are called " + one.name + ", expected names that differ");
        if (!own && (one.name == "visible" || one.name == "infrared"))
            throw CLI::ValidationError(
                "--inputs", text + " is called as the data's own " + one.name + " images, expected another name");
        list.push_back(one);
    }
    return list;
}

class TaskEvaluation {
public:
    explicit TaskEvaluation(const TaskOptions& o) : o_(o), sources_(o.sources()), progress_(o.quiet) {}

    // Everything that can be known to be wrong is found before the first net.
    int run() {
        device_ = program::device_of(o_.device);
        take_classes();
        program::FileList files;
        for (const program::NamedFolder& source : sources_) data_.push_back(open(source, files));
        for (const std::string& file : {o_.recipe.segmentation_weights, o_.recipe.resnet18, o_.classes_file})
            if (!file.empty()) files.reads(file);
        if (!o_.csv_file.empty()) files.writes(o_.csv_file, "--csv");
        if (!o_.json_file.empty()) files.writes(o_.json_file, "--json");
        if (retrains()) {
            files.makes(o_.out);
            for (std::size_t i = 0; i < sources_.size(); ++i)
                for (std::int64_t seed = 1; seed <= o_.seeds; ++seed) files.writes(result_file(i, seed), "--out");
            files.writes(o_.out + "/run.lock", "--out");
        }
        files.check();
        files.try_out();
        training::RunState(recipe_of(1), device_, ft::Precision::fast).load_start_weights();  // throws what is wrong
        look_at_all();
        files.prepare();
        const program::Interrupt interrupt;
        for (std::size_t i = 0; i < sources_.size(); ++i) table_.inputs.push_back({sources_[i].name, {}});
        if (retrains())
            retrain_all();
        else
            measure_all();
        write();
        return 0;
    }

private:
    bool retrains() const { return o_.retrain > 0; }
    std::string result_file(std::size_t input, std::int64_t seed) const {
        return o_.out + "/" + sources_[input].name + ".seed_" + std::to_string(seed) + ".json";
    }
    // A folder, until the result is there.
    std::string checkpoints_of(std::size_t input, std::int64_t seed) const {
        return o_.out + "/" + sources_[input].name + ".seed_" + std::to_string(seed) + ".checkpoints";
    }

    void take_classes() {
        training::Recipe& r = o_.recipe;
        table_.retrained = retrains();
        table_.classes = o_.classes.value_or(program::Classes::msrs());
        if (const std::string& file = r.segmentation_weights; !file.empty()) {
            const program::Classes own = program::classes_of_weights(ft::io::load(file), file);
            if (o_.classes && o_.classes->size() != own.size())
                throw ft::Error(file + ": is of " + std::to_string(own.size()) + " classes, --classes says " +
                                std::to_string(o_.classes->size()));
            if (!o_.classes) table_.classes = own;
        }
        r.classes = program::to_json(table_.classes);
        r.images = training::ImageSource::visible;  // whatever is in the place of the visible images
        r.rounds = 1, r.segmentation_steps = std::max<std::int64_t>(1, o_.retrain);
    }

    // What a net is trained and measured on; without --retrain there is nothing to train on.
    training::Data open(const program::NamedFolder& source, program::FileList& files) const {
        training::Data data;
        for (const bool train : {false, true}) {
            if (train && !retrains()) continue;
            const char* split = train ? "train" : "test";
            const std::string folder = (fs::path(o_.recipe.data) / split).string();
            if (!fs::is_directory(folder))
                throw ft::Error(folder + ": no such folder; expected one with vi/, ir/ and Segmentation_labels/");
            ft::data::MsrsOptions options{.classes = table_.classes.size()};
            options.cache_bytes /= 2 * static_cast<std::int64_t>(sources_.size());
            if (source.name == "infrared") options.visible = folder + "/ir";
            if (!source.path.empty()) {
                options.visible = (fs::path(source.path) / split).string();
                if (!fs::is_directory(options.visible))
                    throw ft::Error(options.visible + ": no such folder; expected one with a picture for each of " +
                                    folder + "/Segmentation_labels");
            }
            const auto set = std::make_shared<ft::data::MsrsDataset>(folder, options);
            const ft::data::PairFolder::Extent smallest = set->check();
            for (const std::string& note : smallest.notes) std::fprintf(stderr, "warning: %s\n", note.c_str());
            const training::Recipe& r = o_.recipe;
            if (train && (smallest.height < r.crop_height || smallest.width < r.crop_width))
                throw ft::Error(folder + ": the smallest images are " + std::to_string(smallest.height) + "x" +
                                std::to_string(smallest.width) + ", expected at least the crop's " +
                                std::to_string(r.crop_height) + "x" + std::to_string(r.crop_width) + " (--crop)");
            for (std::int64_t i = 0; i < set->size(); ++i)
                for (const auto& [kind, path] : {std::pair{"picture/", set->pairs()[i].visible},
                                                 {"label/", set->labels()[static_cast<std::size_t>(i)]}}) {
                    data.files.push_back({std::string(split) + "/" + kind + set->name(i), path, train, i});
                    files.reads(path), files.reads_folder(fs::path(path).parent_path().string());
                }
            (train ? data.train : data.test) = set;
        }
        return data;
    }

    // Reads every picture and label once.
    void look_at_all() {
        progress_.show("reading the images");
        for (const training::Data& data : data_) {
            const training::Fingerprints files = training::fingerprints_of(data);
            training::check_samples(data, files, {});
            ft::io::Checksum sum;
            for (const auto& [name, own] : files) sum.add(name), sum.add(own);
            fingerprints_.push_back(training::detail::hex(sum.value()));
        }
        for (std::int64_t i = 0; i < data_.front().test->size(); ++i)
            table_.images.push_back(data_.front().test->name(i));
    }

    std::vector<Counts> measured(ft::seafusion::SegmentationNet<float>& net, std::size_t input,
                                 const std::string& what) {
        const ft::data::Dataset& test = *data_[input].test;
        std::vector<Counts> all;
        for (std::int64_t i = 0; i < test.size(); ++i) {
            stop_if_asked();
            const auto sample = test.sample(i);
            ft::metrics::ConfusionMatrix confusion(table_.classes.size());
            confusion.add(ft::seafusion::segment(net, sample->visible.to(device_)).to(ft::Device::cpu()),
                          sample->label);
            Counts& counts = all.emplace_back();
            for (std::int64_t label = 0; label < confusion.classes(); ++label)
                for (std::int64_t p = 0; p < confusion.classes(); ++p) counts.push_back(confusion.count(label, p));
            progress_.tick(what, program::format("%s: image %lld/%lld", what.c_str(), static_cast<long long>(i + 1),
                                                 static_cast<long long>(test.size())));
        }
        return all;
    }

    void measure_all() {
        training::RunState state(recipe_of(1), device_, ft::Precision::fast);
        state.load_start_weights();
        for (std::size_t i = 0; i < sources_.size(); ++i)
            table_.inputs[i].nets.push_back(measured(state.segmentation, i, sources_[i].name));
    }

    training::Recipe recipe_of(std::int64_t seed) const {
        training::Recipe r = o_.recipe;
        r.seed = static_cast<std::uint64_t>(seed);
        return r;
    }

    // Seed by seed, so that what is finished early compares all inputs.
    void retrain_all() {
        const ft::io::RunLock lock(o_.out);
        for (std::int64_t seed = 1; seed <= o_.seeds; ++seed)
            for (std::size_t i = 0; i < sources_.size(); ++i) {
                const std::string file = result_file(i, seed);
                if (fs::exists(file)) read_result(file, i, seed);
            }
        for (std::size_t i = 0; i < sources_.size(); ++i)
            table_.inputs[i].nets.resize(static_cast<std::size_t>(o_.seeds));
        for (std::int64_t seed = 1; seed <= o_.seeds; ++seed)
            for (std::size_t i = 0; i < sources_.size(); ++i) {
                const std::string file = result_file(i, seed);
                std::vector<Counts>& result = table_.inputs[i].nets[static_cast<std::size_t>(seed - 1)];
                if (fs::exists(file)) {
                    result = read_result(file, i, seed);
                    progress_.keep(file + ": finished before");
                } else {
                    result = retrained(i, seed);
                    program::write_json(file, {{"settings", settings(i, seed)}, {"confusion", result}});
                }
                std::error_code ignored;  // what cannot be removed stays
                fs::remove_all(checkpoints_of(i, seed), ignored);
            }
    }

    std::vector<Counts> retrained(std::size_t input, std::int64_t seed) {
        const std::string what =
            program::format("%s, seed %lld", sources_[input].name.c_str(), static_cast<long long>(seed));
        TaskTraining training({what, checkpoints_of(input, seed), settings(input, seed).dump(), data_[input].train},
                              recipe_of(seed), device_, o_.checkpoint_seconds, progress_);
        if (!training.train()) stop();
        return measured(training.net(), input, what);
    }

    // What a result depends on.
    nlohmann::json settings(std::size_t input, std::int64_t seed) const {
        nlohmann::json all = training::to_json(recipe_of(seed));
        all.erase("data");  // where they are does not matter, what they are does
        for (const char* weights : {"resnet18", "segmentation_weights"}) {
            const std::string file = all[weights].get<std::string>();
            if (file.empty()) continue;
            ft::io::Checksum sum;
            sum.add(ft::io::MappedFile(file).bytes());
            all[weights] = training::detail::hex(sum.value());
        }
        all["files"] = fingerprints_[input];
        return all;
    }

    std::vector<Counts> read_result(const std::string& file, std::size_t input, std::int64_t seed) const {
        const nlohmann::json found = program::read_json_object(file), ours = settings(input, seed);
        const nlohmann::json theirs = found.value("settings", nlohmann::json());
        for (const auto& [key, value] : ours.items())
            if (!theirs.is_object() || theirs.value(key, nlohmann::json()) != value)
                throw ft::Error(file + ": is a result of other settings, " + key + " is " +
                                (theirs.is_object() ? theirs.value(key, nlohmann::json()).dump() : "missing") +
                                ", expected " + value.dump() + "; --out NEW keeps both");
        const nlohmann::json images = found.value("confusion", nlohmann::json());
        const std::size_t cells = table_.classes.names.size() * table_.classes.names.size();
        bool good = images.is_array() && images.size() == table_.images.size();
        std::vector<Counts> counts;
        for (std::size_t i = 0; good && i < images.size(); ++i) {
            good = images[i].is_array() && images[i].size() == cells &&
                   std::all_of(images[i].begin(), images[i].end(),
                               [](const nlohmann::json& n) { return n.is_number_unsigned(); });
            if (good) counts.push_back(images[i].get<Counts>());
        }
        if (!good)
            throw ft::Error(file + ": is damaged, expected confusion with " + std::to_string(cells) +
                            " counts for each of " + std::to_string(table_.images.size()) +
                            " images; without the file its net is trained again");
        return counts;
    }

    [[noreturn]] void stop() const {
        throw ft::Error(retrains() ? "stopped; the same command goes on from here" : "stopped");
    }
    void stop_if_asked() const {
        if (program::Interrupt::requested()) stop();
    }

    void write() {
        const TaskResult result = task_result(table_);
        if (!o_.csv_file.empty()) program::write_text(o_.csv_file, task_csv(table_));
        if (!o_.json_file.empty()) {
            nlohmann::json json = task_json(table_, result);
            for (std::size_t i = 0; i < sources_.size(); ++i) json["settings"][sources_[i].name] = settings(i, 1);
            program::write_json(o_.json_file, json);
        }
        progress_.clear();
        std::printf("%s", task_text(table_, result).c_str());
    }

    TaskOptions o_;
    std::vector<program::NamedFolder> sources_;
    program::Progress progress_;
    ft::Device device_;
    std::vector<training::Data> data_;       // of each input
    std::vector<std::string> fingerprints_;  // of each input
    TaskTable table_{program::Classes::msrs(), {}, {}, false};
};

inline program::Command task_command(CLI::App& app) {
    const auto o = std::make_shared<TaskOptions>();
    training::Recipe& r = o->recipe;
    CLI::App* command = app.add_subcommand(
        "task", "Measures what a segmentation net makes of visible, infrared and fused pictures: IoU of each.");
    command->add_option("--data", r.data, "folder with test/, and for --retrain train/, in the layout of MSRS")
        ->required();
    command
        ->add_option("--inputs", o->inputs,
                     "visible, infrared, or [NAME=]DIR with pictures in test/, and for --retrain train/")
        ->required()
        ->delimiter(',');
    command->add_option(
        "--weights", r.segmentation_weights,
        "weights of the segmentation net that is measured on all inputs, or that --retrain begins with");
    program::add_number(*command, "--retrain", o->retrain, std::int64_t{1}, std::int64_t{1'000'000'000},
                        "train a net on each input, with this many updates")
        ->default_str("");
    program::add_number(*command, "--seeds", o->seeds, std::int64_t{1}, std::int64_t{1000},
                        "with --retrain: nets for each input, by the seeds 1, 2, ...");
    program::add_number(*command, "--batch", r.batch, std::int64_t{2}, std::int64_t{4096},
                        "with --retrain: images per update");
    command->add_option_function<std::string>(
        "--crop", [&r](const std::string& text) { training::set_crop(r, text); },
        "with --retrain: random crops of this size: SIZE or HEIGHTxWIDTH (default: 128x160)");
    command->add_option("--resnet18", r.resnet18,
                        "with --retrain: begin with torchvision's ImageNet weights of ResNet-18");
    command->add_option("--out", o->out,
                        "with --retrain: folder for the nets' results; finished ones are not repeated");
    program::add_number(*command, "--checkpoint-every", o->checkpoint_seconds, 0.0, 1e9,
                        "with --retrain: seconds between checkpoints of the net that is trained");
    program::add_classes(*command, o->classes, o->classes_file,
                         "what labels tell apart: a number of classes, or a file with a line NAME [R G B] for each "
                         "(default: those of --weights, or the nine of MSRS)");
    command->add_option("--csv", o->csv_file, "write the measures to this file");
    command->add_option("--json", o->json_file, "write the measures to this file");
    program::add_device(*command, o->device);
    program::add_threads(*command, o->threads);
    command->add_flag("--quiet", o->quiet, "no progress");
    const auto check = [o, command] {
        o->check();
        for (const char* name : {"--seeds", "--batch", "--crop", "--resnet18", "--out", "--checkpoint-every"})
            if (o->retrain == 0 && command->count(name) > 0) throw CLI::ValidationError(name, "only with --retrain");
    };
    return {command, check, [o] {
                if (o->threads > 0) ft::set_threads(o->threads);
                return TaskEvaluation(*o).run();
            }};
}

}  // namespace evaluate
