// What `evaluate detection` tells: as CSV, as JSON, as a table.
#pragma once

#include <cstdio>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "fathom/metrics/detection.hpp"
#include "support/csv.hpp"
#include "support/progress.hpp"

namespace evaluate {

// Of one kind of predictions against one of labels, on some of the images.
struct DetectionResult {
    std::string predicted, labels, subset;
    std::int64_t images;
    fathom::metrics::AveragePrecision precision;
};

// Calls f(class's name, measures) for each class, then for their mean.
template <class F>
void for_each_class(const DetectionResult& result, const std::vector<std::string>& classes, F f) {
    for (std::size_t c = 0; c < classes.size(); ++c) f(classes[c], result.precision.of(static_cast<std::int64_t>(c)));
    f(std::string("mean"), result.precision.mean());
}

inline std::string detection_csv(const std::vector<DetectionResult>& results, const std::vector<std::string>& classes) {
    const auto text_of = [](const std::optional<double>& value) {
        return value ? program::format("%.9f", *value) : "nan";
    };
    std::string text = "predicted,labels,subset,class,boxes,predictions,ap50,ap50_95\n";
    for (const DetectionResult& r : results)
        for_each_class(r, classes, [&](const std::string& name, const fathom::metrics::DetectionMeasures& m) {
            text += program::csv_row({r.predicted, r.labels, r.subset, name, std::to_string(m.boxes),
                                      std::to_string(m.predictions), text_of(m.ap50), text_of(m.ap50_95)});
        });
    return text;
}

inline nlohmann::json detection_json(const std::vector<DetectionResult>& results,
                                     const std::vector<std::string>& classes) {
    const auto number = [](const std::optional<double>& value) {
        return value ? nlohmann::json(*value) : nlohmann::json();
    };
    nlohmann::json list = nlohmann::json::array();
    for (const DetectionResult& r : results) {
        nlohmann::json one = {
            {"predicted", r.predicted}, {"labels", r.labels}, {"subset", r.subset}, {"images", r.images}};
        for_each_class(r, classes, [&](const std::string& name, const fathom::metrics::DetectionMeasures& m) {
            nlohmann::json measures = {{"boxes", m.boxes},
                                       {"predictions", m.predictions},
                                       {"ap50", number(m.ap50)},
                                       {"ap50_95", number(m.ap50_95)}};
            if (name == "mean")
                one["mean"] = measures;
            else
                one["classes"][name] = measures;
        });
        list.push_back(one);
    }
    return list;
}

// A block for each subset and kind of labels, in which predictions are rows to compare.
inline void print_detections(const std::vector<DetectionResult>& results, const std::vector<std::string>& classes) {
    std::vector<bool> printed(results.size());
    const auto cell = [](const std::optional<double>& value) {
        return value ? program::format("%9.4f", *value) : std::string("   absent");
    };
    for (std::size_t i = 0; i < results.size(); ++i) {
        if (printed[i]) continue;
        std::printf("labels %s, %s: %lld images\n", results[i].labels.c_str(), results[i].subset.c_str(),
                    static_cast<long long>(results[i].images));
        for (const bool strict : {false, true}) {
            std::printf("  %-18s", strict ? "AP50:95" : "AP50");
            for (const std::string& name : classes) std::printf(" %9.9s", name.c_str());
            std::printf("      mean\n");
            for (std::size_t k = i; k < results.size(); ++k) {
                if (results[k].labels != results[i].labels || results[k].subset != results[i].subset) continue;
                printed[k] = true;
                std::string line = program::format("    %-16s", results[k].predicted.c_str());
                for_each_class(results[k], classes,
                               [&](const std::string&, const fathom::metrics::DetectionMeasures& m) {
                                   line += " " + cell(strict ? m.ap50_95 : m.ap50);
                               });
                std::printf("%s\n", line.c_str());
            }
        }
    }
}

}  // namespace evaluate
