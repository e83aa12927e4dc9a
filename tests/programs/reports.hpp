// Runs made by hand, for the tests of reports: what train_seafusion would have written.
#pragma once

#include <cmath>
#include <cstdio>

#include "tests/programs/training.hpp"

namespace programs_test {

// A run's folder without pictures: record and log of `steps` steps of each net, one round, with a spike in the middle.
inline void write_run(const std::string& folder, std::int64_t steps, const std::string& name = "car") {
    std::filesystem::create_directories(folder);
    io_test::write_file(folder + "/record.json",
                        "{\"command\":\"<train>\",\"data\":{},\"recipe\":{\"seed\":1},\"resumed\":[]}");
    std::string log;
    char line[300];
    for (const char* phase : {"fusion", "segmentation"})
        for (std::int64_t step = 1; step <= steps; ++step) {
            const double loss = step == steps / 2 ? 77.25 : 1 + 0.5 * std::sin(static_cast<double>(step) / 50);
            std::snprintf(line, sizeof line,
                          "{\"loss\":%.17g,\"lr\":%.17g,\"phase\":\"%s\",\"round\":1,\"seconds\":%.3f,\"step\":%lld}\n",
                          loss, 1e-3 / static_cast<double>(step), phase, static_cast<double>(step) * 0.01,
                          static_cast<long long>(step));
            log += line;
        }
    log += "{\"measures\":{\"iou\":{\"background\":0.9,\"" + name +
           "\":0.25},\"mean_iou\":0.575,\"pixel_accuracy\":0.9,\"round\":1},\"phase\":\"measuring\",\"round\":1,"
           "\"seconds\":9}\n";
    io_test::write_file(folder + "/log.jsonl", log);
}

inline std::size_t count_of(const std::string& text, const std::string& part) {
    std::size_t count = 0;
    for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
    return count;
}

}  // namespace programs_test
