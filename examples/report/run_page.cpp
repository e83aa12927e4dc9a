#include "report/run_page.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>

#include "fathom/core/parallel_for.hpp"
#include "fathom/data/pairs.hpp"
#include "fathom/io/image.hpp"
#include "fathom/metrics/segmentation.hpp"
#include "fathom/ops/views.hpp"
#include "fathom/tensor/factories.hpp"
#include "report/curves.hpp"
#include "report/html.hpp"
#include "report/page.hpp"
#include "report/pictures.hpp"
#include "report/plot.hpp"
#include "support/progress.hpp"

namespace report {

namespace ft = fathom;
namespace fs = std::filesystem;
using program::json;

namespace {

// What is measured of one test image of one run.
struct ImageNumbers {
    double mean = 0, deviation = 0;  // of the luminance, 0 to 255
    std::optional<double> mean_iou, accuracy;
};

Picture with_channel(const ft::Tensor<std::uint8_t>& labels) {
    return ft::reshape(labels, {labels.size(0), labels.size(1), 1});
}

void add_luminance(ImageNumbers& numbers, const Picture& picture) {
    const std::int64_t pixels = picture.size(0) * picture.size(1), c = picture.size(2);
    const std::uint8_t* p = picture.data();
    double sum = 0, squares = 0;
    for (std::int64_t i = 0; i < pixels; ++i) {
        const double y = c == 1 ? p[i] : 0.299 * p[3 * i] + 0.587 * p[3 * i + 1] + 0.114 * p[3 * i + 2];
        sum += y, squares += y * y;
    }
    numbers.mean = sum / static_cast<double>(pixels);
    numbers.deviation = std::sqrt(std::max(0.0, squares / static_cast<double>(pixels) - numbers.mean * numbers.mean));
}

// One run's test images in its newest measured round.
class TestImages {
public:
    explicit TestImages(const Run& run) : run_(run), confusion(std::max<std::int64_t>(2, run.classes.size())) {
        if (run.files.measures.empty()) return;
        const json round = run.files.measures.back().value("round", json());
        if (!round.is_number_integer()) return;
        folder_ = run.files.file("round_" + std::to_string(round.get<std::int64_t>()));
        std::error_code none;
        if (!fs::is_directory(folder_ + "/test", none)) return;
        for (const auto& image : ft::data::list_images(folder_ + "/test")) files_[image.name] = image.path;
        for (std::int64_t i = 0; run.test && i < run.test->size(); ++i) samples_[run.test->name(i)] = i;
    }

    std::vector<std::string> names() const {
        std::vector<std::string> all;
        for (const auto& [name, path] : files_) all.push_back(name);
        return all;
    }
    bool has(const std::string& name) const { return files_.count(name) > 0; }
    // Whether both were measured on images of one name at least.
    bool shares(const TestImages& other) const {
        return std::any_of(files_.begin(), files_.end(), [&](const auto& file) { return other.has(file.first); });
    }
    Picture picture(const std::string& name) const { return ft::io::read_image(files_.at(name)); }
    // Null where the run's data do not have it.
    std::shared_ptr<const ft::data::Sample> sample(const std::string& name) const {
        const auto at = samples_.find(name);
        return at == samples_.end() ? nullptr : run_.test->sample(at->second);
    }
    // [H, W]; undefined where the run has written none.
    ft::Tensor<std::uint8_t> predicted(const std::string& name) const {
        const std::string path = predicted_file(name);
        std::error_code none;
        if (!fs::exists(path, none)) return {};
        const Picture labels = ft::io::read_image(path);
        return ft::reshape(labels, {labels.size(0), labels.size(1)});
    }
    std::string predicted_file(const std::string& name) const { return folder_ + "/predicted/" + name + ".png"; }
    bool predicts() const {
        std::error_code none;
        return !folder_.empty() && fs::is_directory(folder_ + "/predicted", none);
    }

