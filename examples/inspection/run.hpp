// A run's folder: what it is, how far it has come, and what its files of tensors hold.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "inspection/tensors.hpp"
#include "support/run_files.hpp"

namespace inspection {

namespace fs = std::filesystem;

// Of a run, by their names in its folder, as far as they are there.
inline std::vector<std::string> tensor_files_of(const std::string& run) {
    std::vector<std::string> names;
    std::error_code none;
    const auto add = [&](const std::string& name) {
        if (fs::exists(fs::path(run) / name, none)) names.push_back(name);
    };
    for (const char* name : {"last", "previous", "best"}) add(std::string("checkpoints/") + name + ".safetensors");
    for (const char* net : {"fusion.safetensors", "segmentation.safetensors"}) {
        add(net);
        for (std::int64_t m = 1; fs::is_directory(fs::path(run) / ("round_" + std::to_string(m)), none); ++m)
            add("round_" + std::to_string(m) + "/" + net);
    }
    return names;
}

// {run, finished, notes, seconds, record, log: {phase: {steps, last: {loss, ...}}}, rounds, files: [...], damaged}.
// A file that cannot be read has `problem` in the place of what it holds.
inline json described_run(const std::string& path) {
    const program::RunFiles run = program::read_run(path);
    json log = json::object(), files = json::array();
    std::int64_t damaged = 0;
    for (const auto& [phase, fields] : run.log) {
        json last = json::object();
        double steps = 0;
        for (const auto& [field, series] : fields)
            last[field] = series.value.back(), steps = std::max(steps, series.step.back());
        log[phase] = {{"steps", static_cast<std::int64_t>(steps)}, {"last", last}};
    }
    for (const std::string& name : tensor_files_of(path)) {
        json file;
        try {
            file = described(open_tensors(run.file(name)));
        } catch (const ft::Error& e) {
            file = {{"file", run.file(name)}, {"problem", e.what()}};
            ++damaged;
        }
        file["name"] = name;
        files.push_back(std::move(file));
    }
    return {{"run", path},
            {"finished", run.finished()},
            {"notes", run.notes},
            {"seconds", run.seconds},
            {"record", run.record},
            {"log", log},
            {"rounds", run.measures},
            {"files", files},
            {"damaged", damaged}};
}

namespace detail {

inline std::string value_text(const json& value) {
    if (value.is_string()) return short_text(value.get<std::string>());
    return short_text(value.dump(-1, ' ', false, json::error_handler_t::replace));
}

// "recipe.batch  4" for every value below `object`; lists stay on their line.
inline void add_fields(std::string& text, const std::string& prefix, const json& object) {
    for (const auto& [key, value] : object.items()) {
        const std::string name = prefix + printable(key);
        if (value.is_object())
            add_fields(text, name + ".", value);
        else
            text += ft::join({"  ", name, ": ", value_text(value), "\n"});
    }
}

inline std::string rounds_text(const json& rounds) {
    program::TextTable table(">>>>", {"round", "mean IoU", "accuracy", "content loss"});
    for (const json& m : rounds) {
        const json content = m.value("content_loss", json::object());
        table.add({m.value("round", json()).dump(), number_text(m, "mean_iou"), number_text(m, "pixel_accuracy"),
                   content.is_object() ? number_text(content, "this net") : "-"});
    }
    return table.empty() ? "" : ft::join({"\n", table.text()});
}

}  // namespace detail

inline std::string text_of_run(const json& run) {
    std::string text = printable(run.at("run").get<std::string>()) + ": a " +
                       (run.at("finished").get<bool>() ? "finished run" : "run") + ", " +
                       program::duration_text(run.at("seconds").get<double>()) + " of work\n";
    for (const json& note : run.at("notes")) text += ft::join({"note: ", printable(note.get<std::string>()), "\n"});
    text += "\nrecord\n";
    detail::add_fields(text, "", run.at("record"));
    if (!run.at("log").empty()) text += "\nlog\n";
    for (const auto& [phase, log] : run.at("log").items()) {
        text += ft::join({"  ", printable(phase), ": ", log.at("steps").dump(), " steps, the last one"});
        for (const auto& [field, value] : log.at("last").items())
            text += ft::join({" ", printable(field), program::format(" %.6g", value.get<double>())});
        text += "\n";
    }
    text += detail::rounds_text(run.at("rounds"));
    program::TextTable table("<<>>>", {"file", "format", "tensors", "bytes", "not finite"});
    for (const json& file : run.at("files")) {
        const std::string name = printable(file.at("name").get<std::string>());
        if (file.contains("problem"))
            table.add({name, "damaged", "-", "-", "-"});
        else
            table.add({name, file.at("format").get<std::string>(), std::to_string(file.at("tensors").size()),
                       megabytes_text(file.at("bytes").get<double>()), file.at("not_finite").dump()});
    }
    return table.empty() ? text : ft::join({text, "\n", table.text()});
}

// Of the files that cannot be read.
inline std::vector<std::string> problems_of(const json& run) {
    std::vector<std::string> problems;
    for (const json& file : run.at("files"))
        if (file.contains("problem")) problems.push_back(file.at("problem").get<std::string>());
    return problems;
}

}  // namespace inspection
