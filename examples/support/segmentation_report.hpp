// What a segmentation is worth, as JSON and as a table: the same of a round of train_seafusion and of evaluate.
#pragma once

#include <cstdio>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "fathom/metrics/segmentation.hpp"
#include "support/classes.hpp"
#include "support/progress.hpp"

namespace program {

// Null where it is undefined.
inline nlohmann::json number(const std::optional<double>& value) {
    return value ? nlohmann::json(*value) : nlohmann::json();
}

inline nlohmann::json segmentation_json(const fathom::metrics::ConfusionMatrix& confusion, const Classes& classes) {
    nlohmann::json m = {{"pixels", confusion.counted()},
                        {"ignored", confusion.ignored()},
                        {"mean_iou", number(confusion.mean_iou())},
                        {"pixel_accuracy", number(confusion.pixel_accuracy())}};
    const bool labelled = confusion.counted() + confusion.ignored() > 0;
    for (std::int64_t c = 0; labelled && c < confusion.classes(); ++c)
        m["iou"][classes.names[static_cast<std::size_t>(c)]] = number(confusion.iou(c));
    return m;
}

// Classes that are absent from labels and predictions alike have no IoU, and do not count in the mean.
inline void print_iou(const fathom::metrics::ConfusionMatrix& confusion, const Classes& classes) {
    std::printf("  intersection over union\n");
    for (std::int64_t c = 0; c < confusion.classes(); ++c) {
        const char* name = classes.names[static_cast<std::size_t>(c)].c_str();
        if (const auto iou = confusion.iou(c))
            std::printf("    %-18s %7.4f\n", name, *iou);
        else
            std::printf("    %-18s  absent, left out of the mean\n", name);
    }
    const auto mean = confusion.mean_iou();
    std::printf("    %-18s %7s   (%lld pixels, %lld unsure ones left out)\n", "mean",
                mean ? format("%.4f", *mean).c_str() : "absent", static_cast<long long>(confusion.counted()),
                static_cast<long long>(confusion.ignored()));
}

}  // namespace program