    std::map<std::string, ImageNumbers> numbers;

private:
    const Run& run_;
    std::string folder_;
    std::map<std::string, std::string> files_;
    std::map<std::string, std::int64_t> samples_;

public:
    ft::metrics::ConfusionMatrix confusion;
};

// The numbers of the layers of the page: 0 visible, 1 infrared, 2 + r what run r made, then labels and predictions.
struct Layers {
    std::vector<Layer> list;
    int visible = -1, infrared = -1, label = -1;
    std::vector<int> picture, predicted;

    bool classes() const {
        return std::any_of(list.begin(), list.end(), [](const Layer& layer) { return layer.kind == "classes"; });
    }
    int add(const std::string& name, const std::string& kind, std::vector<int> of = {}) {
        list.push_back({name, kind, std::move(of)});
        return static_cast<int>(list.size()) - 1;
    }
    Layers(const std::vector<Run>& runs, const std::vector<TestImages>& tests) {
        const auto named = [&](const std::string& what, std::size_t r) {
            return runs.size() == 1 ? what : what + " (" + runs[r].name + ")";
        };
        const bool data = runs[0].test != nullptr, labels = data && runs[0].test->has_labels();
        if (data) visible = add("visible", "picture"), infrared = add("infrared", "picture");
        for (std::size_t r = 0; r < runs.size(); ++r) {
            picture.push_back(-1);
            if (!tests[r].shares(tests[0])) continue;
            const json recipe = runs[r].files.record.value("recipe", json::object());
            const json images = recipe.is_object() ? recipe.value("images", json("fused")) : json("fused");
            picture.back() = add(named(images.is_string() ? images.get<std::string>() : "fused", r), "picture");
        }
        if (labels) label = add("label", "classes");
        for (std::size_t r = 0; r < runs.size(); ++r)
            predicted.push_back(picture[r] >= 0 && tests[r].predicts() ? add(named("prediction", r), "classes") : -1);
        if (labels) add("label overlay", "overlay", {picture[0], label});
        for (std::size_t r = 0; r < runs.size(); ++r) {
            if (predicted[r] >= 0) add(named("prediction overlay", r), "overlay", {picture[r], predicted[r]});
            if (predicted[r] >= 0 && labels) add(named("errors", r), "errors", {picture[r], label, predicted[r]});
            if (data && picture[r] >= 0)
                add(named("less or more than the brighter source", r), "difference", {picture[r], visible, infrared});
        }
    }
};

struct Made {
    Sample layers;
    std::vector<std::optional<ImageNumbers>> numbers;  // by run
    Pictures::Encoded encoded;
};

Picture infrared_picture(const ft::data::Sample& sample) {
    auto bytes = ft::empty<std::uint8_t>({sample.height(), sample.width(), 1});
    std::uint8_t* to = bytes.mutable_data();
    for (std::int64_t i = 0; i < sample.height() * sample.width(); ++i)
        to[i] = static_cast<std::uint8_t>(sample.infrared[i] * 255 + 0.5f);
    return bytes;
}

void measure(ImageNumbers& numbers, ft::metrics::ConfusionMatrix& all, const ft::Tensor<std::uint8_t>& predicted,
             const ft::Tensor<std::uint8_t>& label, const std::string& file, std::mutex& mutex) {
    ft::metrics::ConfusionMatrix own(all.classes());
    try {
        own.add(predicted, label);
    } catch (const ft::Error& e) {  // somebody's file, not the run's
        throw ft::Error(file + ": " + e.what());
    }
    numbers.mean_iou = own.mean_iou(), numbers.accuracy = own.pixel_accuracy();
    const std::lock_guard lock(mutex);
    all.add(predicted, label);
}

class ImagesSection {
public:
    explicit ImagesSection(const std::vector<Run>& runs) : runs_(runs) {
        for (const Run& run : runs) tests_.emplace_back(run);
    }

