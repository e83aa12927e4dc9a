// evaluate ablation: runs of train_seafusion beside each other: in what their switches differ, and what came of it.
#pragma once

#include <algorithm>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "support/csv.hpp"
#include "support/file_list.hpp"
#include "support/program.hpp"
#include "support/run_files.hpp"
#include "support/text_table.hpp"
#include "training/recipe.hpp"

namespace evaluate {

namespace ft = fathom;
namespace fs = std::filesystem;

struct AblationOptions {
    std::vector<std::string> runs;
    std::string csv_file, json_file;

    void check() const {
        if (runs.size() < 2) throw CLI::ValidationError("RUN", "expected two runs or more, got " + runs.front());
    }
};

// A run as a row: every switch of it, and the measures of its last round.
struct AblatedRun {
    std::string path, data;           // data: the fingerprint of what it was trained on
    std::int64_t measured, rounds;    // rounds that are measured, and that there will be
    nlohmann::json switches, result;  // flat objects: {"gamma": 1, ...}, {"iou.car": 0.4, ...}
    bool finished;
};

namespace detail {

// {"iou": {"car": 0.4}} as {"iou.car": 0.4}, without what is neither a number nor undefined.
inline void flatten(const nlohmann::json& from, const std::string& prefix, nlohmann::json& to) {
    for (const auto& [key, value] : from.items()) {
        if (value.is_object()) flatten(value, prefix + key + ".", to);
        if (value.is_number() || value.is_null()) to[prefix + key] = value;
    }
}

inline std::string text_of(const nlohmann::json& value) {
    return value.is_string() ? value.get<std::string>()
                             : value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace detail

// Throws Error where the folder holds no run, or one that has measured nothing.
inline AblatedRun ablated_run(const std::string& path) {
    const program::RunFiles files = program::read_run(path);
    const std::string record = files.file("record.json");
    const auto object_in = [&](const char* key) {
        const nlohmann::json value = files.record.value(key, nlohmann::json());
        if (!value.is_object()) throw ft::Error(record + ": " + key + ": expected an object, got " + value.dump());
        return value;
    };
    if (files.measures.empty())
        throw ft::Error(path + ": the run has not measured a round yet, expected one that has finished its first");
    AblatedRun run{path, {}, static_cast<std::int64_t>(files.measures.size()), 0, {}, {}, files.finished()};
    // What a run's version did not know was as it is by default.
    run.switches = training::to_json(training::Recipe());
    run.switches.update(object_in("recipe"));
    run.switches["precision"] = files.record.value("precision", nlohmann::json("fp32"));
    if (!run.switches["rounds"].is_number_integer())
        throw ft::Error(record + ": recipe.rounds: expected a whole number, got " + run.switches["rounds"].dump());
    run.rounds = run.switches["rounds"].get<std::int64_t>();
    run.data = detail::text_of(object_in("data").value("fingerprint", nlohmann::json("")));
    run.result = nlohmann::json::object();
    detail::flatten(files.measures.back(), "", run.result);
    return run;
}

// The switches whose values are not the same in all runs; `keep`, of the disk, is none of the net.
inline std::vector<std::string> differing_switches(const std::vector<AblatedRun>& runs) {
    std::vector<std::string> names;
    for (const auto& [key, value] : runs.front().switches.items())
        for (const AblatedRun& run : runs)
            if (key != "keep" && run.switches.value(key, nlohmann::json()) != value) {
                names.push_back(key);
                break;
            }
    return names;
}

inline nlohmann::json ablation_json(const std::vector<AblatedRun>& runs, const std::vector<std::string>& differing) {
    nlohmann::json all = {{"differing", differing}, {"runs", nlohmann::json::array()}};
    for (const AblatedRun& run : runs) {
        nlohmann::json switches = nlohmann::json::object();
        for (const std::string& name : differing) switches[name] = run.switches[name];
        all["runs"].push_back({{"run", run.path},
                               {"finished", run.finished},
                               {"measured_rounds", run.measured},
                               {"rounds", run.rounds},
                               {"switches", switches},
                               {"measures", run.result}});
    }
    return all;
}

// A row for each run; a measure that a run lacks is empty, one that is undefined nan.
inline std::string ablation_csv(const std::vector<AblatedRun>& runs, const std::vector<std::string>& differing) {
    std::set<std::string> measures;
    for (const AblatedRun& run : runs)
        for (const auto& [key, value] : run.result.items()) measures.insert(key);
    measures.erase("round");
    std::vector<std::string> head = {"run", "measured_rounds"};
    head.insert(head.end(), differing.begin(), differing.end());
    head.insert(head.end(), measures.begin(), measures.end());
    std::string text = program::csv_row(head);
    for (const AblatedRun& run : runs) {
        std::vector<std::string> row = {run.path, std::to_string(run.measured)};
        for (const std::string& name : differing) row.push_back(detail::text_of(run.switches[name]));
        for (const std::string& name : measures) {
            const auto at = run.result.find(name);
            row.push_back(at == run.result.end() ? "" : at->is_null() ? "nan" : at->dump());
        }
        text += program::csv_row(row);
    }
    return text;
}

inline std::string ablation_text(const std::vector<AblatedRun>& runs, const std::vector<std::string>& differing) {
    constexpr std::pair<const char*, const char*> shown[] = {{"content_loss.this net", "content loss"},
                                                             {"mean_iou", "mean IoU"},
                                                             {"pixel_accuracy", "accuracy"},
                                                             {"person_retention", "people"}};
    std::vector<std::string> head = {"run", "rounds"};
    head.insert(head.end(), differing.begin(), differing.end());
    for (const auto& [key, title] : shown) head.push_back(title);
    program::TextTable table("<" + std::string(head.size() - 1, '>'), head);
    for (const AblatedRun& run : runs) {
        std::vector<std::string> row = {program::printable(run.path), std::to_string(run.measured)};
        for (const std::string& name : differing)
            row.push_back(program::printable(detail::text_of(run.switches[name]).substr(0, 40)));
        for (const auto& [key, title] : shown) {
            const nlohmann::json value = run.result.value(key, nlohmann::json());
            row.push_back(value.is_number() ? program::format("%.4f", value.get<double>()) : "-");
        }
        table.add(row);
    }
    return table.text();
}

// What a reader of the table has to know before comparing.
inline std::vector<std::string> ablation_notes(const std::vector<AblatedRun>& runs) {
    std::vector<std::string> notes;
    for (const AblatedRun& run : runs) {
        if (run.measured < run.rounds)
            notes.push_back(run.path + ": has measured " + std::to_string(run.measured) + " of " +
                            std::to_string(run.rounds) + " rounds; its row is of the last one of them");
        if (run.data != runs.front().data)
            notes.push_back(run.path + ": was trained on other data than " + runs.front().path);
    }
    return notes;
}

inline int run_ablation(const AblationOptions& o) {
    program::FileList files;
    std::set<std::string> seen;
    for (const std::string& path : o.runs) {
        if (!fs::exists(path)) throw ft::Error(path + ": no such folder");
        if (!seen.insert(fs::weakly_canonical(path).string()).second)
            throw ft::Error(path + ": is given twice, expected each run once");
        for (const char* name : {"record.json", "log.jsonl"}) files.reads((fs::path(path) / name).string());
        files.reads_folder(path, true);
    }
    if (!o.csv_file.empty()) files.writes(o.csv_file, "--csv");
    if (!o.json_file.empty()) files.writes(o.json_file, "--json");
    files.check();
    files.try_out();
    std::vector<AblatedRun> runs;
    for (const std::string& path : o.runs) runs.push_back(ablated_run(path));
    const std::vector<std::string> differing = differing_switches(runs);
    if (!o.csv_file.empty()) program::write_text(o.csv_file, ablation_csv(runs, differing));
    if (!o.json_file.empty()) program::write_json(o.json_file, ablation_json(runs, differing));
    for (const std::string& note : ablation_notes(runs)) std::fprintf(stderr, "note: %s\n", note.c_str());
    std::fputs(ablation_text(runs, differing).c_str(), stdout);
    return 0;
}

inline program::Command ablation_command(CLI::App& app) {
    const auto o = std::make_shared<AblationOptions>();
    CLI::App* command = app.add_subcommand(
        "ablation", "Sets runs of train_seafusion beside each other: the switches that differ, and the measures.");
    command->add_option("run", o->runs, "folders of runs, two or more")->required();
    command->add_option("--csv", o->csv_file, "write the table, with all measures, to this file");
    command->add_option("--json", o->json_file, "write the table, with all measures, to this file");
    return {command, [o] { o->check(); }, [o] { return run_ablation(*o); }};
}

}  // namespace evaluate
