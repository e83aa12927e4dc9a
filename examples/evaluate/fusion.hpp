// evaluate fusion: how good fused images are by the metrics of papers, in the convention that one wants to compare
// with. Next: fusion_inputs.hpp (what is measured), fusion_table.hpp (what is made of it).
#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "evaluate/fusion_csv.hpp"
#include "evaluate/fusion_inputs.hpp"
#include "evaluate/fusion_json.hpp"
#include "evaluate/fusion_latex.hpp"
#include "evaluate/fusion_page.hpp"
#include "evaluate/fusion_protocol.hpp"
#include "evaluate/fusion_retention.hpp"
#include "evaluate/fusion_text.hpp"
#include "evaluate/fusion_xlsx.hpp"
#include "support/file_list.hpp"
#include "support/fuser.hpp"
#include "support/named_folder.hpp"
#include "support/program.hpp"

namespace evaluate {

struct FusionOptions {
    std::string vis, ir, weights, csv_file, json_file, latex_file, xlsx_file, report, protocol, labels, boxes;
    std::string convention = "float", device = "cpu";
    std::vector<program::NamedFolder> fused;
    int threads = 0;
    bool quiet = false;
};

// Those of the command line, in its order, then the baselines. Throws on names that cannot be told apart.
inline std::vector<FusionMethod> methods_of(const FusionOptions& o) {
    std::vector<FusionMethod> methods;
    for (const program::NamedFolder& folder : o.fused) methods.push_back({folder.name, folder.path});
    if (!o.weights.empty()) methods.push_back({fs::path(o.weights).stem().string(), o.weights});
    if (methods.empty()) throw CLI::ValidationError("expected --fused or --weights: something to measure");
    for (const FusionMethod& method : methods)
        for (const char* name : baselines)
            if (method.name == name)
                throw CLI::ValidationError(
                    method.from == o.weights ? "--weights" : "--fused",
                    method.from + " is called " + name + " as a baseline is, expected another name");
    for (const program::NamedFolder& folder : o.fused)
        if (!o.weights.empty() && folder.name == methods.back().name)
            throw CLI::ValidationError("--weights, --fused",
                                       "both are called " + folder.name + ", expected NAME=FOLDER with another name");
    for (const char* name : baselines) methods.push_back({name, "", true});
    return methods;
}

class FusionEvaluation {
public:
    explicit FusionEvaluation(const FusionOptions& o) : o_(o), progress_(o.quiet) {}

    int run() {
        const fathom::Device device = program::device_of(o_.device);
        table_.methods = methods_of(o_);
        for (int i = 0; i < metrics::fusion_convention_count; ++i)
            if (const auto c = static_cast<FusionConvention>(i);
                o_.convention == "all" || o_.convention == metrics::to_string(c))
                table_.conventions.push_back(c);
        program::FileList files;
        find(files);
        files.check();
        if (!o_.report.empty()) report::check_page(o_.report, "--report");
        files.try_out();
        if (!o_.xlsx_file.empty()) check_xlsx();
        if (!o_.protocol.empty()) their_protocol_ = read_protocol(o_.protocol);
        std::string leftover;
        if (!o_.weights.empty()) leftover = fuser_.load(o_.weights);
        if (!leftover.empty()) progress_.keep(leftover);
        progress_.show("reading the images");
        look_at_all(inputs_);
        retention_.read(inputs_, table_.methods.size());
        if (!o_.protocol.empty()) check_protocol();
        if (!o_.weights.empty()) fuser_.run_on(device, "fp32", progress_);
        files.prepare();
        if (!o_.report.empty()) page_.emplace(table_);
        measure();
        notes_ = notes_on(inputs_, table_.methods, table_.conventions);
        for (const std::string& note : notes_) progress_.warn(note);
        write();
        return 0;
    }

private:
    void find(program::FileList& files) {
        const fathom::data::PairFolder folder(o_.vis, o_.ir);
        for (const std::string& note : folder.check().notes) progress_.warn(note);
        inputs_.pairs.assign(folder.begin(), folder.end());
        files.reads_folder(o_.vis), files.reads_folder(o_.ir);
        for (const auto& pair : inputs_.pairs) files.reads(pair.visible), files.reads(pair.infrared);
        for (std::size_t i = 0; i < inputs_.pairs.size(); ++i) table_.images.push_back(inputs_.image_name(i));
        for (const FusionMethod& method : table_.methods) {
            MethodPictures& pictures = inputs_.methods.emplace_back();
            if (method.baseline || method.from == o_.weights) continue;
            pictures.paths = beside(method.from, "fused", files);
        }
        if (!o_.labels.empty()) retention_.take_labels(beside(o_.labels, "label", files));
        if (!o_.boxes.empty()) retention_.take_boxes(beside(o_.boxes, "boxes", files));
        if (!o_.weights.empty()) files.reads(o_.weights);
        if (!o_.protocol.empty()) files.reads(o_.protocol);
        for (const auto& [file, option] : {std::pair{o_.csv_file, "--csv"},
                                           {o_.json_file, "--json"},
                                           {o_.latex_file, "--latex"},
                                           {o_.xlsx_file, "--xlsx"}})
            if (!file.empty()) files.writes(file, option);
        if (o_.report.empty()) return;
        files.makes(o_.report);
        files.writes(o_.report + "/index.html", "--report");
    }