    void add_to(Page& page) {
        const std::vector<std::string> names = tests_[0].names();
        if (names.empty()) return page.add("Classes", classes_html(runs_));
        const Layers layers(runs_, tests_);
        const auto count = static_cast<std::int64_t>(names.size());
        Pictures pictures(layers.list, runs_[0].classes.colors, count);
        // A block at a time: all images of a large test set would not fit into memory.
        constexpr std::int64_t block = 16;
        for (std::int64_t first = 0; first < count; first += block) {
            const std::int64_t last = std::min(count, first + block);
            std::vector<Made> made(static_cast<std::size_t>(last - first));
            ft::parallel_for(first, last, 1, [&](std::int64_t begin, std::int64_t end) {
                for (std::int64_t i = begin; i < end; ++i)
                    make(made[static_cast<std::size_t>(i - first)], names[static_cast<std::size_t>(i)], layers,
                         pictures, Pictures::on_sheet(i, count));
            });
            for (Made& one : made) {
                for (std::size_t r = 0; r < runs_.size(); ++r)
                    if (one.numbers[r]) tests_[r].numbers[one.encoded.name] = *one.numbers[r];
                pictures.add(std::move(one.encoded));
            }
        }
        for (std::size_t r = 1; r < runs_.size(); ++r)
            if (!tests_[r].shares(tests_[0]))
                page.note(runs_[r].name + ": its test images are others than those of " + runs_[0].name +
                          ", which alone are shown");
        std::string html;
        if (const std::string note = pictures.note(); !note.empty())
            html.append("<p class=\"note\">").append(escaped(note)).append("</p>");
        page.add("Images",
                 html + pictures.viewer_html() + (layers.classes() ? class_colors() : "") + pictures.sheet_html());
        page.add("Classes", classes_html(runs_) + confusions());
        page.add("Images in numbers", cumulative() + table());
        page.add_data(pictures.data_html());
    }

private:
    void make(Made& made, const std::string& name, const Layers& layers, const Pictures& pictures, bool on_sheet) {
        const auto sample = tests_[0].sample(name);
        made.numbers.resize(runs_.size());
        if (sample) {
            made.layers[layers.visible] = sample->visible;
            made.layers[layers.infrared] = infrared_picture(*sample);
            if (layers.label >= 0) made.layers[layers.label] = with_channel(sample->label);
        }
        ft::Shape size;
        for (std::size_t r = 0; r < runs_.size(); ++r) {
            if (layers.picture[r] < 0 || !tests_[r].has(name)) continue;
            const Picture picture = tests_[r].picture(name);
            const ft::Shape own{picture.size(0), picture.size(1)};
            if (r == 0) size = sample ? ft::Shape{sample->height(), sample->width()} : own;
            if (!(own == size)) continue;  // another image of that name
            made.layers[layers.picture[r]] = picture;
            ImageNumbers numbers;
            add_luminance(numbers, picture);
            const auto predicted = tests_[r].predicted(name);
            if (predicted.defined() && predicted.shape() == size && layers.predicted[r] >= 0) {
                made.layers[layers.predicted[r]] = with_channel(predicted);
                if (layers.label >= 0 && runs_[r].classes == runs_[0].classes)
                    measure(numbers, tests_[r].confusion, predicted, sample->label, tests_[r].predicted_file(name),
                            mutex_);
            }
            made.numbers[r] = numbers;
        }
        made.encoded = pictures.encode(name, made.layers, on_sheet);
        made.layers.clear();
    }

    std::string class_colors() const {
        const program::Classes& classes = runs_[0].classes;
        std::string out = "<div class=\"legend\" aria-label=\"classes\">";
        for (std::size_t c = 0; c < classes.names.size(); ++c) {
            const auto& [red, green, blue] = classes.colors[c];
            out += program::format("<span><i class=\"key\" style=\"background:rgb(%d,%d,%d)\"></i>", red, green, blue);
            out.append(escaped(classes.names[c])).append("</span>");
        }
        return out.append("</div>\n");
    }

