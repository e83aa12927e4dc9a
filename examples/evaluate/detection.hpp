// evaluate detection: average precision of a detector's boxes, of any number of inputs beside each other. Next:
// detection_table.hpp and detection_pictures.hpp (what is told and shown of it).
#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fnmatch.h>

#include "evaluate/detection_pictures.hpp"
#include "evaluate/detection_table.hpp"
#include "fathom/data/boxes.hpp"
#include "fathom/data/contact_sheet.hpp"
#include "fathom/data/pairs.hpp"
#include "fathom/io/image.hpp"
#include "support/classes.hpp"
#include "support/file_list.hpp"
#include "support/files.hpp"
#include "support/images.hpp"
#include "support/named_folder.hpp"
#include "support/overlay.hpp"
#include "support/program.hpp"

namespace evaluate {

namespace ft = fathom;

struct Subset {
    std::string name, pattern;  // "day", "*D"
};

struct DetectionOptions {
    std::vector<program::NamedFolder> boxes, predicted;
    std::vector<Subset> subsets = {{"all", "*"}};
    ft::data::BoxFormat format = ft::data::BoxFormat::yolo, predicted_format = ft::data::BoxFormat::pixels;
    std::int64_t height = 0, width = 0;
    std::string images, pictures, csv_file, json_file, classes_file;
    std::optional<program::Classes> classes;
    bool quiet = false;

    void check() const {
        using ft::data::BoxFormat;
        const bool shares = format == BoxFormat::yolo || predicted_format == BoxFormat::yolo;
        if (shares && height == 0 && images.empty())
            throw CLI::ValidationError("--size",
                                       "expected HEIGHTxWIDTH, or --images: boxes of the format yolo are shares of it");
        if (height > 0 && !images.empty())
            throw CLI::ValidationError("--size", "not with --images, whose pictures have their sizes");
        if (!pictures.empty() && images.empty())
            throw CLI::ValidationError("--pictures", "only with --images, the pictures to draw boxes on");
    }
};

class Detection {
public:
    explicit Detection(const DetectionOptions& o) : o_(o), progress_(o.quiet) {
        if (o_.classes)
            classes_ = o_.classes->names;
        else
            classes_ = {"person", "bicycle", "car"};
    }

    // Everything is read before anything is written.
    int run() {
        program::FileList files;
        find_files(files);
        if (!o_.csv_file.empty()) files.writes(o_.csv_file, "--csv");
        if (!o_.json_file.empty()) files.writes(o_.json_file, "--json");
        std::vector<std::string> pictures;
        for (const ft::data::ImageFile& image : names_)
            if (!o_.pictures.empty())
                pictures.push_back(program::picture_in(o_.pictures, image.name, "--pictures", files));
        files.check();
        files.try_out();
        read_boxes();
        const std::vector<DetectionResult> results = compared();
        files.prepare();
        for (std::size_t i = 0; i < pictures.size(); ++i) {
            draw(pictures[i], i);
            progress_.tick("picture", program::format("%zu/%zu %s", i + 1, pictures.size(), pictures[i].c_str()));
        }
        if (!o_.csv_file.empty()) program::write_text(o_.csv_file, detection_csv(results, classes_));
        if (!o_.json_file.empty()) program::write_json(o_.json_file, detection_json(results, classes_));
        progress_.clear();
        print_detections(results, classes_);
        return 0;
    }

private:
    using Files = std::vector<ft::data::ImageFile>;

