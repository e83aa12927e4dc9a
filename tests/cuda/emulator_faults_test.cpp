// The checked emulator: every planted fault is found, in the right kernel, block, thread and line, and the same kernel
// without it is clean.
#include <algorithm>
#include <fstream>
#include <numeric>
#include <string>

#include "tests/cuda/planted.hpp"
#include "tests/cuda/support.hpp"

namespace test = device::test;

namespace {

// "faults.cu:17" for each line that carries the comment "// fault: name".
std::vector<std::string> lines_of(const std::string& file, const std::string& comment) {
    std::ifstream in(std::string(FATHOM_SOURCE_DIR "/tests/cuda/") + file);
    std::vector<std::string> lines;
    std::string text;
    for (int line = 1; std::getline(in, text); ++line)
        if (text.size() > comment.size() && text.compare(text.size() - comment.size(), comment.size(), comment) == 0)
            lines.push_back(file + ":" + std::to_string(line));
    return lines;
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

void check(const test::Planted& fault, const std::string& file) {
    const std::string name = fault.name;
    CAPTURE(name);
    std::vector<int> indices(64);
    std::iota(indices.begin(), indices.end(), 0);
    int* released = nullptr;
    {
        DeviceArray<int> gone(indices);
        released = gone.data();
    }
    std::vector<int> host(64);
    for (const bool planted : {false, true}) {
        CAPTURE(planted);
        DeviceArray<int> in(indices), out(64);
        DeviceArray<unsigned char> bytes(30);
        succeed(fault.run({in.data(), out.data(), bytes.data(), released, host.data()}, planted));
        const auto result = device::synchronize(device::Stream{});
        const std::string report = result.ok() ? "clean" : device::error_text();
        CAPTURE(report);
        if (!planted) {
            CHECK(result.ok());
        } else {
            CHECK(result.code == device::error::launch_failure);
            CHECK(has(report, std::string("planted: kernel ") + fault.name + "_kernel, block " + fault.block));
            CHECK(has(report, std::string(", thread ") + fault.thread));
            const auto thread = report.find("thread (");
            const std::string name_of_thread = report.substr(thread, report.find(')', thread) + 1 - thread);
            CHECK(!has(report, "; " + name_of_thread));  // a thread races with another one
            CHECK(has(report, fault.report));
            const auto lines = lines_of(file, std::string("// fault: ") + fault.name);
            const auto others = lines_of(file, std::string("// other: ") + fault.name);
            REQUIRE(!lines.empty());
            CHECK(std::any_of(lines.begin(), lines.end(), [&](const auto& line) {
                return has(report, ", at " + line + ": ") ||
                       std::any_of(others.begin(), others.end(),
                                   [&](const auto& o) { return has(report, ", at " + o + ": "); });
            }));
            CHECK(has(report, "sent since the stream was last known to be idle: "));
        }
        succeed(device::reset_device());
    }
}

}  // namespace

TEST_CASE("cuda/checked: planted faults are found") {
    for (const auto& fault : test::planted_faults()) check(fault, "faults.cu");
}

TEST_CASE("cuda/checked: planted races are found") {
    for (const auto& fault : test::planted_races()) check(fault, "races.cu");
}

TEST_CASE("cuda/checked: a block that an allocator hands out again counts as new") {
    DeviceArray<int> out(64);
    DeviceArray<unsigned char> bytes(4096);
    bytes.zero();
    const auto faults = test::planted_faults();
    const auto fault = std::find_if(faults.begin(), faults.end(),
                                    [](const auto& f) { return std::string(f.name) == "uninitialised_global"; });
    auto* block = reinterpret_cast<int*>(bytes.data());
    succeed(fault->run({nullptr, block, nullptr, nullptr, nullptr}, true));
    succeed(device::synchronize(device::Stream{}));  // zeros are there
    device::reuse(block, 4096, 64 * sizeof(int));
    succeed(fault->run({nullptr, block, nullptr, nullptr, nullptr}, true));
    CHECK(!device::synchronize(device::Stream{}).ok());
    CHECK(has(device::error_text(), "uninitialised memory"));
    succeed(device::reset_device());
    device::reuse(block, 4096, 63 * sizeof(int));
    succeed(fault->run({nullptr, block, nullptr, nullptr, nullptr}, false));
    CHECK(!device::synchronize(device::Stream{}).ok());
    CHECK(has(device::error_text(), "out-of-bounds write of 4 bytes"));
    succeed(device::reset_device());
}