    std::string confusions() const {
        std::string out;
        for (std::size_t r = 0; r < runs_.size(); ++r) {
            if (tests_[r].confusion.counted() == 0) continue;
            std::vector<std::int64_t> counts;
            const std::int64_t n = tests_[r].confusion.classes();
            for (std::int64_t label = 0; label < n; ++label)
                for (std::int64_t p = 0; p < n; ++p) counts.push_back(tests_[r].confusion.count(label, p));
            out += confusion_html("Confusion matrix, percent of the labelled pixels: " + runs_[r].name,
                                  runs_[r].classes.names, counts);
        }
        return out;
    }

    struct Column {
        const char* title;
        std::optional<double> (*of)(const ImageNumbers&);
    };
    static const std::vector<Column>& columns() {
        static const std::vector<Column> list = {
            {"mean IoU", [](const ImageNumbers& n) { return n.mean_iou; }},
            {"pixel accuracy", [](const ImageNumbers& n) { return n.accuracy; }},
            {"mean grey level", [](const ImageNumbers& n) { return std::optional(n.mean); }},
            {"deviation of grey levels", [](const ImageNumbers& n) { return std::optional(n.deviation); }}};
        return list;
    }

    // As papers draw them: a share x of the images has at most the value y.
    std::string cumulative() const {
        std::string out;
        for (const Column& column : columns()) {
            CurvePlot plot{column.title, "percent of the images that have at most this", {}, false, {}};
            for (std::size_t r = 0; r < runs_.size(); ++r) {
                Curve curve{runs_[r].name, {}, {}, static_cast<int>(r)};
                for (const auto& [name, numbers] : tests_[r].numbers)
                    if (const auto value = column.of(numbers)) curve.y.push_back(*value);
                std::sort(curve.y.begin(), curve.y.end());
                for (std::size_t i = 0; i < curve.y.size(); ++i)
                    curve.x.push_back(100 * static_cast<double>(i + 1) / static_cast<double>(curve.y.size()));
                plot.curves.push_back(std::move(curve));
            }
            out += figure(plot);
        }
        return "<div class=\"plots\">" + out.append("</div>\n");
    }

    std::string table() const {
        Table table{"Images", {"image", "run"}, {}};
        for (const Column& column : columns()) table.titles.push_back(column.title);
        for (std::size_t r = 0; r < runs_.size(); ++r)
            for (const auto& [name, numbers] : tests_[r].numbers) {
                std::vector<Cell> row = {{name}, {runs_[r].name}};
                for (const Column& column : columns()) {
                    const auto value = column.of(numbers);
                    row.push_back(value ? Cell::number(*value) : Cell{});
                }
                table.rows.push_back(std::move(row));
            }
        return table.html();
    }

    const std::vector<Run>& runs_;
    std::vector<TestImages> tests_;
    std::mutex mutex_;
};

// The folder's name, or where two have the same the whole path.
void name_runs(std::vector<Run>& runs) {
    std::set<std::string> once, twice;
    for (const Run& run : runs)
        if (!once.insert(run.files.name()).second) twice.insert(run.files.name());
    for (Run& run : runs)
        if (run.name.empty()) run.name = twice.count(run.files.name()) ? run.files.path : run.files.name();
}

}  // namespace

std::string run_page(std::vector<Run> runs) {
    name_runs(runs);
    std::string title = runs.size() == 1 ? "Run " : "Runs ";
    for (std::size_t r = 0; r < runs.size(); ++r) title += (r == 0 ? "" : ", ") + runs[r].name;
    Page page(title);
    for (const Run& run : runs) {
        for (const std::string& note : run.files.notes) page.note(run.name + ": " + note);
        if (!run.problem.empty())
            page.note(run.name +
                      ": its data cannot be read, so visible, infrared and labels are not shown: " + run.problem);
    }
    page.add("Rounds", rounds_html(runs));
    page.add("Curves", curves_html(runs));
    ImagesSection(runs).add_to(page);
    page.add(runs.size() == 1 ? "Record" : "Records", records_html(runs));
    return page.html();
}

}  // namespace report
