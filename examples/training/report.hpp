// What a round gave: losses and IoU on the test set, as numbers, as a table and as a contact sheet.
#pragma once

#include <algorithm>
#include <array>
#include <cstdio>
#include <optional>
#include <string>

#include "fathom/data/classes.hpp"
#include "fathom/data/contact_sheet.hpp"
#include "fathom/data/pictures.hpp"
#include "fathom/io/image.hpp"
#include "fathom/metrics/retention.hpp"
#include "fathom/metrics/segmentation.hpp"
#include "fathom/seafusion/fuse.hpp"
#include "fathom/seafusion/segment.hpp"
#include "support/progress.hpp"
#include "support/segmentation_report.hpp"
#include "training/data.hpp"
#include "training/state.hpp"

namespace training {

// One sample as the nets and the reader want it.
struct View {
    std::string name;
    ft::Tensor<std::uint8_t> visible, infrared, label;  // [H, W, 3], [H, W, 1], [H, W]
    ft::Tensor<float> infrared_values;                  // [H, W, 1], in [0, 1], of all its bits
};

inline View view_of(const ft::data::Sample& sample) {
    const std::int64_t h = sample.height(), w = sample.width();
    View view{sample.name, sample.visible, ft::empty<std::uint8_t>({h, w, 1}), sample.label,
              ft::empty<float>({h, w, 1})};
    float* values = view.infrared_values.mutable_data();
    std::uint8_t* bytes = view.infrared.mutable_data();
    for (std::int64_t i = 0; i < h * w; ++i) {
        values[i] = sample.infrared[i];
        bytes[i] = static_cast<std::uint8_t>(values[i] * 255 + 0.5f);
    }
    return view;
}

// What the fusion net makes of a sample, where the net is.
struct Fused {
    ft::seafusion::FusionInput<float> input;
    ft::Tensor<float> luminance;  // [1, 1, H, W]
};

// Nothing where the run trains on the pictures of one camera.
inline std::optional<Fused> fused_of(RunState& run, const View& view) {
    if (run.recipe.images != ImageSource::fused) return std::nullopt;
    const ft::NoGrad off;
    const auto input = ft::seafusion::fusion_input(view.visible.to(run.device).to<float>() / 255.0f,
                                                   view.infrared_values.to(run.device));
    return Fused{input, run.fusion.forward(input.y, input.ir)};
}

// What the segmentation net sees of a sample, [H, W, 3]; the fused one exactly as the program fuse writes it.
inline ft::Tensor<std::uint8_t> picture_of(const View& view, ImageSource images, const std::optional<Fused>& fused) {
    switch (images) {
        case ImageSource::visible:
            return view.visible;
        case ImageSource::infrared: {
            const ft::Shape& s = view.visible.shape();
            return ft::contiguous(ft::expand(view.infrared, s));
        }
        case ImageSource::fused:
            break;
    }
    return ft::seafusion::to_picture(fused.value().luminance, fused->input).to(ft::Device::cpu());
}

// Mean content loss over the test set, of the net and of four rules, whole images.
struct ContentLosses {
    static constexpr std::array<const char*, 5> names = {"this net", "pixelwise maximum", "visible", "mean",
                                                         "infrared"};
    std::array<double, 5> sums = {};
    std::int64_t count = 0;

    void add(const Fused& fused, double alpha) {
        const ft::NoGrad off;
        const auto &y = fused.input.y, &ir = fused.input.ir;
        const ft::Tensor<float> images[] = {fused.luminance, ft::maximum(y, ir), y, (y + ir) / 2.0f, ir};
        for (std::size_t i = 0; i < 5; ++i)
            sums[i] += static_cast<double>(ft::seafusion::content_loss(images[i], y, ir, alpha).total.item());
        ++count;
    }
    double mean(std::size_t i) const { return sums[i] / static_cast<double>(count); }
};

struct Measures {
    program::Classes classes;
    ft::metrics::ConfusionMatrix confusion{classes.size()};
    ContentLosses content = {};  // of none with pictures of one camera
    ft::metrics::Retention persons = {};

    // What the fused picture keeps of the people in it, where labels have such a class.
    void add_persons(const View& view, const ft::Tensor<std::uint8_t>& picture) {
        const auto at = std::find(classes.names.begin(), classes.names.end(), "person");
        if (at == classes.names.end() || !view.label.defined()) return;
        persons.add(view.infrared, picture, ft::metrics::class_mask(view.label, at - classes.names.begin()));
    }
    // A sentence where people are lost; "" otherwise.
    std::string persons_warning() const {
        const auto kept = persons.value();
        if (!kept || *kept >= ft::metrics::Retention::least) return {};
        return program::format(
            "fused pictures keep %.2f of the brightness that people have in infrared, expected at "
            "least %g: the fusion net loses them",
            *kept, ft::metrics::Retention::least);
    }

    bool labelled() const { return confusion.counted() + confusion.ignored() > 0; }
    // What the best round has most of: mean IoU, or where there are no labels little content loss. From 0 to 1.
    double score() const { return labelled() ? confusion.mean_iou().value_or(0) : 1 / (1 + content.mean(0)); }

    json to_json() const {
        json m = program::segmentation_json(confusion, classes);
        m["score"] = score();
        for (std::size_t i = 0; content.count > 0 && i < 5; ++i)
            m["content_loss"][ContentLosses::names[i]] = content.mean(i);
        if (const auto kept = persons.value()) m["person_retention"] = *kept;
        return m;
    }
};

inline void print_table(const Measures& m, std::int64_t round, std::int64_t images, const char* what) {
    std::printf("round %lld, %lld %s\n", static_cast<long long>(round), static_cast<long long>(images), what);
    if (m.content.count > 0) {
        std::printf("  content loss, mean of whole images\n");
        for (std::size_t i = 0; i < 5; ++i)
            std::printf("    %-18s %7.4f\n", ContentLosses::names[i], m.content.mean(i));
    }
    if (const auto kept = m.persons.value())
        std::printf("  brightness of people, fused over infrared\n    %-18s %7.4f\n", "this net", *kept);
    if (!m.labelled()) return static_cast<void>(std::fflush(stdout));
    program::print_iou(m.confusion, m.classes);
    std::fflush(stdout);
}

// Rows of a few samples, spread over the test set. Without labels only what was fused.
class Sheet {
public:
    Sheet(std::int64_t samples, const std::string& picture, bool labelled, const program::Classes& classes)
        : samples_(samples),
          labelled_(labelled),
          classes_(classes),
          sheet_(labelled ? std::vector<std::string>{"visible", "infrared", picture, "label", "prediction"}
                          : std::vector<std::string>{"visible", "infrared", picture}) {}

    bool wants(std::int64_t i) const {
        const std::int64_t rows = std::min<std::int64_t>(samples_, 6), row = i * rows / samples_;
        return i == row * samples_ / rows + (row * samples_ % rows != 0);
    }
    void add(const View& view, const ft::Tensor<std::uint8_t>& picture, const ft::Tensor<std::uint8_t>& predicted) {
        std::vector<ft::Tensor<std::uint8_t>> row = {view.visible, view.infrared, picture};
        if (labelled_)
            for (const auto& classes : {view.label, predicted})
                row.push_back(ft::data::color_labels(classes, classes_.colors));
        sheet_.add_row(view.name, row);
    }
    void write(const std::string& path) {
        if (labelled_) sheet_.add_legend(program::names_of(classes_), classes_.colors);
        ft::io::write_image(path, sheet_.render());
    }

private:
    std::int64_t samples_;
    bool labelled_;
    program::Classes classes_;
    ft::data::ContactSheet sheet_;
};

}  // namespace training