    std::vector<std::string> beside(const std::string& folder, const char* kind, program::FileList& files) const {
        const bool texts = folder == o_.boxes;
        const auto found =
            texts ? fathom::data::list_texts(folder, "boxes") : fathom::data::list_images(folder, {.of = "pictures"});
        const std::vector<std::string> paths = beside_pairs(found, folder, inputs_.pairs, kind);
        files.reads_folder(folder);
        for (const std::string& path : paths) files.reads(path);
        return paths;
    }

    void check_protocol() {
        const std::vector<std::string> changes =
            protocol_changes(o_.protocol, their_protocol_, protocol_of(table_, inputs_));
        for (const std::string& change : changes) progress_.warn(change);
        if (!changes.empty())
            throw fathom::Error(o_.protocol + ": the protocol is another one, " + changes.front() +
                                (changes.size() > 1 ? " (" + std::to_string(changes.size() - 1) + " more)" : "") +
                                "; expected the same, so that numbers can be compared");
    }

    // Some images at a time: what the net makes of them, one after another, then all methods beside each other.
    void measure() {
        table_.allocate();
        const std::size_t images = table_.images.size(), methods = table_.methods.size(),
                          block = 2 * static_cast<std::size_t>(fathom::threads());
        const program::Stopwatch watch;
        for (std::size_t first = 0; first < images; first += block) {
            const std::size_t last = std::min(first + block, images);
            const std::vector<Picture> made = fuse(first, last);
            const auto tasks = static_cast<std::int64_t>((last - first) * methods);
            fathom::parallel_for(0, tasks, 1, [&](std::int64_t begin, std::int64_t end) {
                for (auto task = static_cast<std::size_t>(begin); task < static_cast<std::size_t>(end); ++task) {
                    const std::size_t image = first + task / methods;
                    measure(image, task % methods, made.empty() ? Picture() : made[image - first]);
                }
            });
            if (page_) page_->add(inputs_, first, last, made);
            progress_.tick("measured", program::format("%zu/%zu images measured", last, images));
        }
        progress_.keep(program::format("%zu methods and baselines on %zu images measured in %s", methods, images,
                                       program::duration_text(watch.seconds()).c_str()));
    }

    std::vector<Picture> fuse(std::size_t first, std::size_t last) {
        std::vector<Picture> made;
        if (o_.weights.empty()) return made;
        for (std::size_t i = first; i < last; ++i) {
            made.push_back(program::Fuser::picture(fuser_.planes(fathom::data::load_pair(inputs_.pairs[i]))));
            inputs_.methods[table_.compared() - 1].facts.push_back(facts_of(made.back()));
        }
        return made;
    }

    // `made` is the net's picture where there is a net.
    void measure(std::size_t image, std::size_t m, const Picture& made) {
        const Picture visible = fathom::io::read_image(inputs_.pairs[image].visible),
                      infrared = fathom::io::read_image(inputs_.pairs[image].infrared);
        const FusionMethod& method = table_.methods[m];
        const std::vector<std::string>& paths = inputs_.methods[m].paths;
        const Picture picture = paths.empty() ? made : fathom::io::read_image(paths[image]);
        for (std::size_t c = 0; c < table_.conventions.size(); ++c) {
            const FusionConvention convention = table_.conventions[c];
            const Picture fused = method.baseline ? baseline(method.name, convention, visible, infrared) : picture;
            table_.at(c, m, image) = metrics::fusion_scores(visible, infrared, fused, convention);
            if (c == 0) retention_.add(m, image, infrared, fused);
        }
    }

