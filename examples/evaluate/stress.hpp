// evaluate stress: how the metrics of fused images fall where the sources are worse than those that a net was trained
// on. What is fused is disturbed; it is measured against the sources as they were. Next: stressed_pair.hpp.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "evaluate/fusion_csv.hpp"
#include "evaluate/fusion_inputs.hpp"
#include "evaluate/fusion_json.hpp"
#include "evaluate/stressed_pair.hpp"
#include "support/file_list.hpp"
#include "support/fuser.hpp"
#include "support/program.hpp"
#include "support/text_table.hpp"

namespace evaluate {

struct StressOptions {
    std::string vis, ir, weights, csv_file, json_file, convention = "float", device = "cpu";
    int threads = 0;
    bool quiet = false;
};

// 8 bits, as a picture has them.
inline Picture bytes_of(const Image& image) {
    Picture out = fathom::empty<std::uint8_t>(image.shape());
    for (std::int64_t i = 0; i < image.numel(); ++i)
        out.mutable_data()[i] = static_cast<std::uint8_t>(image.data()[i] * 255 + 0.5f);
    return out;
}

class StressEvaluation {
public:
    explicit StressEvaluation(const StressOptions& o)
        : o_(o), progress_(o.quiet), convention_(metrics::fusion_convention(o.convention).value()) {}

    int run() {
        const fathom::Device device = program::device_of(o_.device);
        program::FileList files;
        const fathom::data::PairFolder folder(o_.vis, o_.ir);
        for (const std::string& note : folder.check().notes) progress_.warn(note);
        inputs_.pairs.assign(folder.begin(), folder.end());
        files.reads_folder(o_.vis), files.reads_folder(o_.ir);
        for (const auto& pair : inputs_.pairs) files.reads(pair.visible), files.reads(pair.infrared);
        files.reads(o_.weights), files.writes(o_.csv_file, "--csv");
        if (!o_.json_file.empty()) files.writes(o_.json_file, "--json");
        files.check();
        files.try_out();
        if (const std::string leftover = fuser_.load(o_.weights); !leftover.empty()) progress_.keep(leftover);
        progress_.show("reading the images");
        look_at_all(inputs_);
        fuser_.run_on(device, "fp32", progress_);
        files.prepare();
        for (const std::string& note : notes_on(inputs_, {}, {convention_})) progress_.warn(note);
        measure();
        program::write_text(o_.csv_file, csv());
        if (!o_.json_file.empty()) program::write_json(o_.json_file, json());
        progress_.clear();
        std::fputs(text().c_str(), stdout);
        return 0;
    }

private:
    // What the net makes, and two rules beside it, which no training has taught anything.
    static constexpr const char* methods[] = {"net", "max", "mean"};
    static constexpr std::size_t method_count = 3;

    void measure() {
        const std::size_t images = inputs_.pairs.size(), stresses = all_stresses().size();
        scores_.resize(stresses * method_count * images);
        for (std::size_t i = 0; i < images; ++i) {
            const fathom::data::LoadedPair pair = fathom::data::load_pair(inputs_.pairs[i]);
            const Picture visible = fathom::io::read_image(inputs_.pairs[i].visible),
                          infrared = fathom::io::read_image(inputs_.pairs[i].infrared);
            std::vector<Picture> made;  // [stress, method]
            for (const Stress& stress : all_stresses()) {
                const fathom::data::LoadedPair now = stressed(pair, stress);
                const Picture a = bytes_of(now.visible), b = bytes_of(now.infrared);
                made.push_back(program::Fuser::picture(fuser_.planes(now)));
                for (const char* rule : {"max", "mean"}) made.push_back(baseline(rule, convention_, a, b));
            }
            const auto tasks = static_cast<std::int64_t>(made.size());
            fathom::parallel_for(0, tasks, 1, [&](std::int64_t first, std::int64_t last) {
                for (auto k = static_cast<std::size_t>(first); k < static_cast<std::size_t>(last); ++k)
                    scores_[k * images + i] = metrics::fusion_scores(visible, infrared, made[k], convention_);
            });
            progress_.tick("stressed", program::format("%zu/%zu pairs measured", i + 1, images));
        }
    }

