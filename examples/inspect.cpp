// Says what is in a checkpoint, a file of weights or a run's folder, and what differs between two of them.
#include <nlohmann/json.hpp>

#include "inspection/difference.hpp"
#include "support/file_list.hpp"
#include "support/files.hpp"
#include "support/program.hpp"

namespace ft = fathom;
namespace fs = std::filesystem;

namespace {

using nlohmann::json;

struct Options {
    std::vector<std::string> paths;
    std::string json_file;
    bool diff = false;
};

void check_paths(const std::vector<std::string>& paths, program::FileList& files) {
    for (const std::string& path : paths) {
        if (!fs::exists(path)) throw ft::Error(path + ": no such file or folder");
        if (fs::is_directory(path))
            files.reads_folder(path, true);
        else
            files.reads(path);
    }
}

json compared(const std::string& a, const std::string& b) {
    const bool run = fs::is_directory(a);
    if (run != fs::is_directory(b))
        throw ft::Error(b + ": is a " + (run ? "file, expected a run's folder as " : "folder, expected a file as ") +
                        a);
    return run ? inspection::difference_of_runs(a, b)
               : inspection::difference_of(inspection::open_tensors(a), inspection::open_tensors(b));
}

int inspect(const Options& o) {
    program::FileList files;
    check_paths(o.paths, files);
    if (!o.json_file.empty()) files.writes(o.json_file, "--json");
    files.check();
    files.try_out();
    const std::string& first = o.paths.front();
    const bool run = fs::is_directory(first);
    json found;
    std::string text;
    if (o.diff) {
        found = compared(first, o.paths.back());
        text = found.at("same").get<bool>() ? "the same\n"
               : run                        ? inspection::text_of_run_difference(found)
                                            : inspection::text_of_difference(found);
    } else {
        found = run ? inspection::described_run(first) : inspection::described(inspection::open_tensors(first));
        text = run ? inspection::text_of_run(found) : inspection::text_of(found);
    }
    if (!o.json_file.empty()) program::write_json(o.json_file, found);
    std::fputs(text.c_str(), stdout);
    const std::vector<std::string> problems =
        run && !o.diff ? inspection::problems_of(found) : std::vector<std::string>{};
    if (problems.empty()) return 0;
    throw ft::Error(problems.front() +
                    (problems.size() > 1 ? program::format(" (and %zu files more)", problems.size() - 1) : ""));
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("Says what is in a checkpoint, a file of weights or a run's folder.", "inspect");
    Options o;
    app.add_option("path", o.paths, "run folder, checkpoint, or weights (.safetensors, .pth); two with --diff")
        ->required()
        ->expected(1, 2);
    app.add_flag("--diff", o.diff, "what differs between two files or two runs");
    app.add_option("--json", o.json_file, "write everything to this file");
    return program::run(
        app, argc, argv,
        [&] {
            if (o.paths.size() != (o.diff ? 2 : 1))
                throw CLI::ValidationError(o.diff ? "--diff" : "path", std::string("expected ") +
                                                                           (o.diff ? "two paths" : "one path") +
                                                                           ", got " + std::to_string(o.paths.size()));
        },
        [&] { return inspect(o); });
}
