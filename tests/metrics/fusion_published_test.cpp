// The measures of fused images against published values, and against values in double of the same definitions.
#include <doctest/doctest.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "fathom/io/image.hpp"
#include "fathom/metrics/fusion.hpp"
#include "tests/support.hpp"

using namespace fathom;
using metrics::FusionConvention;
using metrics::FusionMetric;
using metrics::FusionScores;

namespace {

std::string data_folder(const std::string& name) {
    const char* shared = std::getenv("FATHOM_SHARED");
    return std::string(shared ? shared : "../shared") + "/data/" + name;
}

bool missing(const std::string& folder) {
    if (std::filesystem::exists(folder)) return false;
    MESSAGE("SKIPPED: no folder " << folder);
    return true;
}

std::vector<std::string> split(const std::string& line) {
    std::vector<std::string> cells;
    std::stringstream in(line.substr(0, line.find('\r')));
    for (std::string cell; std::getline(in, cell, ',');) cells.push_back(cell);
    return cells;
}

// Rows of a CSV file by the names in its first line.
std::vector<std::map<std::string, std::string>> read_table(const std::string& path) {
    std::ifstream in(path);
    REQUIRE_MESSAGE(in.good(), path);
    std::string line;
    std::getline(in, line);
    const auto names = split(line);
    std::vector<std::map<std::string, std::string>> rows;
    while (std::getline(in, line)) {
        const auto cells = split(line);
        REQUIRE(cells.size() == names.size());
        auto& row = rows.emplace_back();
        for (std::size_t i = 0; i < names.size(); ++i) row[names[i]] = cells[i];
    }
    return rows;
}

FusionMetric metric_of(const std::string& name) {
    for (int i = 0; i < metrics::fusion_metric_count; ++i)
        if (const auto metric = static_cast<FusionMetric>(i); name == to_string(metric)) return metric;
    FAIL("no metric " << name);
    return FusionMetric::EN;
}

// Scores of a folder's images, each computed once.
class Scores {
public:
    explicit Scores(std::string folder) : folder_(std::move(folder)) {}
    const FusionScores& of(const std::string& method, const std::string& file, FusionConvention convention) {
        const std::string key = method + "/" + file + "/" + to_string(convention);
        if (const auto found = known_.find(key); found != known_.end()) return found->second;
        const auto image = [&](const std::string& name) { return io::read_image(folder_ + "/" + name + "/" + file); };
        return known_[key] = fusion_scores(image("vi"), image("ir"), image(method), convention);
    }

private:
    std::string folder_;
    std::map<std::string, FusionScores> known_;
};

// The worst relative difference of each metric, checked against its tolerance at the end.
class Worst {
public:
    void add(const std::string& metric, double value, double expected) {
        double& worst = worst_[metric];
        const double difference = std::abs(value - expected) / std::abs(expected);
        if (!(difference <= worst)) worst = difference;  // NaN too
        ++count_;
    }
    void check(const char* what, double tolerance, const std::map<std::string, double>& others = {}) const {
        for (const auto& entry : worst_) {
            const std::string& metric = entry.first;
            CAPTURE(what);
            CAPTURE(metric);
            const auto other = others.find(metric);
            CHECK(entry.second <= (other == others.end() ? tolerance : other->second));
        }
    }
    int count() const { return count_; }

private:
    std::map<std::string, double> worst_;
    int count_ = 0;
};

bool is_metric(const std::string& column) { return column != "method" && column != "image" && column != "convention"; }

}  // namespace

TEST_CASE("metrics/fusion_published: author and float on real images") {
    const std::string folder = data_folder("metrics_tno");
    if (missing(folder)) return;
    Scores scores(folder);
    Worst worst;
    for (auto& row : read_table(folder + "/values.csv")) {
        const auto convention = metrics::fusion_convention(row["convention"]);
        REQUIRE(convention.has_value());
        for (const auto& [name, value] : row)
            if (is_metric(name))
                worst.add(name, scores.of(row["method"], row["image"], *convention)[metric_of(name)], std::stod(value));
    }
    CHECK(worst.count() == 32 * 9);
    worst.check("values.csv", 1e-8);
}

