// A run's log as TensorBoard reads it: every number of a line as a scalar, over the steps of the whole run.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "fathom/io/file.hpp"
#include "fathom/io/image_header.hpp"
#include "report/event_file.hpp"
#include "training/data.hpp"
#include "training/fusion_plan.hpp"
#include "training/state.hpp"

namespace training {

// Both nets share one axis, so that what a killed run had done beyond its checkpoint can be taken back by its step: a
// round is the fusion net's steps, the segmentation net's and one for the measures.
class RunSteps {
public:
    RunSteps(const Recipe& r, const Data& data)
        : fusion_(r.images == ImageSource::fused ? fusion_plan(r, 1, data.train->size() / r.batch).steps : 0),
          segmentation_(r.content_only || r.one_stage ? 0 : r.segmentation_steps) {}

    // Of step `step` of a phase, from 1.
    std::int64_t at(std::int64_t round, Phase phase, std::int64_t step) const {
        const std::int64_t before = (round - 1) * (fusion_ + segmentation_ + 1);
        switch (phase) {
            case Phase::fusion:
                return before + step;
            case Phase::pictures:
                return before + fusion_;
            case Phase::segmentation:
                return before + fusion_ + step;
            case Phase::measuring:
                return before + fusion_ + segmentation_ + step;
            case Phase::finished:
                return before + fusion_ + segmentation_ + 1;
        }
        return 0;
    }

private:
    std::int64_t fusion_, segmentation_;
};

class Events {
public:
    // Steps behind `place` that older files have did not happen.
    Events(const std::string& folder, const RunSteps& steps, const Place& place)
        : steps_(steps), file_(folder, steps.at(place.round, place.phase, place.step) + 1) {}

    // A line of the log.
    void add(const json& line) {
        const auto round = line.at("round").get<std::int64_t>();
        const Phase phase = line.at("phase").get<Phase>();
        std::vector<std::pair<std::string, double>> scalars;
        if (line.contains("measures")) {
            add_numbers(scalars, "test/", line["measures"]);
            return file_.add_scalars(steps_.at(round, Phase::measuring, 1), scalars);
        }
        for (const auto& [key, value] : line.items())
            if (value.is_number() && key != "step" && key != "round" && key != "seconds")
                scalars.emplace_back(line["phase"].get<std::string>() + "/" + key, value.get<double>());
        file_.add_scalars(steps_.at(round, phase, line.at("step").get<std::int64_t>()), scalars);
    }
    // The round's contact sheet.
    void add_sheet(std::int64_t round, const std::string& path) {
        const ft::io::MappedFile file(path);
        const ft::io::ImageHeader header = ft::io::read_image_header(path, file.bytes());
        file_.add_image(steps_.at(round, Phase::measuring, 1), "test/sheet", file.bytes(), header.height, header.width,
                        header.channels);
    }
    bool flush() { return file_.flush(); }
    const std::string& path() const { return file_.path(); }

private:
    static void add_numbers(std::vector<std::pair<std::string, double>>& scalars, const std::string& prefix,
                            const json& object) {
        for (const auto& [key, value] : object.items()) {
            if (value.is_object()) add_numbers(scalars, prefix + key + "/", value);
            if (value.is_number() && key != "round") scalars.emplace_back(prefix + key, value.get<double>());
        }
    }

    RunSteps steps_;
    report::EventFile file_;
};

}  // namespace training
