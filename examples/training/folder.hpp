// A run's folder: record.json says what the run is, data.json what its data were, log.jsonl what happened, checkpoints/
// where it stands, round_M/ what each round gave. One process works in it at a time.
#pragma once

#include <cerrno>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <unistd.h>

#include "fathom/io/checkpoint.hpp"
#include "fathom/io/run_lock.hpp"
#include "support/file_list.hpp"
#include "support/files.hpp"
#include "training/changes.hpp"

namespace training {

inline std::string now(const char* pattern) {
    const std::time_t time = std::time(nullptr);
    char text[64];
    std::strftime(text, sizeof text, pattern, std::localtime(&time));
    return text;
}

class RunFolder {
public:
    // The files at its top: what a program must not be told to write or read otherwise.
    static constexpr const char* files[] = {"record.json",  "data.json",          "log.jsonl",
                                            "summary.json", "fusion.safetensors", "segmentation.safetensors",
                                            "run.lock"};

    // A new run: the folder must not hold one.
    static std::string fresh(const std::string& path) {
        const std::string folder = path.empty() ? now("runs/%Y%m%d-%H%M%S") : path;
        std::error_code none;
        for (const char* sign : {"record.json", "checkpoints/last.safetensors", "checkpoints/previous.safetensors",
                                 "checkpoints/best.safetensors"})
            if (fs::exists(fs::path(folder) / sign, none))
                throw ft::Error(folder + ": holds a run already (" + sign + "), expected another --out, or --resume");
        return folder;
    }
    static std::string existing(const std::string& path) {
        std::error_code none;
        if (!fs::exists(fs::path(path) / "record.json", none))
            throw ft::Error(path + ": holds no run, expected a folder with record.json");
        return path;
    }

    // The folder is there. Removes what killed processes left half written.
    explicit RunFolder(std::string path) : path_(std::move(path)), lock_(path_), checkpoints_(path_ + "/checkpoints") {
        for (const std::string& folder : written_folders()) ft::io::remove_stale_temporaries(folder);
        if (fs::exists(file("log.jsonl")) && !fs::is_regular_file(file("log.jsonl")))
            throw ft::Error(file("log.jsonl") + ": is no regular file, expected the run's log");
        log_.open(file("log.jsonl"), std::ios::app);
    }

    const std::string& path() const { return path_; }
    ft::io::CheckpointFolder& checkpoints() { return checkpoints_; }
    std::string file(const std::string& name) const { return path_ + "/" + name; }
    std::string round_name(std::int64_t m) const { return file("round_" + std::to_string(m)); }
    // The folder of a round, or one in it, made where it is missing.
    std::string round(std::int64_t m, const std::string& below = {}) const {
        const std::string folder = round_name(m) + (below.empty() ? "" : "/" + below);
        program::make_folder(folder);
        return folder;
    }

    // The checkpoints, and what else shows that there were some; "" where the run had not come to its first one.
    std::string remains() const {
        std::string found;
        std::error_code none;
        for (const auto& entry : fs::directory_iterator(checkpoints_.path(), none))
            found += (found.empty() ? "" : ", ") + ("checkpoints/" + entry.path().filename().string());
        if (log_bytes() > 0) found += (found.empty() ? "" : ", ") + std::string("log.jsonl");
        return found;
    }

    json read_record() const { return program::read_json_object(file("record.json")); }
    void write_record(const json& record) const { program::write_json(file("record.json"), record); }
    // Empty where an earlier version of the program began the run, which kept no list.
    Fingerprints read_fingerprints() const {
        if (!fs::exists(file("data.json"))) return {};
        Fingerprints all;
        const json object = program::read_json_object(file("data.json"));
        for (const auto& [name, sum] : object.items()) {
            if (!sum.is_string())
                throw ft::Error(file("data.json") + ": " + name + ": expected a text, got " + sum.dump());
            all[name] = sum.get<std::string>();
        }
        return all;
    }
    void write_fingerprints(const Fingerprints& all) const { program::write_json(file("data.json"), all); }

    // A line of the log. False if it could not be written.
    bool log(const json& line) {
        log_ << line.dump(-1, ' ', false, json::error_handler_t::replace) << '\n' << std::flush;
        if (log_) return true;
        log_.clear();
        return false;
    }
    std::int64_t log_bytes() const {
        std::error_code error;
        const auto bytes = fs::file_size(file("log.jsonl"), error);
        return error ? 0 : static_cast<std::int64_t>(bytes);
    }
    // Forgets what was logged after a checkpoint: it will happen again.
    void cut_log(std::int64_t bytes) {
        if (bytes < log_bytes() && ::truncate(file("log.jsonl").c_str(), bytes) != 0)
            ft::io::fail_system(file("log.jsonl"), "cannot be cut", errno);
    }

private:
    // checkpoints/ looks after itself.
    std::vector<std::string> written_folders() const {
        std::vector<std::string> folders = {path_};
        for (const auto& entry : fs::directory_iterator(path_)) {
            if (!entry.is_directory() || entry.path().filename().string().rfind("round_", 0) != 0) continue;
            folders.push_back(entry.path().string());
            for (const auto& below : fs::directory_iterator(entry.path()))
                if (below.is_directory()) folders.push_back(below.path().string());
        }
        return folders;
    }

    std::string path_;
    ft::io::RunLock lock_;
    ft::io::CheckpointFolder checkpoints_;
    std::ofstream log_;
};

}  // namespace training
