// What `evaluate task` makes of its counts: intersections over union by class and input, their spread, and whether a
// difference is more than noise.
#pragma once

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "fathom/core/random.hpp"
#include "fathom/metrics/statistics.hpp"
#include "support/classes.hpp"
#include "support/csv.hpp"
#include "support/progress.hpp"
#include "support/text_table.hpp"

namespace evaluate {

// Pixels by labelled and predicted class, [class, class].
using Counts = std::vector<std::int64_t>;

// As ConfusionMatrix::iou(): nan of a class that is neither labelled nor predicted; the mean of the others is the last.
inline std::vector<double> ious_of(const Counts& counts, std::size_t classes) {
    std::vector<double> ious;
    double sum = 0;
    std::int64_t defined = 0;
    for (std::size_t c = 0; c < classes; ++c) {
        std::int64_t all = -counts[c * classes + c];
        for (std::size_t k = 0; k < classes; ++k) all += counts[c * classes + k] + counts[k * classes + c];
        ious.push_back(all > 0 ? static_cast<double>(counts[c * classes + c]) / static_cast<double>(all)
                               : std::nan(""));
        if (all > 0) sum += ious.back(), ++defined;
    }
    ious.push_back(defined > 0 ? sum / static_cast<double>(defined) : std::nan(""));
    return ious;
}

struct TaskInput {
    std::string name;
    std::vector<std::vector<Counts>> nets;  // of each net (one, or one for each seed), of each image
};

struct TaskTable {
    program::Classes classes;
    std::vector<std::string> images;
    std::vector<TaskInput> inputs;
    bool retrained = false;

