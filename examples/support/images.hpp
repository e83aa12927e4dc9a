// What fuse and segment share: one image or a folder of them in, pictures out.
#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "fathom/core/parallel_for.hpp"
#include "fathom/kernels/isa.hpp"
#include "support/file_list.hpp"
#include "support/files.hpp"
#include "support/options.hpp"
#include "support/progress.hpp"

namespace program {

struct ImageOptions {
    std::string out, sheet, json_file, device = "cpu";
    int threads = 0;
    bool recursive = false, skip_bad = false, quiet = false;

    void add_to(CLI::App& app) {
        app.add_flag("--recursive", recursive, "folders below too; pictures go into folders of the same names");
        app.add_flag("--skip-bad", skip_bad, "pass over files that cannot be used, and say so, instead of stopping");
        add_device(app, device);
        add_threads(app, threads);
        app.add_flag("--quiet", quiet, "no progress");
        app.add_option("--sheet", sheet, "write a contact sheet to this file (.png, .jpg)");
        app.add_option("--json", json_file, "write times to this file");
    }
    // Where these make no sense.
    void refuse_for_files() const {
        for (const auto& [given, name] : {std::pair{recursive, "--recursive"}, {skip_bad, "--skip-bad"}})
            if (given) throw fathom::Error(std::string(name) + ": expected folders, got files");
    }
    // Beside the pictures.
    void list_outputs(FileList& files) const {
        if (!sheet.empty()) files.writes_picture(sheet, "--sheet");
        if (!json_file.empty()) files.writes(json_file, "--json");
    }
};

inline void check_exists(const std::string& path) {
    if (!fs::exists(path)) throw fathom::Error(path + ": no such file or folder");
}

// The file that a picture of one image goes to: `out`, or NAME.png in it where it is a folder.
inline std::string picture_file(const std::string& out, const std::string& name) {
    return fs::is_directory(out) ? (fs::path(out) / (name + ".png")).string() : out;
}

// A picture for each name, in a folder, and in folders below it where names have some.
inline std::string picture_in(const std::string& out, const std::string& name, const std::string& option,
                              FileList& files) {
    const fs::path path = fs::path(out) / (name + ".png");
    files.makes(path.parent_path().string());
    files.writes_picture(path.string(), option);
    return path.string();
}

// Says what was passed over, as far as it was not said yet.
class Skipped {
public:
    Skipped(bool allowed, Progress& progress) : allowed_(allowed), progress_(progress) {}

    void add(const std::string& what) {
        progress_.warn("skipped: " + what);
        lines_.push_back(what);
    }
    // Runs f; what it throws is passed over where that is allowed. Whether f came to its end.
    template <class F>
    bool passing(F f) {
        try {
            f();
            return true;
        } catch (const fathom::Error& e) {
            if (!allowed_) throw;
            add(e.what());
            return false;
        }
    }
    bool any() const { return !lines_.empty(); }
    const std::vector<std::string>& lines() const { return lines_; }

private:
    bool allowed_;
    Progress& progress_;
    std::vector<std::string> lines_;
};

// The last line, the sheet and the report.
inline void finish_images(const ImageOptions& o, const std::string& weights, const nlohmann::json& images,
                          const Skipped& skipped, double seconds, Progress& progress) {
    if (images.empty()) throw fathom::Error(o.out + ": nothing was written, every image was skipped");
    progress.keep(format("%zu images in %s: %s", images.size(), duration_text(seconds).c_str(), o.out.c_str()) +
                  (skipped.any() ? format(" (%zu skipped)", skipped.lines().size()) : ""));
    if (o.json_file.empty()) return;
    nlohmann::json summary = {{"weights", weights},
                              {"device", o.device},
                              {"isa", fathom::name_of(fathom::isa())},
                              {"threads", fathom::threads()},
                              {"images", images}};
    if (skipped.any()) summary["skipped"] = skipped.lines();
    write_json(o.json_file, summary);
}

}  // namespace program
