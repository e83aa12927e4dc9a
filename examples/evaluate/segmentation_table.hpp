// What `evaluate segmentation` tells: as JSON, as CSV, as a table.
#pragma once

#include <cstdio>
#include <string>
#include <vector>

#include "fathom/metrics/boundary.hpp"
#include "support/csv.hpp"
#include "support/segmentation_report.hpp"

namespace evaluate {

struct SegmentationMeasures {
    program::Classes classes;
    fathom::metrics::ConfusionMatrix confusion{classes.size()};
    fathom::metrics::BoundaryF1 boundary{classes.size()};
    std::int64_t images = 0;

    const std::string& name(std::int64_t c) const { return classes.names[static_cast<std::size_t>(c)]; }
};

// What train_seafusion writes of a round, and more.
inline nlohmann::json segmentation_json(const SegmentationMeasures& m) {
    using program::number;
    nlohmann::json json = program::segmentation_json(m.confusion, m.classes);
    json["images"] = m.images;
    json["classes"] = program::to_json(m.classes);
    json["mean_accuracy"] = number(m.confusion.mean_accuracy());
    json["mean_boundary_f1"] = number(m.boundary.mean());
    json["boundary_tolerance"] = fathom::metrics::BoundaryF1::default_tolerance;
    for (std::int64_t c = 0; c < m.classes.size(); ++c) {
        json["accuracy"][m.name(c)] = number(m.confusion.accuracy(c));
        json["boundary_f1"][m.name(c)] = number(m.boundary.of(c));
        nlohmann::json row;
        for (std::int64_t predicted = 0; predicted < m.classes.size(); ++predicted)
            row.push_back(m.confusion.count(c, predicted));
        json["confusion"].push_back(row);
    }
    return json;
}

// "nan" where it is undefined.
inline std::string csv_number(const std::optional<double>& value) {
    return value ? program::format("%.9f", *value) : "nan";
}

// A row for each class, their means, and all pixels; behind the measures the confusion matrix.
inline std::string segmentation_csv(const SegmentationMeasures& m) {
    std::vector<std::string> head = {"class", "pixels", "iou", "accuracy", "boundary_f1"};
    for (const std::string& name : m.classes.names) head.push_back("as " + name);
    std::string text = program::csv_row(head);
    std::vector<std::int64_t> predicted(m.classes.names.size());
    for (std::int64_t c = 0; c < m.classes.size(); ++c) {
        std::vector<std::string> row = {m.name(c), std::to_string(m.confusion.labelled(c)),
                                        csv_number(m.confusion.iou(c)), csv_number(m.confusion.accuracy(c)),
                                        csv_number(m.boundary.of(c))};
        for (std::int64_t p = 0; p < m.classes.size(); ++p) {
            row.push_back(std::to_string(m.confusion.count(c, p)));
            predicted[static_cast<std::size_t>(p)] += m.confusion.count(c, p);
        }
        text += program::csv_row(row);
    }
    const std::string all = std::to_string(m.confusion.counted());
    std::vector<std::string> mean = {"mean", all, csv_number(m.confusion.mean_iou()),
                                     csv_number(m.confusion.mean_accuracy()), csv_number(m.boundary.mean())};
    mean.resize(head.size());
    std::vector<std::string> total = {"all pixels", all, "", csv_number(m.confusion.pixel_accuracy()), ""};
    for (const std::int64_t count : predicted) total.push_back(std::to_string(count));
    return text + program::csv_row(mean) + program::csv_row(total);
}

inline void print_segmentation(const SegmentationMeasures& m) {
    const auto line = [](const std::string& name, const std::optional<double>& value) {
        std::printf("    %-18s %s\n", name.c_str(), value ? program::format("%7.4f", *value).c_str() : " absent");
    };
    std::printf("%lld images\n", static_cast<long long>(m.images));
    program::print_iou(m.confusion, m.classes);
    std::printf("  accuracy: the share of a class's pixels that are right\n");
    for (std::int64_t c = 0; c < m.classes.size(); ++c) line(m.name(c), m.confusion.accuracy(c));
    line("mean", m.confusion.mean_accuracy());
    line("all pixels", m.confusion.pixel_accuracy());
    std::printf("  boundary F1, within %g of the diagonal\n", fathom::metrics::BoundaryF1::default_tolerance);
    for (std::int64_t c = 0; c < m.classes.size(); ++c) line(m.name(c), m.boundary.of(c));
    line("mean", m.boundary.mean());
    constexpr std::int64_t widest = 16;  // what a terminal shows
    if (m.classes.size() > widest) return;
    std::printf("  confusion: of 100 pixels of a class, how many were taken for which\n    %-18s", "");
    for (std::int64_t p = 0; p < m.classes.size(); ++p)
        std::printf(" %6s", program::format("%.6s", m.name(p).c_str()).c_str());
    std::printf("\n");
    for (std::int64_t c = 0; c < m.classes.size(); ++c) {
        const std::int64_t all = m.confusion.labelled(c);
        if (all == 0) continue;
        std::printf("    %-18s", m.name(c).c_str());
        for (std::int64_t p = 0; p < m.classes.size(); ++p)
            std::printf(" %6.2f", 100 * static_cast<double>(m.confusion.count(c, p)) / static_cast<double>(all));
        std::printf("\n");
    }
}

}  // namespace evaluate
