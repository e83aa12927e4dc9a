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
    return {{"command", o.command},
            {"date", now("%Y-%m-%d %H:%M:%S")},
            {"commit", FATHOM_COMMIT},
            {"compiler", __VERSION__},
            {"machine", machine()}};
}

json described(const Data& data) {
    return {{"train", data.train->size()}, {"test", data.test->size()}, {"fingerprint", data.fingerprint}};
}

// Puts the newest checkpoint into the state; says which, on stderr.
void restore(RunFolder& folder, RunState& state, bool quiet) {
    program::Progress progress(quiet);
    if (folder.checkpoints().empty()) {
        progress.keep("no checkpoint yet: starting from the beginning");
        return folder.cut_log(0);
    }
    const ft::io::LoadedCheckpoint loaded = folder.checkpoints().load();
    if (!loaded.warning.empty()) progress.warn(loaded.warning);
    try {
        state.load(loaded.state);
    } catch (const std::exception& e) {  // JSON's too
        throw ft::Error(loaded.file + ": " + e.what());
    }
    folder.cut_log(state.place.log_bytes);
    progress.keep(
        program::format("going on in round %lld, %s, after step %lld", static_cast<long long>(state.place.round),
                        json(state.place.phase).get<std::string>().c_str(), static_cast<long long>(state.place.step)));
}

int work(const Options& o, RunFolder& folder, RunState& state, const Data& data, const json& record) {
    folder.write_record(record);
    const program::Interrupt interrupt;
    if (!Run(o, folder, state, data).go()) return 0;
    const json summary = {{"run", folder.path()}, {"seconds", state.place.seconds}, {"rounds", state.place.rounds}};
    program::write_json(folder.file("summary.json"), summary);
    if (!o.json_file.empty()) program::write_json(o.json_file, summary);
    if (!o.quiet)
        std::printf("run folder     %s\ncontact sheet  %s\n", folder.path().c_str(),
                    (folder.round(state.recipe.rounds) + "/sheet.png").c_str());
    return 0;
}

// The folder comes last: what cannot be trained on leaves none behind.
int start(const Options& o) {
    const Data data = open_data(o.recipe);
    RunState state(o.recipe);
    RunFolder folder(RunFolder::fresh(o.out));
    json record = process(o);
    record["recipe"] = o.recipe, record["data"] = described(data), record["resumed"] = json::array();
    return work(o, folder, state, data, record);
}

int resume(const Options& o) {
    RunFolder folder(RunFolder::existing(o.resume));
    json record = folder.read_record();
    const auto recipe = record.at("recipe").get<Recipe>();
    const Data data = open_data(recipe);
    if (record.at("data") != described(data))
        throw ft::Error(o.resume + ": the data are not those of the run, expected " + record.at("data").dump() +
                        ", got " + described(data).dump());
    RunState state(recipe);
    restore(folder, state, o.quiet);
    record["resumed"].push_back(process(o));
    return work(o, folder, state, data, record);
}

int train(const Options& o) {
    if (o.threads > 0) ft::set_threads(o.threads);
    return o.resume.empty() ? start(o) : resume(o);
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("Trains SeAFusion's fusion net and segmentation net in turns; without --data on synthetic scenes.");
    Options o;
    CommandLine line(app, o);
    for (int i = 0; i < argc; ++i) o.command.append(i ? " " : "").append(argv[i]);
    return program::run(
        app, argc, argv, [&] { line.finish(); }, [&] { return train(o); });
}
