// A run's report, from its folder and its data.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "report/page.hpp"
#include "report/run_page.hpp"
#include "training/data.hpp"

namespace training {

// What a run is reported with, whose data may be gone since.
inline report::Run reported(program::RunFiles files) {
    report::Run run{std::move(files), program::Classes::msrs()};
    const json& record = run.files.record;
    const std::string file = run.files.file("record.json");
    try {
        if (!record.contains("recipe") || !record.contains("data"))
            throw ft::Error(file + ": is damaged, expected recipe and data in it");
        const Recipe recipe = recipe_of(record["recipe"], file + ": recipe");
        run.classes = classes_of(recipe);
        run.test = open_data(recipe, infrared_counts(record, file)).test;
    } catch (const ft::Error& e) {
        run.problem = e.what();
    }
    return run;
}

// While it runs, with the data that it has open.
inline void write_report(const std::string& folder, const Data& data, const program::Classes& classes) {
    report::Run run{program::read_run(folder), classes, data.test};
    report::write_page(folder + "/report", report::run_page({std::move(run)}));
}

}  // namespace training
