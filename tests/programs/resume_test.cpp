// What interrupts a run of train_seafusion, and how it goes on.
#include <chrono>
#include <cmath>
#include <functional>
#include <thread>

#include "fathom/core/random.hpp"
#include "fathom/io/checkpoint.hpp"
#include "fathom/tensor/factories.hpp"
#include "tests/io/tmpfs.hpp"
#include "tests/programs/training.hpp"

using namespace fathom;
using namespace programs_test;
using io_test::read_file;
using io_test::write_file;

namespace {

void sleep_for(double seconds) { std::this_thread::sleep_for(std::chrono::duration<double>(seconds)); }

template <class F>
void wait_until(const Process& process, F f) {
    for (int i = 0; i < 6000 && process.running() && !f(); ++i) sleep_for(0.01);
}

// Kills what `begin` starts in a folder, at random moments until it would be finished, and goes on with it.
void kill_and_resume(const Data& d, const std::function<Arguments(const std::string&)>& begin, int kills) {
    const std::string whole = d.folder / "whole";
    const auto start = std::chrono::steady_clock::now();
    REQUIRE(run(train_program, begin(whole)).code == 0);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    const std::string weights = weights_of(whole);
    const std::vector<std::string> log = log_of(whole);
    int killed = 0, without_folder = 0, without_checkpoint = 0, in_a_save = 0;
    for (std::uint64_t i = 0; killed < kills && i < 4 * static_cast<std::uint64_t>(kills); ++i) {
        const std::string out = d.folder / ("run" + std::to_string(i));
        {
            const Process process(train_program, begin(out));
            sleep_for(seconds * uniform({2026, 0}, i));
            if (!process.running()) continue;  // the machine was faster this time
        }                                      // kill -9
        ++killed;
        const bool started = exists(out + "/record.json");
        without_folder += !started;
        without_checkpoint += started && !exists(out + "/checkpoints/last.safetensors");
        if (exists(out + "/checkpoints"))
            for (const auto& entry : std::filesystem::directory_iterator(out + "/checkpoints"))
                in_a_save += contains(entry.path().filename().string(), ".tmp");
        const Outcome outcome = started ? resume(out) : run(train_program, begin(out));
        REQUIRE_MESSAGE(outcome.code == 0, outcome.err);
        CHECK((weights_of(out) == weights));
        CHECK(log_of(out) == log);
        std::filesystem::remove_all(out);
    }
    CHECK(killed == kills);
    MESSAGE("a run of " << seconds << " s; " << killed << " kills, " << without_folder
                        << " of them before there was a run, " << without_checkpoint << " before the first checkpoint, "
                        << in_a_save << " inside a save");
}

}  // namespace

// Checkpoints of 106 MB are most of the time of such a run, which is why there are more kills in the next case.
TEST_CASE("programs/resume: kill -9 at random moments, and the weights are the same to the last bit") {
    const Data d;
    const auto begin = [&](const std::string& out) {
        return d.small(out) + Arguments{"--rounds", "2", "--checkpoint-every", "0.3", "--threads", "1", "--quiet"};
    };
    kill_and_resume(d, begin, 8);
}

TEST_CASE("programs/resume: kill -9 at random moments of the fusion net's training, a checkpoint behind each step") {
    const Data d;
    const auto begin = [&](const std::string& out) {
        return d.content_only(out) +
               Arguments{"--rounds", "3", "--restart-fusion", "--checkpoint-every", "0", "--threads", "1", "--quiet"};
    };
    kill_and_resume(d, begin, 12);
}

