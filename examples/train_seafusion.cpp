// Trains SeAFusion: the fusion net and the segmentation net in turns, each round against what the other has learnt;
// without --data on synthetic scenes. training/run.hpp is the alternation itself, fathom/seafusion/fusion_trainer.hpp
// and segmentation_trainer.hpp are the steps.
#include <fstream>
#include <thread>

#include <sys/utsname.h>
#include <unistd.h>

#include "fathom/fathom.hpp"
#include "training/run.hpp"

namespace {

using namespace training;

std::string cpu_name() {
    std::ifstream in("/proc/cpuinfo");
    for (std::string line; std::getline(in, line);)
        if (line.rfind("model name", 0) == 0) return line.substr(std::min(line.size(), line.find(": ") + 2));
    return "unknown";
}

json machine() {
    utsname name{};
    uname(&name);
    return {
        {"cpu", cpu_name()},
        {"processors", std::thread::hardware_concurrency()},
        {"memory_mb", static_cast<double>(sysconf(_SC_PHYS_PAGES)) * static_cast<double>(sysconf(_SC_PAGESIZE)) / 1e6},
        {"system", std::string(name.sysname) + " " + name.release + " " + name.machine},
        {"isa", ft::name_of(ft::isa())},
        {"threads", ft::threads()}};
}

json process(const Options& o) {
    return {{"command", o.command},        {"date", now("%Y-%m-%d %H:%M:%S")},
            {"commit", program::commit()}, {"compiler", __VERSION__},
            {"device", o.device},          {"precision", o.precision},
            {"machine", machine()}};
}

json described(const Data& data, const Fingerprints& files) {
    ft::io::Checksum sum;
    for (const auto& [name, own] : files) sum.add(name), sum.add(own);
    json all = {{"train", data.train->size()},
                {"test", data.test->size()},
                {"fingerprint", files.empty() ? "synthetic" : detail::hex(sum.value())}};
    if (!data.infrared.is_full()) all["ir_range"] = data.infrared.text();
    return all;
}

void say_range(const Data& data, program::Progress& progress) {
    if (const std::string text = data.infrared.message(); !text.empty())
        progress.keep(text + "; fuse with --ir-range " + data.infrared.text());
}

// What the run reads and writes; `folder` is its own.
program::FileList files_of(const Options& o, const Recipe& recipe, const Data& data, const std::string& folder) {
    program::FileList files;
    for (const DataFile& file : data.files) {
        files.reads(file.path);
        files.reads_folder(fs::path(file.path).parent_path().string());
    }
    for (const std::string& weights :
         {recipe.resnet18, recipe.fusion_weights, recipe.segmentation_weights, o.classes_file})
        if (!weights.empty() && o.resume.empty()) files.reads(weights);
    files.makes(folder);
    for (const char* name : RunFolder::files) files.writes(folder + "/" + name, "--out");
    files.reads_folder(folder + "/checkpoints", true);  // its own business, all of it
    for (std::int64_t m = 1; m <= recipe.rounds; ++m) files.reads_folder(folder + "/round_" + std::to_string(m), true);
    if (!o.no_report) files.makes(folder + "/report"), files.writes(folder + "/report/index.html", "--out");
    if (!o.json_file.empty()) files.writes(o.json_file, "--json");
    return files;
}

int work(const Options& o, RunFolder& folder, RunState& state, const Data& data, const json& record, bool from_last) {
    folder.write_record(record);
    const program::Interrupt interrupt;
    if (!Run(o, folder, state, data, from_last).go()) return 0;
    const json summary = {{"run", folder.path()}, {"seconds", state.place.seconds}, {"rounds", state.place.rounds}};
    program::write_json(folder.file("summary.json"), summary);
    if (!o.json_file.empty()) program::write_json(o.json_file, summary);
    program::Progress progress(o.quiet);
    const program::Classes classes = classes_of(state.recipe);
    const bool reported = Reporting(o, folder.path(), state.recipe, data, classes, progress).refresh();
    if (!o.quiet) {
        std::printf("run folder     %s\ncontact sheet  %s\n", folder.path().c_str(),
                    (folder.round_name(state.place.round) + "/sheet.png").c_str());
        if (reported) std::printf("report         %s/report/index.html\n", folder.path().c_str());
    }
    return 0;
}

ft::Precision precision_of(const Options& o) {
    return o.precision == "bf16"   ? ft::Precision::bf16
           : o.precision == "tf32" ? ft::Precision::tf32
                                   : ft::Precision::fast;
}

// The folder comes last: what cannot be trained on leaves none behind.
int start(const Options& o) {
    const ft::Device device = program::device_of(o.device);
    const Data data = open_data(o.recipe);
    const std::string path = RunFolder::fresh(o.out);
    const program::FileList files = files_of(o, o.recipe, data, path);
    files.check();
    files.try_out();
    RunState state(o.recipe, device, precision_of(o));
    state.load_start_weights();
    program::Progress progress(o.quiet);
    if (state.precision == ft::Precision::bf16 && device.is_cpu()) program::keep_bfloat16_note(progress);
    if (!data.files.empty())
        progress.keep("reading " + std::to_string(data.files.size()) + " files of " + o.recipe.data);
    const Fingerprints sums = fingerprints_of(data);
    check_samples(data, sums, {});
    say_range(data, progress);
    if (const std::string text = thermal_warning(data); !text.empty()) progress.warn(text);
    files.prepare();
    RunFolder folder(path);
    json record = process(o);
    record["recipe"] = to_json(o.recipe), record["data"] = described(data, sums), record["resumed"] = json::array();
    if (!o.recipe.data.empty()) {
        record["recipe"]["data"] = fs::absolute(o.recipe.data).string();  // a run may be resumed from elsewhere
        folder.write_fingerprints(sums);
    }
    return work(o, folder, state, data, record, false);
}

// The run's recipe, and what this process is told to change in it.
Recipe recipe_of_run(const RunFolder& folder, const json& record, const CommandLine& line,
                     program::Progress& progress) {
    const std::string file = folder.file("record.json");
    for (const char* key : {"recipe", "data", "resumed"})
        if (!record.contains(key)) throw ft::Error(file + ": is damaged, expected recipe, data and resumed in it");
    if (!record["resumed"].is_array())
        throw ft::Error(file + ": resumed: expected an array, got " + record["resumed"].dump());
    const Recipe before = recipe_of(record["recipe"], file + ": recipe");
    Recipe recipe = before;
    line.apply(recipe);
    if (before.data.empty() && !recipe.data.empty())
        throw ft::Error("--data: expected none, the run is on synthetic scenes");
    if (recipe.rounds < before.rounds)
        throw ft::Error("--rounds: expected more than the run's " + std::to_string(before.rounds) + ", got " +
                        std::to_string(recipe.rounds));
    if (recipe.rounds > before.rounds && (recipe.one_stage || trains_segmentation(recipe, recipe.rounds)))
        progress.keep(std::to_string(recipe.rounds) + " rounds instead of " + std::to_string(before.rounds) +
                      ": from here on " +
                      (recipe.one_stage ? "both nets' rates fall" : "the segmentation net's rate falls") +
                      " over all of them, which differs from a run that was begun so");
    return recipe;
}

// Puts the newest checkpoint into the state; says which. False if it was not `last`.
bool restore(const Options& o, RunFolder& folder, RunState& state, program::Progress& progress) {
    if (folder.checkpoints().empty()) {
        const std::string remains = folder.remains();
        if (!remains.empty() && !o.restart)
            throw ft::Error(folder.path() + ": the run's checkpoints are gone, there is only " + remains +
                            "; expected checkpoints/last.safetensors or previous.safetensors (best.safetensors may be "
                            "copied there), or --restart to begin anew");
        progress.keep("no checkpoint: starting from the beginning");
        state.load_start_weights();
        return false;
    }
    if (o.restart) throw ft::Error("--restart: expected a run without checkpoints, " + folder.path() + " has some");
    const ft::io::LoadedCheckpoint loaded = folder.checkpoints().load();
    if (!loaded.warning.empty()) progress.warn(loaded.warning);
    state.load(loaded.state, loaded.file);
    const Place& place = state.place;
    const auto number = [](std::int64_t n) { return std::to_string(n); };
    if (place.phase != Phase::finished)
        progress.keep("going on in round " + number(place.round) + ", " + json(place.phase).get<std::string>() +
                      ", after step " + number(place.step));
    else if (place.round < state.recipe.rounds)
        progress.keep("going on behind round " + number(place.round) + ", which was the last one before");
    else
        progress.keep("the run is finished, all its rounds (" + number(place.round) +
                      "): nothing is left to do; --rounds " + number(place.round + 1) + " would go on");
    return loaded.warning.empty();
}

// Compares the data with those of the run; what differs must not have been used yet, or be accepted.
void compare(const Options& o, const RunFolder& folder, const RunState& state, const Fingerprints& before,
             const Fingerprints& now, program::Progress& progress) {
    if (before.empty()) {
        if (!o.accept_changed_data)
            throw ft::Error(o.resume +
                            ": data.json is missing, or an earlier version began the run, which wrote none; "
                            "--accept-changed-data goes on with the data as they are");
        return progress.warn(o.resume + ": nobody knows whether the data are those of the run");
    }
    const Changes changes = changes_of(before, now, state.place, state.recipe.one_stage);
    if (!changes.unused.empty()) progress.keep("changed, but not used yet: " + listed(changes.unused));
    if (!changes.used.empty()) {
        const std::string text = "the data are not those of the run: " + listed(changes.used);
        if (!o.accept_changed_data)
            throw ft::Error(o.resume + ": " + text + "; --accept-changed-data goes on with them");
        progress.warn(text);
    }
    for (const std::string& file : changes.files)  // pictures that were made of others
        if (file.rfind("train/", 0) == 0)
            fs::remove(folder.round_name(state.place.round) + "/train/" + fs::path(file).stem().string() + ".png");
}

int resume(const Options& o, const CommandLine& line) {
    const ft::Device device = program::device_of(o.device);
    program::Progress progress(o.quiet);
    RunFolder folder(RunFolder::existing(o.resume));
    json record = folder.read_record();
    const Recipe recipe = recipe_of_run(folder, record, line, progress);
    if (recipe.keep == Keep::weights && folder.checkpoints().empty() && fs::exists(folder.file("summary.json")))
        throw ft::Error(o.resume + ": the run is finished, and its checkpoints were not kept (--keep weights)");
    const Data data = open_data(recipe, infrared_counts(record, folder.file("record.json")));
    const program::FileList files = files_of(o, recipe, data, folder.path());
    files.check();
    files.prepare();
    RunState state(recipe, device, precision_of(o), folder.checkpoints().empty());
    if (state.precision == ft::Precision::bf16 && device.is_cpu()) program::keep_bfloat16_note(progress);
    const bool from_last = restore(o, folder, state, progress);
    if (!data.files.empty()) {
        const Fingerprints before = folder.read_fingerprints(), now = fingerprints_of(data);
        compare(o, folder, state, before, now, progress);
        check_samples(data, now, before);
        folder.write_fingerprints(now);
        record["data"] = described(data, now);
    }
    folder.cut_log(state.place.log_bytes);
    record["recipe"] = to_json(recipe);
    if (!recipe.data.empty()) record["recipe"]["data"] = fs::absolute(recipe.data).string();
    record["resumed"].push_back(process(o));
    return work(o, folder, state, data, record, from_last);
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("Trains SeAFusion's fusion net and segmentation net in turns; without --data on synthetic scenes.",
                 "train_seafusion");
    Options o;
    CommandLine line(app, o);
    for (int i = 0; i < argc; ++i) o.command.append(i ? " " : "").append(argv[i]);
    return program::run(
        app, argc, argv, [&] { line.finish(); },
        [&] {
            if (o.threads > 0) ft::set_threads(o.threads);
            return o.resume.empty() ? start(o) : resume(o, line);
        });
}
