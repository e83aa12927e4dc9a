// The files that train_seafusion writes for TensorBoard: their framing, and what TensorBoard's own reader finds in
// them.
#include <cstdlib>
#include <cstring>
#include <map>
#include <sstream>

#include "fathom/io/image.hpp"
#include "tests/programs/training.hpp"

using namespace fathom;
using namespace programs_test;
using io_test::read_file;

namespace {

std::vector<std::string> event_files(const std::string& run) {
    std::vector<std::string> files;
    for (const auto& entry : std::filesystem::directory_iterator(run))
        if (contains(entry.path().filename().string(), "events.out.tfevents.")) files.push_back(entry.path().string());
    std::sort(files.begin(), files.end());
    return files;
}

// Bit by bit, as the definition has it.
std::uint32_t slow_crc32c(const std::string& bytes) {
    std::uint32_t crc = 0xffffffff;
    for (const char c : bytes) {
        crc ^= static_cast<unsigned char>(c);
        for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x82f63b78 : 0);
    }
    return crc ^ 0xffffffff;
}
std::uint32_t masked(std::uint32_t crc) { return ((crc >> 15) | (crc << 17)) + 0xa282ead8; }

template <class T>
T value_at(const std::string& bytes, std::size_t at) {
    T value{};
    REQUIRE(at + sizeof value <= bytes.size());
    std::memcpy(&value, bytes.data() + at, sizeof value);
    return value;
}

// The records' data; checks lengths and checksums.
std::vector<std::string> records_of(const std::string& path) {
    std::vector<std::string> records;
    const std::string bytes = read_file(path);
    for (std::size_t at = 0; at < bytes.size();) {
        const auto length = static_cast<std::size_t>(value_at<std::uint64_t>(bytes, at));
        CHECK(value_at<std::uint32_t>(bytes, at + 8) == masked(slow_crc32c(bytes.substr(at, 8))));
        records.push_back(bytes.substr(at + 12, length));
        REQUIRE(records.back().size() == length);
        CHECK(value_at<std::uint32_t>(bytes, at + 12 + length) == masked(slow_crc32c(records.back())));
        at += 16 + length;
    }
    return records;
}

// A Python that has TensorBoard: FATHOM_TENSORBOARD, else python3; "" if neither has.
std::string tensorboard() {
    const char* given = std::getenv("FATHOM_TENSORBOARD");
    const std::string python = given ? given : "python3";
    const std::string command = "exec '" + python + "' -c 'import tensorboard' >/dev/null 2>&1";
    return run("/bin/sh", {"-c", command}).code == 0 ? python : "";
}

// TAG -> (step, rest of the line).
using Found = std::map<std::string, std::vector<std::pair<std::int64_t, std::string>>>;

Found read_by_tensorboard(const std::string& python, const std::string& folder) {
    const std::string script = std::string(FATHOM_SOURCE_DIR) + "/tests/programs/read_events.py";
    const Outcome outcome = run("/bin/sh", {"-c", "exec '" + python + "' '" + script + "' '" + folder + "'"});
    REQUIRE_MESSAGE(outcome.code == 0, outcome.err);
    Found found;
    std::istringstream lines(outcome.out);
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words(line);
        std::string tag, rest;
        std::int64_t step = 0;
        words >> tag >> step;
        std::getline(words, rest);
        found[tag].emplace_back(step, rest);
    }
    return found;
}

std::vector<std::int64_t> steps_of(const Found& found, const std::string& tag) {
    std::vector<std::int64_t> steps;
    if (const auto at = found.find(tag); at != found.end())
        for (const auto& [step, rest] : at->second) steps.push_back(step);
    return steps;
}

}  // namespace

TEST_CASE("programs/events: records with their checksums; none with --no-report") {
    CHECK(slow_crc32c("123456789") == 0xe3069283);
    const Data d;
    REQUIRE(d.train().code == 0);
    const auto files = event_files(d.run);
    REQUIRE(files.size() == 1);
    // The version, the start, two steps of each net, the measures, the sheet.
    const auto records = records_of(files[0]);
    REQUIRE(records.size() == 8);
    CHECK(contains(records[0], "brain.Event:2"));
    CHECK(contains(records[2], "fusion/loss"));
    CHECK(contains(records[4], "segmentation/auxiliary"));
    CHECK(contains(records[6], "test/iou/car"));
    CHECK(contains(records[7], "test/sheet"));
    CHECK(contains(records[7], read_file(d.run + "/round_1/sheet.png")));
    REQUIRE(d.train({"--out", d.folder / "without", "--no-report"}).code == 0);
    CHECK(event_files(d.folder / "without").empty());
    CHECK(weights_of(d.run) == weights_of(d.folder / "without"));
}

TEST_CASE("programs/events: TensorBoard's reader finds every step once, of a run that was killed too") {
    const std::string python = tensorboard();
    if (python.empty()) {
        MESSAGE(
            "skipped: reading events by TensorBoard, which python3 does not have; FATHOM_TENSORBOARD names another");
        return;
    }
    const Data d;
    const Arguments arguments =
        d.small(d.run) +
        Arguments{"--rounds", "2", "--fusion-epochs", "3", "--segmentation-steps", "9", "--checkpoint-every", "1e9"};
    {
        Process process(train_program, arguments);
        // Somewhere in the segmentation net's steps, whose checkpoint is that of the phase's beginning.
        while (process.running() && lines_of(d.run + "/log.jsonl").size() < 10) usleep(2000);
        process.send(SIGKILL);
        process.wait();
    }
    REQUIRE(run(train_program, {"--resume", d.run}).code == 0);
    CHECK(event_files(d.run).size() == 2);
    const Found found = read_by_tensorboard(python, d.run);
    // A round: 6 steps of the fusion net, 9 of the other, the measures.
    CHECK(steps_of(found, "fusion/loss") == std::vector<std::int64_t>{1, 2, 3, 4, 5, 6, 17, 18, 19, 20, 21, 22});
    CHECK(steps_of(found, "segmentation/lr") ==
          std::vector<std::int64_t>{7, 8, 9, 10, 11, 12, 13, 14, 15, 23, 24, 25, 26, 27, 28, 29, 30, 31});
    CHECK(steps_of(found, "fusion/semantic") == std::vector<std::int64_t>{17, 18, 19, 20, 21, 22});
    CHECK(steps_of(found, "test/mean_iou") == std::vector<std::int64_t>{16, 32});
    CHECK(steps_of(found, "test/content_loss/this_net") == std::vector<std::int64_t>{16, 32});
    // The values are the log's, as floats.
    std::vector<double> losses;
    for (const std::string& line : lines_of(d.run + "/log.jsonl"))
        if (contains(line, "\"phase\":\"fusion\"")) losses.push_back(number_in(line, "loss"));
    REQUIRE(losses.size() == 12);
    REQUIRE(found.at("fusion/loss").size() == 12);
    for (std::size_t i = 0; i < losses.size(); ++i)
        CHECK(std::strtod(found.at("fusion/loss")[i].second.c_str(), nullptr) ==
              doctest::Approx(losses[i]).epsilon(1e-6));
    const auto sheet = io::read_image(d.run + "/round_2/sheet.png");
    const std::string size = std::to_string(sheet.size(0)) + "x" + std::to_string(sheet.size(1)) + " " +
                             std::to_string(read_file(d.run + "/round_2/sheet.png").size());
    REQUIRE(steps_of(found, "test/sheet") == std::vector<std::int64_t>{16, 32});
    CHECK(found.at("test/sheet")[1].second == " " + size);
}