TEST_CASE("programs/resume: Ctrl-C saves and ends well; the run goes on to the same weights") {
    const Data d;
    REQUIRE(d.train({"--fusion-epochs", "20", "--quiet"}).code == 0);
    const std::string other = d.folder / "other";
    Process process(train_program, d.small(other) + Arguments{"--fusion-epochs", "20"});
    wait_until(process, [&] { return lines_of(other + "/log.jsonl").size() >= 3; });
    process.interrupt();
    const Outcome stopped = process.wait();
    CHECK(stopped.code == 0);
    CHECK(contains(stopped.err, "stopped in round 1; go on with --resume " + other));
    CHECK(!exists(other + "/fusion.safetensors"));
    const Outcome outcome = resume(other, {});
    CHECK(outcome.code == 0);
    CHECK(contains(outcome.err, "going on in round 1, fusion, after step "));
    CHECK((weights_of(other) == weights_of(d.run)));
    CHECK(log_of(other) == log_of(d.run));
    CHECK(contains(read_file(other + "/record.json"), "--resume"));
    CHECK(contains(outcome.err, "round 1/1"));
    // A finished run has nothing to go on with, and is left alone.
    const std::string log = read_file(other + "/log.jsonl");
    CHECK(resume(other).code == 0);
    CHECK(read_file(other + "/log.jsonl") == log);
}

TEST_CASE("programs/resume: a second Ctrl-C ends at once") {
    const Data d;
    Process process(train_program, d.small(d.run) + Arguments{"--fusion-epochs", "100000", "--quiet"});
    wait_until(process, [&] { return lines_of(d.run + "/log.jsonl").size() >= 1; });
    process.interrupt();
    process.interrupt();
    const int code = process.wait().code;
    CHECK((code == 128 + SIGINT || code == 0));  // 0: the first one had already ended the run
}

TEST_CASE("programs/resume: a damaged checkpoint, one of another net, one of a later version") {
    const Data d;
    REQUIRE(d.train({"--quiet", "--keep", "all"}).code == 0);
    const std::string weights = weights_of(d.run), folder = d.run + "/checkpoints", last = folder + "/last.safetensors";
    std::string bytes = read_file(last);
    bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
    write_file(last, bytes);
    const Outcome damaged = resume(d.run);
    CHECK(damaged.code == 0);
    CHECK(contains(damaged.err, "warning: "));
    CHECK(contains(damaged.err, "previous.safetensors"));
    CHECK((weights_of(d.run) == weights));

    const auto before = contents(folder);
    StateDict other = io::load(folder + "/previous.safetensors");
    for (auto& [name, tensor] : other)
        if (name == "fusion.vis_conv.conv.weight") tensor = zeros<float>({16, 2, 3, 3});
    const std::string elsewhere = d.folder / "elsewhere";
    io::CheckpointFolder(elsewhere).save(other, {{"place", "{}"}});
    write_file(last, read_file(elsewhere + "/last.safetensors"));
    check_error(resume(d.run), 1, {last + ": ", "vis_conv.conv.weight", "[16,2,3,3]"});
    io::save(last, other, {{"format", "fathom checkpoint, version 2"}, {"version", "2"}});
    check_error(resume(d.run), 1, {last + ": is a checkpoint of version 2, this program reads versions up to 1"});
    for (const auto& [name, content] : before)
        if (name != "last.safetensors") CHECK((read_file(folder + "/" + name) == content));

    write_file(last, "");
    write_file(folder + "/previous.safetensors", "");
    check_error(resume(d.run), 1, {"last.safetensors", "previous.safetensors"});
    check_error(resume(d.folder / "nowhere"), 1, {d.folder / "nowhere" + ": holds no run"});
    for (const std::string record : {"{", "{\"recipe\": {}}"}) {
        write_file(d.run + "/record.json", record);
        check_error(resume(d.run), 1, {d.run + "/record.json: "});
    }
}

TEST_CASE("programs/resume: a kill between the last checkpoint of a round and the best one loses neither") {
    const Data d;
    REQUIRE(d.train({"--quiet", "--keep", "all"}).code == 0);
    const std::string best = d.run + "/checkpoints/best.safetensors", bytes = read_file(best);
    CHECK(!bytes.empty());
    std::filesystem::remove(best);
    CHECK(resume(d.run).code == 0);
    CHECK((read_file(best) == bytes));
}

TEST_CASE("programs/resume: the data must be those of the run") {
    const Data d;
    REQUIRE(d.train({"--quiet"}).code == 0);
    const std::string file = d.data + "/test/vi/00009D.png";
    REQUIRE(exists(file));
    data_test::write_pattern(file, 48, 64, 3, 1);
    check_error(resume(d.run), 1, {d.run + ": the data are not those of the run"});
}

