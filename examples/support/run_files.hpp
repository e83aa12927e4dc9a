// What a run of train_seafusion has written, for programs that look at it: record, log and measures. Finished or not,
// even while it runs: nothing is locked, nothing is changed.
#pragma once

#include <algorithm>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fathom/io/file.hpp"
#include "support/json_fields.hpp"

namespace program {

namespace fs = std::filesystem;

// Values of one field of the log in the order of the steps of one net, counted over all rounds from 1.
struct LogSeries {
    std::vector<double> step, value;
};

struct RunFiles {
    std::string path;
    json record;
    std::map<std::string, std::map<std::string, LogSeries>> log;  // by phase ("fusion"), then field ("loss")
    std::map<std::string, std::vector<double>> round_starts;      // by phase: the step behind which each round began
    std::vector<json> measures;                                   // of each measured round
    std::int64_t log_lines = 0;
    double seconds = 0;              // of work, until the last line of the log
    std::vector<std::string> notes;  // what is not as it would be in a finished run

    std::string file(const std::string& name) const { return path + "/" + name; }
    std::string name() const { return fs::path(path).lexically_normal().filename().string(); }
    bool finished() const {
        std::error_code none;
        return fs::exists(file("summary.json"), none);
    }
};

namespace detail {

// Steps of the log count within a round; those of a plot go on.
class LogReader {
public:
    explicit LogReader(RunFiles& run) : run_(run) {}

    // False where the line is no JSON object.
    bool add(std::string_view text, const std::string& where) {
        const json line = json::parse(text, nullptr, false);
        if (!line.is_object()) return false;
        ++run_.log_lines;
        run_.seconds = line.value("seconds", run_.seconds);
        if (const auto measures = line.find("measures"); measures != line.end()) {
            if (!measures->is_object()) throw fathom::Error(where + ": measures: expected an object");
            run_.measures.push_back(*measures);
            return true;
        }
        const auto phase = line.find("phase");
        if (phase == line.end() || !phase->is_string() || !number(line, "step") || !number(line, "round"))
            throw fathom::Error(where + ": expected a phase, a round and a step in it");
        add_step(line, phase->get<std::string>());
        return true;
    }

private:
    struct Reached {
        double round = 0, base = 0, step = 0;
    };
    static bool number(const json& line, const char* key) { return line.contains(key) && line[key].is_number(); }
    void add_step(const json& line, const std::string& phase) {
        Reached& at = reached_[phase];
        const double round = line["round"].get<double>();
        if (round != at.round) {
            at.base += at.step, at.round = round;
            run_.round_starts[phase].push_back(at.base);
        }
        at.step = line["step"].get<double>();
        auto& series = run_.log[phase];
        for (const auto& [key, value] : line.items()) {
            if (!value.is_number() || key == "step" || key == "round" || key == "seconds") continue;
            series[key].step.push_back(at.base + at.step);
            series[key].value.push_back(value.get<double>());
        }
    }
    RunFiles& run_;
    std::map<std::string, Reached> reached_;
};

}  // namespace detail

// Throws Error where the folder holds no run, and where record or log are damaged. That the last line is cut off is
// none: a run that is killed leaves that.
inline RunFiles read_run(const std::string& path) {
    RunFiles run;
    run.path = path;
    std::error_code none;
    if (!fs::exists(fs::path(path) / "record.json", none))
        throw fathom::Error(path + ": holds no run, expected a folder with record.json");
    run.record = read_json_object(run.file("record.json"));
    const std::string log = run.file("log.jsonl");
    if (!fs::exists(log, none)) {
        run.notes.push_back("the run has no log yet");
        return run;
    }
    detail::LogReader reader(run);
    if (fs::file_size(log, none) > 0) {  // an empty file cannot be mapped
        const fathom::io::MappedFile file(log);
        const std::string_view text = file.bytes();
        std::int64_t number = 0;
        for (std::size_t at = 0; at < text.size();) {
            const std::size_t end = std::min(text.find('\n', at), text.size());
            const std::string where = log + ": line " + std::to_string(++number);
            if (!reader.add(text.substr(at, end - at), where)) {
                if (end < text.size()) throw fathom::Error(where + ": is damaged, expected a JSON object");
                run.notes.push_back("the last line of the log is not whole and was left out");
            }
            at = end + 1;
        }
    }
    if (!run.finished()) run.notes.push_back("the run is not finished");
    return run;
}

}  // namespace program
