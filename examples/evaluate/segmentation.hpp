// evaluate segmentation: how well the classes of pixels agree with labels, of files, or of what a net makes of
// pictures. Next: segmentation_table.hpp (what is told of it).
#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "evaluate/segmentation_table.hpp"
#include "fathom/data/contact_sheet.hpp"
#include "fathom/data/dataset.hpp"
#include "fathom/io/image.hpp"
#include "fathom/seafusion/segment.hpp"
#include "support/file_list.hpp"
#include "support/files.hpp"
#include "support/images.hpp"
#include "support/overlay.hpp"
#include "support/program.hpp"

namespace evaluate {

namespace ft = fathom;

struct SegmentationOptions {
    std::string labels, predicted, weights, images, csv_file, json_file, overlays, classes_file, device = "cpu";
    std::optional<program::Classes> classes;
    int threads = 0;
    bool quiet = false;

    void check() const {
        if (predicted.empty() == weights.empty())
            throw CLI::ValidationError(
                "--predicted, --weights",
                "expected one of the two" + (weights.empty() ? "" : ", got " + predicted + " and " + weights));
        if (!weights.empty() && images.empty())
            throw CLI::ValidationError("--weights", "only with --images, the pictures that the net is to look at");
        if (!overlays.empty() && images.empty())
            throw CLI::ValidationError("--overlays", "only with --images, the pictures to lay the classes over");
        if (weights.empty() && overlays.empty() && !images.empty())
            throw CLI::ValidationError("--images", "only with --weights or --overlays, got " + images);
    }
};

class Segmentation {
public:
    explicit Segmentation(const SegmentationOptions& o) : o_(o), progress_(o.quiet) {}

    // Everything that can be known to be wrong is found before the first image.
    int run() {
        device_ = program::device_of(o_.device);
        program::FileList files;
        labels_ = listed(o_.labels, "labels", files);
        if (!o_.predicted.empty()) predicted_ = partners(o_.predicted, "predicted labels", "prediction", files);
        if (!o_.images.empty()) images_ = partners(o_.images, "images", "picture", files);
        for (const std::string& file : {o_.weights, o_.classes_file})
            if (!file.empty()) files.reads(file);
        if (!o_.csv_file.empty()) files.writes(o_.csv_file, "--csv");
        if (!o_.json_file.empty()) files.writes(o_.json_file, "--json");
        for (const ft::data::ImageFile& label : labels_)
            overlays_.push_back(
                o_.overlays.empty() ? "" : program::picture_in(o_.overlays, label.name, "--overlays", files));
        files.check();
        files.try_out();
        prepare_net();
        files.prepare();
        measure();
        return 0;
    }

private:
    std::vector<ft::data::ImageFile> listed(const std::string& folder, const char* of, program::FileList& files) {
        auto list = ft::data::list_images(folder, {.of = of});
        files.reads_folder(folder);
        for (const ft::data::ImageFile& file : list) files.reads(file.path);
        return list;
    }
    // One for each label, in their order, and of its size.
    std::vector<ft::data::ImageFile> partners(const std::string& folder, const char* of, const char* kind,
                                              program::FileList& files) {
        auto list = listed(folder, of, files);
        ft::data::check_partners(labels_, list, kind, folder);
        ft::data::check_partners(list, labels_, "label", o_.labels);
        for (std::size_t i = 0; i < list.size(); ++i) {
            const ft::io::ImageHeader own = program::header_of(list[i].path),
                                      label = program::header_of(labels_[i].path);
            const auto text = [](const ft::io::ImageHeader& h) {
                return std::to_string(h.height) + " x " + std::to_string(h.width);
            };
            if (own.height != label.height || own.width != label.width)
                throw ft::Error(list[i].path + ": has " + text(own) + " pixels, expected the " + text(label) + " of " +
                                labels_[i].path);
        }
        return list;
    }

    void prepare_net() {
        program::Classes classes = o_.classes.value_or(program::Classes::msrs());
        if (!o_.weights.empty()) {
            const ft::StateDict weights = ft::io::load(o_.weights);
            const program::Classes own = program::classes_of_weights(weights, o_.weights);
            if (o_.classes && o_.classes->size() != own.size())
                throw ft::Error(o_.weights + ": is of " + std::to_string(own.size()) + " classes, --classes says " +
                                std::to_string(o_.classes->size()));
            if (!o_.classes) classes = own;
            net_ = ft::seafusion::SegmentationNet<float>(own.size());
            const std::string leftover = program::load_weights(net_, "segmentation net", o_.weights, weights);
            if (!leftover.empty()) progress_.keep(leftover);
            net_.to(device_);
        }
        measures_ = {classes};
    }