    std::size_t nets() const { return inputs.front().nets.size(); }
    // The name of a row: a class, or behind the last one the mean.
    std::string row_name(std::size_t c) const { return c < classes.names.size() ? classes.names[c] : "mean"; }
    std::vector<double> ious(std::size_t input, std::size_t net) const {
        Counts sum(classes.names.size() * classes.names.size());
        for (const Counts& image : inputs[input].nets[net])
            for (std::size_t k = 0; k < sum.size(); ++k) sum[k] += image[k];
        return ious_of(sum, classes.names.size());
    }
    // Of row `c` over the nets.
    fathom::metrics::Summary summary(std::size_t input, std::size_t c) const {
        std::vector<double> values;
        for (std::size_t net = 0; net < nets(); ++net) values.push_back(ious(input, net)[c]);
        return fathom::metrics::summarize(values);
    }
};

// The mean IoU of an input minus that of the best one, with the interval that other images and other seeds would give:
// both are drawn anew with replacement, the same ones for every input.
struct TaskDifference {
    double mean = 0, low = 0, high = 0;
    bool told_apart() const { return low > 0 || high < 0; }
};

struct TaskResult {
    std::size_t best = 0;
    std::vector<TaskDifference> behind_best;  // of each input
};

inline TaskResult task_result(const TaskTable& table) {
    constexpr std::size_t resamples = 2000;
    constexpr std::uint64_t seed = 1;
    const std::size_t inputs = table.inputs.size(), nets = table.nets(), images = table.images.size(),
                      classes = table.classes.names.size();
    TaskResult result;
    std::vector<double> means;
    for (std::size_t i = 0; i < inputs; ++i) {
        means.push_back(table.summary(i, classes).mean);
        if (means[i] > means[result.best] || std::isnan(means[result.best])) result.best = i;
    }
    std::vector<std::vector<double>> differences(inputs);
    for (std::size_t r = 0; r < resamples; ++r) {
        const fathom::RandomStream stream{seed, r * (images + nets)};
        const auto draw = [&](std::size_t k, std::size_t n) {
            return static_cast<std::size_t>(fathom::uniform(stream, k) * static_cast<double>(n));
        };
        std::vector<std::int64_t> image_times(images), net_times(nets);
        for (std::size_t k = 0; k < images; ++k) ++image_times[draw(k, images)];
        for (std::size_t k = 0; k < nets; ++k) ++net_times[draw(images + k, nets)];
        std::vector<double> drawn(inputs);
        for (std::size_t i = 0; i < inputs; ++i)
            for (std::size_t net = 0; net < nets; ++net) {
                if (net_times[net] == 0) continue;
                Counts sum(classes * classes);
                for (std::size_t k = 0; k < images; ++k)
                    for (std::size_t c = 0; image_times[k] > 0 && c < sum.size(); ++c)
                        sum[c] += image_times[k] * table.inputs[i].nets[net][k][c];
                drawn[i] +=
                    static_cast<double>(net_times[net]) / static_cast<double>(nets) * ious_of(sum, classes).back();
            }
        for (std::size_t i = 0; i < inputs; ++i)
            if (const double d = drawn[i] - drawn[result.best]; !std::isnan(d)) differences[i].push_back(d);
    }
    for (std::size_t i = 0; i < inputs; ++i) {
        std::vector<double>& list = differences[i];
        std::sort(list.begin(), list.end());
        const auto at = [&](double share) {
            return list.empty() ? std::nan("")
                                : list[static_cast<std::size_t>(share * static_cast<double>(list.size() - 1) + 0.5)];
        };
        result.behind_best.push_back({means[i] - means[result.best], at(0.025), at(0.975)});
    }
    return result;
}

// What the numbers show, a sentence each.
inline std::vector<std::string> task_sentences(const TaskTable& table, const TaskResult& result) {
    constexpr std::size_t few_images = 10, few_seeds = 5;
    std::vector<std::string> sentences, alike;
    const std::string& best = table.inputs[result.best].name;
    for (std::size_t i = 0; i < table.inputs.size(); ++i) {
        if (i == result.best) continue;
        const TaskDifference& d = result.behind_best[i];
        sentences.push_back(program::format("%s minus %s: %+.4f, 95%% interval %+.4f to %+.4f%s",
                                            table.inputs[i].name.c_str(), best.c_str(), d.mean, d.low, d.high,
                                            d.told_apart() ? "" : ": not told apart"));
        if (!d.told_apart()) alike.push_back(table.inputs[i].name);
    }
    std::string names;
    for (const std::string& name : alike) names += (names.empty() ? "" : ", ") + name;
    const std::string what =
        std::to_string(table.images.size()) + " images" +
        (table.retrained ? " and " + std::to_string(table.nets()) + (table.nets() > 1 ? " seeds" : " seed") : "");
    if (!alike.empty()) sentences.push_back(what + " are too few to tell " + best + " from " + names + ".");
    if (table.retrained && table.nets() == 1)
        sentences.push_back("One seed does not show how much another training would differ.");
    if (table.images.size() < few_images || (table.retrained && table.nets() < few_seeds))
        sentences.push_back("Intervals of so few " +
                            std::string(table.images.size() < few_images ? "images" : "seeds") +
                            " are rather too narrow than too wide.");
    return sentences;
}

inline std::string task_text(const TaskTable& table, const TaskResult& result) {
    std::vector<std::string> titles = {""};
    for (const TaskInput& input : table.inputs) titles.push_back(input.name);
    program::TextTable text("<" + std::string(table.inputs.size(), '>'), titles);
    for (std::size_t c = 0; c <= table.classes.names.size(); ++c) {
        std::vector<std::string> row = {table.row_name(c)};
        for (std::size_t i = 0; i < table.inputs.size(); ++i) {
            const fathom::metrics::Summary s = table.summary(i, c);
            row.push_back(s.count == 0  ? "absent"
                          : s.count > 1 ? program::format("%.4f (%.4f)", s.mean, s.deviation)
                                        : program::format("%.4f", s.mean));
        }
        text.add(std::move(row));
    }
    std::string out = program::format("intersection over union on %zu images, ", table.images.size()) +
                      (table.retrained ? program::format("mean%s of %zu net%s trained on each input\n",
                                                         table.nets() > 1 ? " (standard deviation)" : "", table.nets(),
                                                         table.nets() > 1 ? "s" : "")
                                       : "one net on all inputs\n");
    out += text.text();
    for (const std::string& sentence : task_sentences(table, result)) out += sentence + "\n";
    return out;
}

// A row for each input, net and class; the net is a seed, or "zero-shot". Behind them mean and std over the nets.
inline std::string task_csv(const TaskTable& table) {
    const auto text = [](double value) { return std::isnan(value) ? "nan" : program::format("%.9f", value); };
    std::string out = program::csv_row({"input", "net", "class", "iou"});
    for (std::size_t i = 0; i < table.inputs.size(); ++i) {
        const std::string& name = table.inputs[i].name;
        for (std::size_t net = 0; net < table.nets(); ++net) {
            const std::vector<double> ious = table.ious(i, net);
            for (std::size_t c = 0; c < ious.size(); ++c)
                out += program::csv_row(
                    {name, table.retrained ? std::to_string(net + 1) : "zero-shot", table.row_name(c), text(ious[c])});
        }
        for (std::size_t c = 0; table.retrained && c <= table.classes.names.size(); ++c) {
            const fathom::metrics::Summary s = table.summary(i, c);
            out += program::csv_row({name, "mean", table.row_name(c), text(s.mean)});
            out += program::csv_row({name, "std", table.row_name(c), text(s.deviation)});
        }
    }
    return out;
}

inline nlohmann::json task_json(const TaskTable& table, const TaskResult& result) {
    const auto number = [](double v) { return std::isnan(v) ? nlohmann::json() : nlohmann::json(v); };
    nlohmann::json inputs = nlohmann::json::array();
    for (std::size_t i = 0; i < table.inputs.size(); ++i) {
        nlohmann::json input = {{"name", table.inputs[i].name}};
        for (std::size_t c = 0; c <= table.classes.names.size(); ++c) {
            const fathom::metrics::Summary s = table.summary(i, c);
            nlohmann::json row = {{"mean", number(s.mean)}, {"std", number(s.deviation)}, {"nets", nullptr}};
            row["nets"] = nlohmann::json::array();
            for (std::size_t net = 0; net < table.nets(); ++net) row["nets"].push_back(number(table.ious(i, net)[c]));
            (c < table.classes.names.size() ? input["iou"][table.row_name(c)] : input["mean_iou"]) = row;
        }
        const TaskDifference& d = result.behind_best[i];
        if (i != result.best)
            input["minus_best"] = {{"mean", number(d.mean)},
                                   {"low", number(d.low)},
                                   {"high", number(d.high)},
                                   {"told_apart", d.told_apart()}};
        inputs.push_back(std::move(input));
    }
    return {{"best", table.inputs[result.best].name},
            {"inputs", inputs},
            {"images", table.images},
            {"protocol", table.retrained ? "retrained" : "zero-shot"},
            {"classes", program::to_json(table.classes)}};
}

}  // namespace evaluate