    void write() {
        const metrics::PairedBootstrap bootstrap(static_cast<std::int64_t>(table_.images.size()));
        const std::vector<ConventionResult> results = results_of(table_, bootstrap);
        const nlohmann::json protocol = protocol_of(table_, inputs_);
        if (!o_.protocol.empty())
            for (const std::string& name : other_pictures(their_protocol_, protocol))
                progress_.keep(name + ": other pictures than those of " + o_.protocol);
        std::string latex;
        progress_.clear();
        for (const ConventionResult& result : results) {
            for (const std::string& line : undefined_lines(table_, result)) progress_.keep(line);
            std::printf("%s\n", fusion_text(table_, result).c_str());
            latex += (latex.empty() ? "" : "\n") + fusion_latex(table_, result);
        }
        const std::string people = retention_.any() ? retention_text() : "";
        std::printf("%s", people.c_str());
        program::write_text(o_.csv_file, fusion_csv(table_));
        if (!o_.json_file.empty()) {
            nlohmann::json json = fusion_json(table_, results, bootstrap.options(), protocol);
            for (std::size_t m = 0; m < table_.methods.size() && retention_.any(); ++m)
                json["retention"][table_.methods[m].name] = number(retention_.value(m).value_or(std::nan("")));
            program::write_json(o_.json_file, json);
        }
        if (!o_.latex_file.empty()) program::write_text(o_.latex_file, latex);
        if (!o_.xlsx_file.empty()) write_xlsx(o_.xlsx_file, table_, results);
        if (!o_.report.empty())
            report::write_page(o_.report, page_->html(results, notes_, people, protocol), "--report");
    }

    std::string retention_text() {
        std::string text = "brightness of people, fused over infrared:";
        for (std::size_t m = 0; m < table_.methods.size(); ++m) {
            const std::optional<double> value = retention_.value(m);
            text += (m ? ", " : " ") + table_.methods[m].name + " " + (value ? program::format("%.3f", *value) : "nan");
            if (value && *value < metrics::Retention::least && !table_.methods[m].baseline)
                progress_.warn(
                    table_.methods[m].name +
                    program::format(": people have %.2f of their brightness in the infrared images, expected "
                                    "%.1f or more: what matters is being lost",
                                    *value, metrics::Retention::least));
        }
        return text + "\n";
    }

    FusionOptions o_;
    program::Progress progress_;
    program::Fuser fuser_;
    FusionTable table_;
    FusionInputs inputs_;
    FusionRetention retention_;
    nlohmann::json their_protocol_;   // of --protocol
    std::optional<FusionPage> page_;  // of --report
    std::vector<std::string> notes_;
};

inline program::Command fusion_command(CLI::App& app) {
    const auto o = std::make_shared<FusionOptions>();
    CLI::App* command = app.add_subcommand(
        "fusion", "measures fused images against their sources; baselines max, mean, visible, infrared beside them");
    command->add_option("--vis", o->vis, "folder of visible images")->required();
    command->add_option("--ir", o->ir, "folder of infrared images with the same names")->required();
    program::add_named_folders(*command, "--fused", o->fused, "folders of fused pictures with the same names");
    command->add_option("--weights", o->weights, "fuse the pairs with these weights as one more method");
    command->add_option("--csv", o->csv_file, "write a row per method, image and convention to this file")->required();
    command->add_option("--json", o->json_file, "write means, ranks, comparisons, curves, the protocol to this file");
    command->add_option("--latex", o->latex_file, "write tables for a paper to this file");
    command->add_option("--xlsx", o->xlsx_file, "write a spreadsheet to this file");
    command->add_option("--report", o->report, "write a page with tables, curves and pictures into this folder");
    command
        ->add_option("--convention", o->convention,
                     "whose definitions: author (SeAFusion's code), float (most later papers), vifb, zoo, or all")
        ->check(CLI::IsMember({"author", "float", "vifb", "zoo", "all"}))
        ->capture_default_str();
    command->add_option("--protocol", o->protocol, "JSON of another run: stop where images or rules differ from its");
    CLI::Option* const labels = command->add_option(
        "--labels", o->labels, "folder of labels of MSRS's classes: say how bright people are beside the infrared");
    command
        ->add_option("--boxes", o->boxes, "the same by boxes, texts of `class cx cy w h` with the class 0 for people")
        ->excludes(labels);
    program::add_device(*command, o->device);
    program::add_threads(*command, o->threads);
    command->add_flag("--quiet", o->quiet, "no progress");
    return {command, [o] { static_cast<void>(methods_of(*o)); },
            [o] {
                if (o->threads > 0) fathom::set_threads(o->threads);
                return FusionEvaluation(*o).run();
            }};
}

}  // namespace evaluate