TEST_CASE("metrics/fusion_published: zoo on real images") {
    const std::string folder = data_folder("metrics_tno");
    if (missing(folder)) return;
    Scores scores(folder);
    // What was printed is float32 in many steps.
    Worst in_double, printed;
    for (const auto& [file, worst] : {std::pair{"/values_zoo_float64.csv", &in_double}, {"/values_zoo.csv", &printed}})
        for (auto& row : read_table(folder + file))
            for (const auto& [name, value] : row)
                if (is_metric(name))
                    worst->add(name, scores.of(row["method"], row["image"], FusionConvention::zoo)[metric_of(name)],
                               std::stod(value));
    CHECK(in_double.count() == 16 * 21);
    in_double.check("values_zoo_float64.csv", 1e-9);
    CHECK(printed.count() == 16 * 21);
    printed.check("values_zoo.csv", 1e-6, {{"SSIM", 2e-3}, {"MS_SSIM", 2e-3}, {"VIF", 5e-4}, {"Qcb", 1e-4}});
}

TEST_CASE("metrics/fusion_published: vifb on real images") {
    const std::string folder = data_folder("metrics_vifb");
    if (missing(folder)) return;
    Scores scores(folder);
    const std::map<std::string, std::string> names = {{"Entropy", "EN"},
                                                      {"Cross_entropy", "CE"},
                                                      {"Mutinf", "MI"},
                                                      {"Rmse", "RMSE"},
                                                      {"Psnr", "PSNR"},
                                                      {"Avg_gradient", "AG"},
                                                      {"Variance", "SD"},
                                                      {"Edge_intensity", "EI"},
                                                      {"Qabf", "Qabf"},
                                                      {"Ssim", "SSIM"},
                                                      {"Spatial_frequency", "SF"},
                                                      {"Qcb", "Qcb"},
                                                      {"Qcv", "Qcv"}};
    const auto score = [&](std::map<std::string, std::string>& row) {
        const std::string& name = names.at(row["metric"]);
        return scores.of(row["method"], row["image"] + ".png", FusionConvention::vifb)[metric_of(name)];
    };
    Worst in_double;
    for (auto& row : read_table(folder + "/values_float64.csv"))
        in_double.add(row["metric"], score(row), std::stod(row["value"]));
    CHECK(in_double.count() == 6 * 6 * 13);
    in_double.check("values_float64.csv", 1e-9);
    // As printed: five digits, so that half a unit of the fifth is what may differ.
    int count = 0;
    for (auto& row : read_table(folder + "/values.csv")) {
        const double printed = std::stod(row["value"]);
        const double unit = std::pow(10.0, std::floor(std::log10(std::abs(printed))) - 4);
        CAPTURE(row["metric"]);
        CHECK(std::abs(score(row) - printed) <= unit * (0.5 + 1e-6));
        ++count;
    }
    CHECK(count == 6 * 6 * 13);
}

// The published JPEGs, which the decoder here reads a little otherwise than the one that the values come from.
TEST_CASE("metrics/fusion_published: vifb from JPEG files") {
    const std::string folder = data_folder("metrics_vifb");
    if (missing(folder)) return;
    const std::map<std::string, double> bounds = {{"CE", 2.2e-2},   {"Qcb", 2.7e-3}, {"MI", 1.8e-3},   {"Qcv", 1.4e-3},
                                                  {"Qabf", 1.0e-3}, {"EN", 8.5e-4},  {"SF", 6e-4},     {"AG", 4e-4},
                                                  {"EI", 4e-4},     {"SSIM", 3e-4},  {"RMSE", 2.6e-4}, {"SD", 2.1e-4},
                                                  {"PSNR", 2.6e-5}};
    const auto image = [&](const std::string& name) { return io::read_image(folder + "/jpeg/" + name + ".jpg"); };
    const auto png = [&](const std::string& name) { return io::read_image(folder + "/" + name + ".png"); };
    for (const char* name : {"walking", "manWalking"}) {
        const std::string n = name;
        const auto jpeg =
            fusion_scores(image("vi/" + n), image("ir/" + n), image("SeAFusion/" + n), FusionConvention::vifb);
        const auto exact = fusion_scores(png("vi/" + n), png("ir/" + n), png("SeAFusion/" + n), FusionConvention::vifb);
        for (const auto& bound : bounds) {
            CAPTURE(bound.first);
            const FusionMetric m = metric_of(bound.first);
            CHECK(std::abs(jpeg[m] - exact[m]) <= 1.05 * bound.second * std::abs(exact[m]));
        }
    }
}