    // The files of each folder, in the order of the first one's.
    void find_files(program::FileList& files) {
        if (!o_.classes_file.empty()) files.reads(o_.classes_file);
        const auto add = [&](Files found, const std::string& folder, const char* kind) {
            files.reads_folder(folder);
            for (const ft::data::ImageFile& file : found) files.reads(file.path);
            if (names_.empty()) names_ = found;
            ft::data::check_partners(names_, found, kind, folder);
            ft::data::check_partners(found, names_, "boxes", o_.boxes.front().path);
            return found;
        };
        for (const program::NamedFolder& folder : o_.boxes)
            box_files_.push_back(add(ft::data::list_texts(folder.path, "boxes"), folder.path, "boxes"));
        for (const program::NamedFolder& folder : o_.predicted)
            found_files_.push_back(add(ft::data::list_texts(folder.path, "predictions"), folder.path, "prediction"));
        if (!o_.images.empty())
            images_ = add(ft::data::list_images(o_.images, {.of = "pictures"}), o_.images, "picture");
    }

    void read_boxes() {
        boxes_.resize(box_files_.size()), found_.resize(found_files_.size());
        for (std::size_t i = 0; i < names_.size(); ++i) {
            ft::data::BoxOptions options = {o_.format, static_cast<std::int64_t>(classes_.size()), o_.height, o_.width};
            if (!o_.images.empty()) {
                const ft::io::ImageHeader header = program::header_of(images_[i].path);
                options.height = header.height, options.width = header.width;
            }
            for (std::size_t k = 0; k < boxes_.size(); ++k)
                boxes_[k].push_back(ft::data::read_boxes(box_files_[k][i].path, options));
            options.format = o_.predicted_format;
            for (std::size_t k = 0; k < found_.size(); ++k)
                found_[k].push_back(ft::data::read_detections(found_files_[k][i].path, options));
        }
    }

    std::vector<DetectionResult> compared() const {
        std::vector<DetectionResult> results;
        for (std::size_t p = 0; p < found_.size(); ++p)
            for (std::size_t l = 0; l < boxes_.size(); ++l)
                for (const Subset& subset : o_.subsets) {
                    DetectionResult result{o_.predicted[p].name, o_.boxes[l].name, subset.name, 0,
                                           ft::metrics::AveragePrecision(static_cast<std::int64_t>(classes_.size()))};
                    for (std::size_t i = 0; i < names_.size(); ++i) {
                        if (::fnmatch(subset.pattern.c_str(), names_[i].name.c_str(), 0) != 0) continue;
                        result.precision.add(boxes_[l][i], found_[p][i]);
                        ++result.images;
                    }
                    if (result.images == 0)
                        throw ft::Error("--subset: " + subset.name + " has no image, no name is like " +
                                        subset.pattern);
                    results.push_back(std::move(result));
                }
        return results;
    }

    // A row for each kind of labels, a column for each of predictions.
    void draw(const std::string& path, std::size_t i) const {
        const auto picture = program::color(ft::io::read_image(images_[i].path));
        std::vector<std::string> titles;
        for (const program::NamedFolder& folder : o_.predicted) titles.push_back(folder.name);
        ft::data::ContactSheet sheet(titles, {.cell_width = std::clamp<std::int64_t>(picture.size(1), 320, 4096)});
        for (std::size_t l = 0; l < boxes_.size(); ++l) {
            std::vector<ft::Tensor<std::uint8_t>> row;
            for (const auto& found : found_) row.push_back(with_boxes(picture, boxes_[l][i], found[i], classes_));
            sheet.add_row(names_[i].name + ", labels " + o_.boxes[l].name, row);
        }
        constexpr const char* names[] = {"labelled", "found, right at IoU .5", "found, false"};
        constexpr ft::data::Color colors[] = {labelled_color, right_color, false_color};
        sheet.add_legend(names, colors);
        ft::io::write_image(path, sheet.render());
    }

