// What a program reads and writes, as one list that is checked before any work: nothing is written over an input or
// over another output, and every place can be written to.
#pragma once

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <sys/stat.h>

#include "fathom/core/error.hpp"
#include "fathom/io/file.hpp"
#include "fathom/io/image.hpp"

namespace program {

namespace fs = std::filesystem;

// Makes a folder and those above it.
inline void make_folder(const std::string& path) {
    std::error_code error;
    fs::create_directories(path, error);
    if (error || !fs::is_directory(path))
        throw fathom::Error(path + ": cannot be made, " + (error ? error.message() : "is no folder"));
}

class FileList {
public:
    void reads(const std::string& path) { inputs_.push_back(path); }
    // A folder that is read as a whole: a file more in it would be read the next time.
    void reads_folder(const std::string& path, bool below = false) { input_folders_.push_back({path, below}); }

    // `option` is what the user changes to have the file elsewhere.
    void writes(const std::string& path, const std::string& option) { outputs_.push_back({path, option}); }
    void writes_picture(const std::string& path, const std::string& option) {
        fathom::io::check_image_ending(path);
        writes(path, option);
    }
    // A folder that the program makes where it is missing.
    void makes(const std::string& folder) { folders_.push_back(folder); }

    // Looks, and changes nothing.
    void check() const {
        std::set<FileId> inputs, folders;
        for (const std::string& path : inputs_)
            if (const auto id = id_of(path)) inputs.insert(*id);
        for (const InputFolder& folder : input_folders_)
            if (const auto id = id_of(folder.path)) folders.insert(*id);
        std::map<std::string, std::string> by_name;  // the name without links; the option
        std::map<FileId, std::string> by_id;
        for (const Output& output : outputs_) {
            const auto id = id_of(output.path);
            if (id && inputs.count(*id)) fail(output, "is an input");
            if (in_input_folder(output.path, folders)) fail(output, "would be among the inputs in its folder");
            const auto twice = [&](const auto& insertion) {
                if (!insertion.second) fail(output, "is written twice, by " + insertion.first->second + " too");
            };
            twice(by_name.emplace(fs::weakly_canonical(fs::absolute(output.path)).string(), output.option));
            if (id) twice(by_id.emplace(*id, output.option));
        }
    }

    // Makes the folders, removes what killed programs left half written, and tries whether each output can be written.
    // What was made is taken away again where that fails.
    void prepare() const { make_and_try(); }
    // The same, and leaves nothing behind: for what is prepared later.
    void try_out() const { take_away(make_and_try()); }

private:
    using FileId = std::pair<dev_t, ino_t>;
    struct Output {
        std::string path, option;
    };
    struct InputFolder {
        std::string path;
        bool below;
    };

    // Gives the folders that it has made.
    std::vector<std::string> make_and_try() const {
        std::vector<std::string> made;
        try {
            make_folders(made);
            try_outputs();
        } catch (...) {
            take_away(made);
            throw;
        }
        return made;
    }
    void make_folders(std::vector<std::string>& made) const {
        for (const std::string& folder : folders_) {
            std::error_code none;
            for (fs::path p = fs::absolute(folder).lexically_normal(); p.has_relative_path() && !fs::exists(p, none);
                 p = p.parent_path())
                made.push_back(p.string());
            make_folder(folder);
        }
    }
    // One in each folder, and all that are there already.
    void try_outputs() const {
        std::set<std::string> tried;
        for (const Output& output : outputs_) {
            const std::string folder = parent_of(output.path);
            if (!fs::is_directory(folder)) throw fathom::Error(output.path + ": no such folder " + folder);
            const bool first = tried.insert(folder).second;
            if (!first && !id_of(output.path)) continue;
            if (first) fathom::io::remove_stale_temporaries(folder);
            const fathom::io::AtomicWriter attempt(output.path);
        }
    }
    // Folders, as far as they are empty.
    static void take_away(std::vector<std::string> folders) {
        std::sort(folders.begin(), folders.end(), [](const auto& a, const auto& b) { return a.size() > b.size(); });
        std::error_code ignored;  // it holds something: then it stays
        for (const std::string& folder : folders) fs::remove(folder, ignored);
    }

    static std::optional<FileId> id_of(const std::string& path) {
        struct stat status {};
        if (::stat(path.c_str(), &status) != 0) return std::nullopt;  // what is not there is not the same
        return FileId{status.st_dev, status.st_ino};
    }
    static std::string parent_of(const std::string& path) {
        const fs::path parent = fs::path(path).parent_path();
        return parent.empty() ? "." : parent.string();
    }
    [[noreturn]] static void fail(const Output& output, const std::string& what) {
        throw fathom::Error(output.path + ": " + what + ", expected another " + output.option);
    }
    bool in_input_folder(const std::string& path, const std::set<FileId>& folders) const {
        const auto parent = id_of(parent_of(path));
        if (parent && folders.count(*parent)) return true;
        const auto parts = fs::weakly_canonical(fs::absolute(path));
        for (const InputFolder& folder : input_folders_) {
            if (!folder.below) continue;
            const auto top = fs::weakly_canonical(fs::absolute(folder.path));
            if (std::mismatch(top.begin(), top.end(), parts.begin(), parts.end()).first == top.end()) return true;
        }
        return false;
    }

    std::vector<std::string> inputs_, folders_;
    std::vector<InputFolder> input_folders_;
    std::vector<Output> outputs_;
};

}  // namespace program
