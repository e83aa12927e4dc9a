// The command line of train_seafusion. recipe.hpp lists what a run is made of.
#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "support/options.hpp"
#include "training/recipe.hpp"

namespace training {

namespace ft = fathom;

// How this process works on a run.
struct Options {
    Recipe recipe;
    std::string out, resume, json_file, command, classes_file, device = "cpu", precision = "fp32";
    double checkpoint_seconds = 60;
    int threads = 0;
    bool quiet = false, accept_changed_data = false, restart = false, no_report = false;
};

// "96" or "480x640", height first.
inline void set_crop(Recipe& recipe, const std::string& text) {
    const program::Bounds<std::int64_t> sides{1, 65536};
    const std::size_t x = text.find('x');
    std::int64_t height = 0, width = 0;
    const bool good = program::parse_number(text.substr(0, x), sides, height) &&
                      program::parse_number(x == std::string::npos ? text : text.substr(x + 1), sides, width);
    if (!good) throw CLI::ValidationError("--crop", "expected SIZE or HEIGHTxWIDTH, got " + text);
    recipe.crop_height = height, recipe.crop_width = width;
}

// Options are read into `o` once the preset is known. Call finish() after the parsing.
class CommandLine {
public:
    CommandLine(CLI::App& app, Options& o) : app_(app), options_(o) {
        app.add_option("--preset", preset_, "quick: a few minutes on two cores; paper: the paper's text")
            ->check(CLI::IsMember({"quick", "paper"}))
            ->capture_default_str();
        app.add_option("--out", o.out, "run folder (default: runs/DATE-TIME)");
        app.add_option("--resume", o.resume, "go on with the run in this folder, with its options");
        visit_fields(given_, *this);
        for (const char* weights : {"--resnet18", "--fusion-weights", "--segmentation-weights"})
            app.get_option(weights)->check(CLI::ExistingFile);
        crop_option_ = app.add_option("--crop", crop_, "random crops of this size: SIZE or HEIGHTxWIDTH");
        app.add_flag("--accept-changed-data", o.accept_changed_data,
                     "with --resume: go on although data that were trained on have changed");
        app.add_flag("--restart", o.restart, "with --resume: begin the run anew, although its checkpoints are gone");
        program::add_number(app, "--checkpoint-every", o.checkpoint_seconds, 0.0, 1e9, "seconds between checkpoints");
        program::add_device(app, o.device);
        app.add_option(
               "--precision", o.precision,
               "of convolutions, forward and backward: fp32; bf16 (weights, moments, losses and all that is not a "
               "convolution stay fp32); tf32, on a device. On a device that is the fusion net's alone")
            ->check(CLI::IsMember({"fp32", "tf32", "bf16"}))
            ->capture_default_str();
        program::add_threads(app, o.threads);
        app.add_flag("--quiet", o.quiet, "no progress; prints the run folder alone");
        app.add_flag("--no-report", o.no_report, "no page of the run (RUN/report/index.html), no file for TensorBoard");
        app.add_option("--json", o.json_file, "write the summary to this file");
    }
    CommandLine(const CommandLine&) = delete;

    // Throws CLI::ValidationError where options contradict each other.
    void finish() {
        if (options_.precision == "tf32" && options_.device == "cpu")
            throw CLI::ValidationError("--precision", "expected fp32 or bf16 with --device cpu, got tf32");
        if (!options_.resume.empty()) {
            for (const CLI::Option* option : app_.get_options())
                if (option->count() > 0 && !goes_with_resume(option->get_name()))
                    throw CLI::ValidationError(option->get_name(), "not with --resume: a run keeps its options");
            return;
        }
        for (const auto& [given, name] :
             {std::pair{options_.accept_changed_data, "--accept-changed-data"}, {options_.restart, "--restart"}})
            if (given) throw CLI::ValidationError(name, "only with --resume");
        Recipe& r = options_.recipe;
        r = preset_ == "paper" ? paper_recipe() : quick_recipe();
        if (given_.content_only) r.rounds = 1;  // nothing changes from round to round
        apply(r);
    }
    // Puts what was given in the place of a preset's values, or with --resume of the run's.
    void apply(Recipe& r) const {
        program::FieldWriter all;
        visit_fields(given_, all);
        json given = json::object();
        for (const auto& [option, key] : fields_)
            if (option->count() > 0) given[key] = all.object[key];
        program::FieldReader reader(given, "options");
        reader.younger();
        visit_fields(r, reader);
        if (crop_option_->count() > 0) set_crop(r, crop_);
        if (const auto [option, text] = contradiction(r); !option.empty()) throw CLI::ValidationError(option, text);
    }

    // The fields of the recipe as options: --fusion-epochs for fusion_epochs.
    template <class T>
    void operator()(const char*, T&, const program::Bounds<T>&) {}
    void operator()(const char*, bool&) {}
    template <class T>
    void operator()(const char* key, T& value, const program::Bounds<T>& bounds, const char* text) {
        fields_.emplace_back(program::add_number(app_, name_of(key), value, bounds, text), key);
    }
    void operator()(const char* key, std::string& value, const char* text) {
        fields_.emplace_back(app_.add_option(name_of(key), value, text), key);
    }
    // The classes: the one list in a recipe.
    void operator()(const char* key, json& value, const char* text) {
        const std::string name = name_of(key);
        const auto read = [this, name, &value](const std::string& word) {
            try {
                value = program::to_json(program::classes_of_word(word, options_.classes_file));
            } catch (const ft::Error& e) {
                throw CLI::ValidationError(name, e.what());
            }
        };
        fields_.emplace_back(app_.add_option_function<std::string>(name, read, text), key);
    }
    void operator()(const char* key, bool& value, const char* text) {
        const std::string name = name_of(key);
        fields_.emplace_back(app_.add_flag(name + ",!--no-" + name.substr(2), value, text), key);
    }
    template <class T>
    requires std::is_enum_v<T>
    void operator()(const char* key, T& value, const char* text) {
        const std::string name = name_of(key);
        const auto read = [name, &value](const std::string& word) {
            if (json(json(word).get<T>()) != json(word))
                throw CLI::ValidationError(name, "is none of the words that --help lists: " + word);
            value = json(word).get<T>();
        };
        fields_.emplace_back(app_.add_option_function<std::string>(name, read, text), key);
    }
    void younger() {}

private:
    static std::string name_of(const char* key) {
        std::string name = std::string("--") + key;
        std::replace(name.begin(), name.end(), '_', '-');
        return name;
    }
    static bool goes_with_resume(const std::string& name) {
        for (const char* own :
             {"--help", "--resume", "--device", "--precision", "--threads", "--quiet", "--no-report", "--json",
              "--checkpoint-every", "--data", "--rounds", "--keep", "--accept-changed-data", "--restart"})
            if (name == own) return true;
        return false;
    }
    CLI::App& app_;
    Options& options_;
    Recipe given_;
    std::string preset_ = "quick", crop_;
    CLI::Option* crop_option_;
    std::vector<std::pair<CLI::Option*, std::string>> fields_;
};

}  // namespace training
