// A run's folder: record.json says what the run is, log.jsonl what happened, checkpoints/ where it stands, round_M/
// what each round gave. One process works in it at a time.
#pragma once

#include <cerrno>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include <unistd.h>

#include "fathom/io/checkpoint.hpp"
#include "fathom/io/run_lock.hpp"
#include "support/files.hpp"

namespace training {

namespace ft = fathom;
namespace fs = std::filesystem;
using json = nlohmann::json;

inline std::string now(const char* pattern) {
    const std::time_t time = std::time(nullptr);
    char text[64];
    std::strftime(text, sizeof text, pattern, std::localtime(&time));
    return text;
}

inline std::string made_folder(const std::string& path) {
    std::error_code error;
    fs::create_directories(path, error);
    if (error) throw ft::Error(path + ": cannot be made, " + error.message());
    return path;
}

class RunFolder {
public:
    // A new run: the folder must not hold one.
    static std::string fresh(const std::string& path) {
        const std::string folder = path.empty() ? now("runs/%Y%m%d-%H%M%S") : path;
        if (fs::exists(fs::path(folder) / "record.json"))
            throw ft::Error(folder + ": holds a run already (record.json), expected another --out, or --resume");
        return made_folder(folder);
    }
    static std::string existing(const std::string& path) {
        if (!fs::exists(fs::path(path) / "record.json"))
            throw ft::Error(path + ": holds no run, expected a folder with record.json");
        return path;
    }

    explicit RunFolder(std::string path)
        : path_(std::move(path)),
          lock_(path_),
          checkpoints_(path_ + "/checkpoints"),
          log_(file("log.jsonl"), std::ios::app) {}

    const std::string& path() const { return path_; }
    ft::io::CheckpointFolder& checkpoints() { return checkpoints_; }
    std::string file(const std::string& name) const { return path_ + "/" + name; }
    std::string round(std::int64_t m) const { return made_folder(file("round_" + std::to_string(m))); }

    json read_record() const {
        std::ifstream in(file("record.json"));
        json record = json::parse(in, nullptr, false);
        if (!record.is_object() || !record.contains("recipe") || !record.contains("data") ||
            !record.contains("resumed"))
            throw ft::Error(file("record.json") + ": is damaged, expected a JSON object with recipe, data and resumed");
        return record;
    }
    void write_record(const json& record) const { program::write_json(file("record.json"), record); }

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
    std::string path_;
    ft::io::RunLock lock_;
    ft::io::CheckpointFolder checkpoints_;
    std::ofstream log_;
};

}  // namespace training
