// Makes a page of one run of train_seafusion, or of several over each other: curves, images, tables, records.
#include "fathom/core/parallel_for.hpp"
#include "report/page.hpp"
#include "report/run_page.hpp"
#include "support/file_list.hpp"
#include "support/program.hpp"
#include "training/report_page.hpp"

namespace ft = fathom;
namespace fs = std::filesystem;

namespace {

struct Options {
    std::vector<std::string> runs;
    std::string out;
    int threads = 0;
    bool quiet = false;
};

int work(Options o) {
    if (o.out.empty()) o.out = (fs::path(o.runs.front()) / "report").string();
    std::vector<program::RunFiles> found;
    program::FileList files;
    for (const std::string& path : o.runs) {
        if (!fs::exists(path)) throw ft::Error(path + ": no such folder");
        found.push_back(program::read_run(path));
        files.reads_folder(path);
        for (const auto& entry : fs::directory_iterator(path))
            if (entry.is_directory() && entry.path().filename() != "report") files.reads_folder(entry.path(), true);
    }
    files.makes(o.out);
    files.writes(o.out + "/index.html", "--out");
    files.check();
    report::check_page(o.out);
    files.try_out();
    program::Progress progress(o.quiet);
    std::vector<report::Run> runs;
    for (program::RunFiles& run : found) {
        runs.push_back(training::reported(std::move(run)));
        if (!runs.back().problem.empty())
            progress.warn(runs.back().files.path + ": its data cannot be read: " + runs.back().problem);
    }
    report::write_page(o.out, report::run_page(std::move(runs)));
    std::printf("%s\n", (fs::path(o.out) / "index.html").c_str());
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("Makes a page of one run of train_seafusion, or of several over each other.", "report");
    Options o;
    app.add_option("run", o.runs, "folders of runs, finished or not")->required();
    app.add_option("--out", o.out, "folder for index.html (default, of one run: RUN/report)");
    program::add_threads(app, o.threads);
    app.add_flag("--quiet", o.quiet, "no progress");
    return program::run(
        app, argc, argv,
        [&] {
            if (o.runs.size() > 1 && o.out.empty())
                throw CLI::ValidationError("--out", "expected a folder for the report of several runs");
        },
        [&] {
            if (o.threads > 0) ft::set_threads(o.threads);
            return work(o);
        });
}