    void measure() {
        for (std::size_t i = 0; i < labels_.size(); ++i) {
            const auto label = ft::data::read_label(labels_[i].path, measures_.classes.size());
            ft::Tensor<std::uint8_t> picture, predicted;
            if (!o_.images.empty()) picture = program::color(ft::io::read_image(images_[i].path));
            if (!o_.weights.empty()) {
                predicted = ft::seafusion::segment(net_, picture.to(device_)).to(ft::Device::cpu());
            } else {
                predicted = ft::data::read_label(predicted_[i].path, measures_.classes.size());
                check_decided(predicted, label, predicted_[i].path);
            }
            measures_.confusion.add(predicted, label);
            measures_.boundary.add(predicted, label);
            if (!overlays_[i].empty()) write_overlay(overlays_[i], labels_[i].name, picture, label, predicted);
            ++measures_.images;
            progress_.tick("image", program::format("%zu/%zu %s", i + 1, labels_.size(), labels_[i].name.c_str()));
        }
        if (!o_.csv_file.empty()) program::write_text(o_.csv_file, segmentation_csv(measures_));
        if (!o_.json_file.empty()) {
            nlohmann::json json = segmentation_json(measures_);
            json["labels"] = o_.labels;
            json[o_.weights.empty() ? "predicted" : "weights"] = o_.weights.empty() ? o_.predicted : o_.weights;
            if (!o_.weights.empty()) json["pictures"] = o_.images;
            program::write_json(o_.json_file, json);
        }
        progress_.clear();
        print_segmentation(measures_);
    }

    // 255 is no answer where there is a label.
    void check_decided(const ft::Tensor<std::uint8_t>& predicted, const ft::Tensor<std::uint8_t>& label,
                       const std::string& path) const {
        for (std::int64_t i = 0; i < label.numel(); ++i)
            if (predicted.data()[i] == ft::ignored_label && label.data()[i] != ft::ignored_label)
                throw ft::Error(path +
                                program::format(": the prediction at row %lld, column %lld is 255, expected 0 to %lld "
                                                "where the label is not 255",
                                                static_cast<long long>(i / label.size(1)),
                                                static_cast<long long>(i % label.size(1)),
                                                static_cast<long long>(measures_.classes.size() - 1)));
    }

    // Label, prediction and what is wrong in it, side by side.
    void write_overlay(const std::string& path, const std::string& name, const ft::Tensor<std::uint8_t>& picture,
                       const ft::Tensor<std::uint8_t>& label, const ft::Tensor<std::uint8_t>& predicted) const {
        constexpr double opacity = 0.6;
        constexpr ft::data::Color wrong_colors[] = {{0, 0, 0}, {255, 0, 0}};
        auto wrong = ft::empty<std::uint8_t>(label.shape());
        std::uint8_t* out = wrong.mutable_data();
        for (std::int64_t i = 0; i < label.numel(); ++i) {
            const std::uint8_t truth = label.data()[i];
            out[i] = truth == ft::ignored_label ? truth : truth == predicted.data()[i] ? 0 : 1;
        }
        ft::data::ContactSheet sheet({"label", "prediction", "wrong (red)"},
                                     {.cell_width = std::clamp<std::int64_t>(label.size(1), 320, 4096)});
        sheet.add_row(name, {program::overlaid(picture, label, measures_.classes.colors, opacity),
                             program::overlaid(picture, predicted, measures_.classes.colors, opacity),
                             program::overlaid(picture, wrong, wrong_colors, opacity)});
        sheet.add_legend(program::names_of(measures_.classes), measures_.classes.colors);
        ft::io::write_image(path, sheet.render());
    }

    SegmentationOptions o_;
    program::Progress progress_;
    SegmentationMeasures measures_{program::Classes::msrs()};
    ft::Device device_;
    ft::seafusion::SegmentationNet<float> net_;
    std::vector<ft::data::ImageFile> labels_, predicted_, images_;
    std::vector<std::string> overlays_;  // "" without
};

inline program::Command segmentation_command(CLI::App& app) {
    const auto o = std::make_shared<SegmentationOptions>();
    CLI::App* command = app.add_subcommand(
        "segmentation", "Measures the classes of pixels against labels: IoU, accuracy, boundary F1, confusion.");
    command
        ->add_option("--labels", o->labels,
                     "folder of labels: a grey value or palette index is a class, 255 is left out")
        ->required();
    command->add_option("--predicted", o->predicted, "folder of what was predicted, files such as segment writes");
    command->add_option("--weights", o->weights, "weights of a segmentation net, to predict from --images");
    command->add_option("--images", o->images, "folder of the pictures that --weights looks at and --overlays shows");
    program::add_classes(*command, o->classes, o->classes_file,
                         "what labels tell apart: a number of classes, or a file with a line NAME [R G B] for each "
                         "(default: those of --weights, or the nine of MSRS)");
    command->add_option("--csv", o->csv_file, "write the measures to this file");
    command->add_option("--json", o->json_file, "write the measures to this file");
    command->add_option("--overlays", o->overlays, "folder for pictures of labels, predictions and what is wrong");
    program::add_device(*command, o->device);
    program::add_threads(*command, o->threads);
    command->add_flag("--quiet", o->quiet, "no progress");
    return {command, [o] { o->check(); },
            [o] {
                if (o->threads > 0) ft::set_threads(o->threads);
                return Segmentation(*o).run();
            }};
}

}  // namespace evaluate