    const DetectionOptions& o_;
    program::Progress progress_;
    std::vector<std::string> classes_;
    Files names_, images_;
    std::vector<Files> box_files_, found_files_;                              // [folder][image]
    std::vector<std::vector<std::vector<ft::metrics::LabelledBox>>> boxes_;   // [folder][image][box]
    std::vector<std::vector<std::vector<ft::metrics::PredictedBox>>> found_;  // [folder][image][box]
};

namespace detail {

// "480x640", height first.
inline void read_size(const std::string& text, DetectionOptions& o) {
    const program::Bounds<std::int64_t> sides{1, 1 << 20};
    const std::size_t x = std::min(text.find('x'), text.size());
    if (x == text.size() || !program::parse_number(text.substr(0, x), sides, o.height) ||
        !program::parse_number(text.substr(x + 1), sides, o.width))
        throw CLI::ValidationError("--size", "expected HEIGHTxWIDTH, such as 480x640, got " + text);
}

inline void read_subset(const std::string& text, std::vector<Subset>& subsets) {
    const std::size_t equals = std::min(text.find('='), text.size());
    const Subset subset{text.substr(0, equals), text.substr(std::min(equals + 1, text.size()))};
    if (subset.name.empty() || subset.pattern.empty())
        throw CLI::ValidationError("--subset", "expected NAME=PATTERN, such as night=*N, got " + text);
    for (const Subset& other : subsets)
        if (other.name == subset.name)
            throw CLI::ValidationError("--subset", "there is a subset " + other.name + " already, got " + text);
    subsets.push_back(subset);
}

inline void add_format(CLI::App& app, const std::string& option, ft::data::BoxFormat& format, const std::string& text) {
    const auto read = [&format, option](const std::string& word) {
        if (word != "yolo" && word != "pixels")
            throw CLI::ValidationError(option, "expected yolo or pixels, got " + word);
        format = word == "yolo" ? ft::data::BoxFormat::yolo : ft::data::BoxFormat::pixels;
    };
    app.add_option_function<std::string>(option, read, text)
        ->default_str(format == ft::data::BoxFormat::yolo ? "yolo" : "pixels");
}

}  // namespace detail

inline program::Command detection_command(CLI::App& app) {
    const auto o = std::make_shared<DetectionOptions>();
    CLI::App* command =
        app.add_subcommand("detection", "Measures a detector's boxes: average precision by COCO's rules.");
    program::add_named_folders(*command, "--boxes", o->boxes, "folder of labelled boxes, a text for each image")
        ->required();
    program::add_named_folders(*command, "--predicted", o->predicted,
                               "folder of what a detector found, a text for each image")
        ->required();
    detail::add_format(*command, "--format", o->format,
                       "of --boxes. yolo: class cx cy w h, shares of the picture; pixels: class x1 y1 x2 y2");
    detail::add_format(*command, "--predicted-format", o->predicted_format,
                       "of --predicted. yolo: class cx cy w h score; pixels: class score x1 y1 x2 y2");
    command
        ->add_option_function<std::string>(
            "--size", [o](const std::string& text) { detail::read_size(text, *o); },
            "of all pictures, for boxes of the format yolo")
        ->type_name("HEIGHTxWIDTH");
    program::add_classes(*command, o->classes, o->classes_file,
                         "what boxes tell apart: a number of classes, or a file with a line NAME for each (default: "
                         "person, bicycle, car)",
                         program::Bounds<std::int64_t>{1, fathom::ignored_label});
    command
        ->add_option_function<std::vector<std::string>>(
            "--subset",
            [o](const std::vector<std::string>& words) {
                for (const std::string& word : words) detail::read_subset(word, o->subsets);
            },
            "besides all images, those whose names are like PATTERN: day='*D' night='*N'")
        ->type_name("NAME=PATTERN");
    command->add_option("--images", o->images, "folder of pictures: for their sizes and for --pictures");
    command->add_option("--pictures", o->pictures, "folder for pictures with boxes");
    command->add_option("--csv", o->csv_file, "write the measures to this file");
    command->add_option("--json", o->json_file, "write the measures to this file");
    command->add_flag("--quiet", o->quiet, "no progress");
    return {command, [o] { o->check(); }, [o] { return Detection(*o).run(); }};
}

}  // namespace evaluate