TEST_CASE("programs/resume: a run folder that is in use, or cannot be used") {
    const Data d;
    Process process(train_program, d.small(d.run) + Arguments{"--fusion-epochs", "100000", "--quiet"});
    wait_until(process, [&] { return lines_of(d.run + "/log.jsonl").size() >= 1; });
    check_error(resume(d.run), 1, {d.run + ": in use by process "});
    process.interrupt();
    CHECK(process.wait().code == 0);
    const auto before = contents(d.run);
    check_error(d.train(), 1, {d.run + ": holds a run already (record.json)"});
    CHECK((contents(d.run) == before));
    const std::string file = d.folder / "file";
    write_file(file, "a file");
    check_error(run(train_program, d.small(file)), 1, {file});
    check_error(run(train_program, d.small(file + "/below")), 1, {file + "/below"});
    CHECK(read_file(file) == "a file");
}

TEST_CASE("programs/resume: on a full disk the run keeps its checkpoint and goes on, and says so") {
    const Data d;
    const std::string disk = d.folder.make("disk");
    // Room for a checkpoint of 53 MB (before the segmentation net has momentum), one of 106 MB and the weights of 53
    // MB; not for another of 106.
    const std::string text = io_test::with_tmpfs(disk, "size=270m", [&]() -> std::string {
        const Outcome outcome = run(train_program, d.small(disk + "/run") + Arguments{"--quiet"});
        std::string result = std::to_string(outcome.code) + "|" + outcome.err + "|";
        result += exists(disk + "/run/summary.json") ? "summary" : "no summary";
        return result + (resume(disk + "/run").code == 0 ? ", resumes" : ", lost");
    });
    if (text == "SKIPPED") {
        MESSAGE("SKIPPED: mounting is not allowed here");
        return;
    }
    INFO(text);
    CHECK(text.rfind("0|", 0) == 0);
    CHECK(contains(text, "warning: no checkpoint was written, the one before is kept: "));
    CHECK(contains(text, "No space left on device"));
    CHECK(contains(text, "|summary, resumes"));
}

TEST_CASE("programs/resume: a disk that is full when the last results are due, and before the first checkpoint") {
    const Data d;
    const std::string disk = d.folder.make("disk");
    const std::string text = io_test::with_tmpfs(disk, "size=145m", [&]() -> std::string {
        // Room for two checkpoints of 53 MB, not for the weights beside them.
        const Outcome outcome = run(train_program, d.small(disk + "/run") + Arguments{"--quiet"});
        std::filesystem::remove(disk + "/run/checkpoints/previous.safetensors");
        const Outcome again = resume(disk + "/run", {"--quiet", "--keep", "last"});
        return std::to_string(outcome.code) + "|" + outcome.err + "|" + std::to_string(again.code) + again.err +
               (exists(disk + "/run/segmentation.safetensors") ? "whole" : "lost");
    });
    const std::string tiny = io_test::with_tmpfs(disk, "size=512k", [&]() -> std::string {
        const Outcome outcome = run(train_program, d.content_only(disk + "/run") + Arguments{"--quiet"});
        return std::to_string(outcome.code) + "|" + outcome.err;
    });
    if (text == "SKIPPED") {
        MESSAGE("SKIPPED: mounting is not allowed here");
        return;
    }
    INFO(text);
    CHECK(text.rfind("1|", 0) == 0);
    CHECK(contains(text, "No space left on device; the results of the last round are not whole: make room and go on "));
    CHECK(contains(text, "|0"));
    CHECK(contains(text, "whole"));
    INFO(tiny);
    CHECK(tiny.rfind("1|error: ", 0) == 0);
    CHECK(contains(tiny, "No space left on device"));
}