    // Over the images.
    metrics::Summary summary(std::size_t stress, std::size_t method, FusionMetric metric) const {
        const std::size_t images = inputs_.pairs.size();
        std::vector<double> values;
        for (std::size_t i = 0; i < images; ++i)
            values.push_back(scores_[(stress * method_count + method) * images + i][metric]);
        return metrics::summarize(values);
    }

    template <class F>
    static void for_rows(F f) {
        for (std::size_t s = 0; s < all_stresses().size(); ++s)
            for (std::size_t m = 0; m < method_count; ++m) f(s, m, all_stresses()[s]);
    }

    std::string csv() const {
        std::vector<std::string> head = {"stress", "strength", "method", "convention", "images"};
        const std::vector<FusionMetric> list = metrics_of(convention_);
        for (const FusionMetric metric : list) head.push_back(metrics::to_string(metric));
        std::string text = program::csv_row(head);
        for_rows([&](std::size_t s, std::size_t m, const Stress& stress) {
            std::vector<std::string> row = {stress.kind, shortest(stress.strength), methods[m],
                                            metrics::to_string(convention_), std::to_string(inputs_.pairs.size())};
            for (const FusionMetric metric : list) row.push_back(shortest(summary(s, m, metric).mean));
            text += program::csv_row(row);
        });
        return text;
    }

    nlohmann::json json() const {
        nlohmann::json all = {{"weights", o_.weights},
                              {"convention", metrics::to_string(convention_)},
                              {"images", inputs_.pairs.size()},
                              {"rows", nlohmann::json::array()}};
        for_rows([&](std::size_t s, std::size_t m, const Stress& stress) {
            nlohmann::json row = {{"stress", stress.kind}, {"strength", stress.strength}, {"method", methods[m]}};
            for (const FusionMetric metric : metrics_of(convention_)) {
                const metrics::Summary sum = summary(s, m, metric);
                row["metrics"][metrics::to_string(metric)] = {
                    {"mean", number(sum.mean)}, {"std", number(sum.deviation)}, {"undefined", sum.undefined}};
            }
            all["rows"].push_back(row);
        });
        return all;
    }

    std::string text() const {
        std::vector<FusionMetric> shown;
        for (const FusionMetric metric : {FusionMetric::EN, FusionMetric::MI, FusionMetric::VIF, FusionMetric::Qabf,
                                          FusionMetric::SCD, FusionMetric::AG, FusionMetric::SSIM, FusionMetric::PSNR})
            if (metrics::has_metric(convention_, metric)) shown.push_back(metric);
        std::vector<std::string> head = {"stress", "strength", "method"};
        for (const FusionMetric metric : shown) head.push_back(metrics::to_string(metric));
        program::TextTable table("<><" + std::string(shown.size(), '>'), head);
        for_rows([&](std::size_t s, std::size_t m, const Stress& stress) {
            std::vector<std::string> row = {stress.kind, shortest(stress.strength), methods[m]};
            for (const FusionMetric metric : shown) row.push_back(program::format("%.4f", summary(s, m, metric).mean));
            table.add(row);
        });
        return table.text();
    }

    StressOptions o_;
    program::Progress progress_;
    FusionConvention convention_;
    program::Fuser fuser_;
    FusionInputs inputs_;
    std::vector<metrics::FusionScores> scores_;  // [stress, method, image]
};

inline program::Command stress_command(CLI::App& app) {
    const auto o = std::make_shared<StressOptions>();
    CLI::App* command = app.add_subcommand(
        "stress", "measures what a net makes of sources that are overexposed, misaligned or coarse, by strength");
    command->add_option("--vis", o->vis, "folder of visible images")->required();
    command->add_option("--ir", o->ir, "folder of infrared images with the same names")->required();
    command->add_option("--weights", o->weights, "weights of the fusion net")->required();
    command->add_option("--csv", o->csv_file, "write a row per stress, strength and method to this file")->required();
    command->add_option("--json", o->json_file, "write the same, with deviations, to this file");
    command->add_option("--convention", o->convention, "whose definitions: author, float, vifb or zoo")
        ->check(CLI::IsMember({"author", "float", "vifb", "zoo"}))
        ->capture_default_str();
    program::add_device(*command, o->device);
    program::add_threads(*command, o->threads);
    command->add_flag("--quiet", o->quiet, "no progress");
    return {command, [] {},
            [o] {
                if (o->threads > 0) fathom::set_threads(o->threads);
                return StressEvaluation(*o).run();
            }};
}

}  // namespace evaluate
