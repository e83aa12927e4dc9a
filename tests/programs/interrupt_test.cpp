// Ctrl-C at every moment: a library that is loaded into train_seafusion raises the signal when the clock is read for
// the n-th time, and the clock is read around everything that a run does.
#include <set>

#include "fathom/io/safetensors.hpp"
#include "tests/programs/training.hpp"

using namespace fathom;
using namespace programs_test;

namespace {

Environment interrupted_at(int n) {
    return {{"LD_PRELOAD", FATHOM_INTERRUPT_AT_LIBRARY}, {"FATHOM_INTERRUPT_AT", std::to_string(n)}};
}

// "segmentation 0": the phase, and 1 behind its first step, of a run's last checkpoint; "" if there is none.
std::string place_of(const std::string& run) {
    const std::string file = run + "/checkpoints/last.safetensors", phase = "\"phase\":\"";
    if (!exists(file)) return "";
    for (const auto& [key, value] : io::load(file).metadata)
        if (key == "place") {
            const std::size_t at = value.find(phase) + phase.size();
            return value.substr(at, value.find('"', at) - at) + " " + std::to_string(number_in(value, "step") > 0);
        }
    return "unknown";
}

// 130: before the run listens to signals.
void check_stopped(const Outcome& outcome) {
    CHECK_MESSAGE((outcome.code == 0 || outcome.code == 128 + SIGINT), outcome.err);
}

}  // namespace

TEST_CASE("programs/interrupt: at every moment of a run of the fusion net, and the weights are the same") {
    if (sanitized) return;  // a sanitizer has to be loaded first
    const Data d;
    const Arguments options = {"--rounds", "2", "--restart-fusion", "--quiet", "--threads", "1"};
    const std::string whole = d.folder / "whole";
    REQUIRE(run(train_program, d.content_only(whole) + options).code == 0);
    const auto weights = io_test::read_file(whole + "/fusion.safetensors");
    int stopped = 0;
    for (int at = 1; at < 1000; ++at) {
        const std::string out = d.folder / ("run" + std::to_string(at));
        check_stopped(run(train_program, d.content_only(out) + options, interrupted_at(at)));
        if (exists(out + "/summary.json")) break;
        if (!exists(out + "/record.json")) continue;
        ++stopped;
        CAPTURE(at);
        const Outcome outcome = run(train_program, {"--resume", out, "--quiet", "--threads", "1"});
        REQUIRE_MESSAGE(outcome.code == 0, outcome.err);
        CHECK((io_test::read_file(out + "/fusion.safetensors") == weights));
        CHECK(log_of(out) == log_of(whole));
        std::filesystem::remove_all(out);
    }
    CHECK(stopped > 20);
}

// Each process is interrupted a moment later than the one before, so that the run goes on in small pieces.
TEST_CASE("programs/interrupt: again and again in one run of both nets, and the weights are the same") {
    if (sanitized) return;
    const Data d;
    const Arguments options = {"--rounds",  "2", "--segmentation-steps", "1", "--restart-fusion", "--quiet",
                               "--threads", "1"};
    const std::string whole = d.folder / "whole";
    REQUIRE(run(train_program, d.small(whole) + options).code == 0);
    std::set<std::string> places;
    for (int at = 4; at < 100 && !exists(d.run + "/summary.json"); ++at) {
        const Arguments arguments = exists(d.run + "/record.json")
                                        ? Arguments{"--resume", d.run, "--quiet", "--threads", "1"}
                                        : d.small(d.run) + options;
        const Outcome outcome = run(train_program, arguments, interrupted_at(at));
        check_stopped(outcome);
        places.insert(place_of(d.run));
    }
    CHECK((weights_of(d.run) == weights_of(whole)));
    CHECK(log_of(d.run) == log_of(whole));
    for (const std::string place : {"fusion 0", "fusion 1", "pictures 0", "segmentation 0", "measuring 0"})
        CHECK_MESSAGE(places.count(place) == 1, place);
}
