// What fused images keep of people: their brightness where labels or boxes say that somebody is, against the infrared
// image's.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "evaluate/fusion_inputs.hpp"
#include "fathom/data/boxes.hpp"
#include "fathom/data/classes.hpp"
#include "fathom/data/dataset.hpp"
#include "fathom/metrics/retention.hpp"

namespace evaluate {

// Of the pixels of the class person in labels, or those in boxes of the class 0, person.
class FusionRetention {
public:
    void take_labels(const std::vector<std::string>& paths) { labels_ = paths; }
    void take_boxes(const std::vector<std::string>& paths) { boxes_ = paths; }
    bool any() const { return !labels_.empty() || !boxes_.empty(); }

    // Reads all masks, and with them finds what is wrong with a file.
    void read(const FusionInputs& inputs, std::size_t methods) {
        const fathom::data::Classes classes = fathom::data::Classes::msrs();
        const auto person = std::find(classes.names.begin(), classes.names.end(), "person") - classes.names.begin();
        for (std::size_t i = 0; i < inputs.pairs.size() && any(); ++i) {
            const std::int64_t height = inputs.visible[i].height, width = inputs.visible[i].width;
            if (labels_.empty()) {
                masks_.push_back(mask_of_boxes(boxes_[i], height, width));
                continue;
            }
            const auto label = fathom::data::read_label(labels_[i], classes.size());
            if (label.size(0) != height || label.size(1) != width)
                throw fathom::Error(labels_[i] + ": has " + std::to_string(label.size(0)) + " x " +
                                    std::to_string(label.size(1)) + " pixels, expected the " + std::to_string(height) +
                                    " x " + std::to_string(width) + " of " + inputs.pairs[i].visible);
            masks_.push_back(metrics::class_mask(label, person));
        }
        parts_.resize(methods * masks_.size());
    }

    // For any method and image at once.
    void add(std::size_t method, std::size_t image, const Picture& infrared, const Picture& fused) {
        if (any()) parts_[method * masks_.size() + image].add(infrared, fused, masks_[image]);
    }

    // Over all images of a method, in their order.
    std::optional<double> value(std::size_t method) const {
        metrics::Retention all;
        for (std::size_t i = 0; i < masks_.size(); ++i) all.add(parts_[method * masks_.size() + i]);
        return all.value();
    }

private:
    static fathom::Tensor<std::uint8_t> mask_of_boxes(const std::string& path, std::int64_t height,
                                                      std::int64_t width) {
        // person, bicycle, car
        const fathom::data::BoxOptions options{fathom::data::BoxFormat::yolo, 3, height, width};
        std::vector<metrics::Box> people;
        for (const metrics::LabelledBox& one : fathom::data::read_boxes(path, options))
            if (one.category == 0) people.push_back(one.box);
        return metrics::box_mask(height, width, people);
    }

    std::vector<std::string> labels_, boxes_;
    std::vector<fathom::Tensor<std::uint8_t>> masks_;  // [H, W], of each pair
    std::vector<metrics::Retention> parts_;            // [method, image]
};

}  // namespace evaluate