TEST_CASE("programs/resume: checkpoints that are gone are not taken for a run that has none yet") {
    const Data d;
    REQUIRE(run(train_program, d.content_only(d.run) + Arguments{"--quiet", "--keep", "all"}).code == 0);
    const std::string weights = read_file(d.run + "/fusion.safetensors"), log = read_file(d.run + "/log.jsonl");
    for (const char* name : {"last", "previous"})
        std::filesystem::remove(d.run + "/checkpoints/" + name + ".safetensors");
    check_error(resume(d.run), 1,
                {d.run + ": the run's checkpoints are gone, there is only checkpoints/best.safetensors, log.jsonl",
                 "--restart"});
    check_error(run(train_program, d.content_only(d.run)), 1, {"holds a run already"});
    CHECK(read_file(d.run + "/log.jsonl") == log);
    // As the message says.
    std::filesystem::copy(d.run + "/checkpoints/best.safetensors", d.run + "/checkpoints/last.safetensors");
    CHECK(resume(d.run).code == 0);
    check_error(resume(d.run, {"--restart"}), 1, {"--restart: expected a run without checkpoints"});
    std::filesystem::remove_all(d.run + "/checkpoints");
    check_error(resume(d.run), 1, {"there is only log.jsonl"});
    CHECK(resume(d.run, {"--restart", "--quiet"}).code == 0);
    CHECK((read_file(d.run + "/fusion.safetensors") == weights));
    check_error(run(train_program, d.content_only(d.folder / "other") + Arguments{"--restart"}), 2,
                {"--restart: only with --resume"});
}

TEST_CASE("programs/resume: what a killed process left half written is taken away") {
    const Data d;
    REQUIRE(d.train({"--quiet"}).code == 0);
    for (const std::string folder : {"", "round_1/", "round_1/train/", "round_1/test/", "checkpoints/"})
        write_file(d.run + "/" + folder + ".fathom-999-3.tmp", "half");
    CHECK(resume(d.run).code == 0);
    for (const auto& file : contents(d.run)) CHECK_MESSAGE(!contains(file.first, ".tmp"), file.first);
}

TEST_CASE("programs/resume: signals that are ignored stay so; a batch system's end and a closed terminal save") {
    const Data d;
    const std::string endless =
        "' --data '" + d.data + "' --crop 32 --batch 2 --content-only --fusion-epochs 100000 --quiet --out '";
    const auto started = [&](const std::string& run) {
        return [&d, run] { return lines_of(d.folder / run + "/log.jsonl").size() >= 2; };
    };
    Process deaf("/bin/sh", {"-c", "trap '' INT; exec '" + train_program + endless + (d.folder / "deaf") + "'"});
    wait_until(deaf, started("deaf"));
    deaf.interrupt();
    const std::size_t lines = lines_of(d.folder / "deaf" + "/log.jsonl").size();
    wait_until(deaf, [&] { return lines_of(d.folder / "deaf" + "/log.jsonl").size() > lines + 2; });
    CHECK(deaf.running());
    for (const int signal : {SIGTERM, SIGHUP}) {
        const std::string name = "run" + std::to_string(signal);
        Process process("/bin/sh", {"-c", "exec '" + train_program + endless + (d.folder / name) + "'"});
        wait_until(process, started(name));
        process.send(signal);
        CHECK(process.wait().code == 0);
        CHECK(exists(d.folder / name + "/checkpoints/last.safetensors"));
    }
    // A limit on the size of files is an error as a full disk is, and so is a reader that goes away.
    const Outcome limited =
        run("/bin/sh", {"-c", "ulimit -f 1000; exec '" + train_program + endless + (d.folder / "limited") + "'"});
    CHECK(limited.code == 1);
    CHECK(contains(limited.err, "cannot write, File too large"));
}

TEST_CASE("programs/resume: a read-only disk") {
    const Data d;
    const std::string disk = d.folder.make("disk");
    const std::string text = io_test::with_tmpfs(disk, "size=64k", [&]() -> std::string {
        if (!io_test::make_read_only(disk)) return "SKIPPED";
        const Outcome outcome = run(train_program, d.small(disk + "/run"));
        return std::to_string(outcome.code) + "|" + outcome.err;
    });
    if (text == "SKIPPED") {
        MESSAGE("SKIPPED: mounting is not allowed here");
        return;
    }
    CHECK(text == "1|error: " + disk + "/run: cannot be made, Read-only file system\n");
}
