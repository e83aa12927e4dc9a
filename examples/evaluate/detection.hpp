// evaluate detection.
#pragma once

#include <memory>
#include <string>

#include "support/program.hpp"

namespace evaluate {

struct DetectionOptions {
    std::string csv_file, json_file;
};

inline program::Command detection_command(CLI::App& app) {
    const auto o = std::make_shared<DetectionOptions>();
    CLI::App* command = app.add_subcommand("detection", "to be written");
    command->add_option("--csv", o->csv_file, "write the table to this file");
    command->add_option("--json", o->json_file, "write the measures to this file");
    return {command, [] {}, [o] { return 0; }};
}

}  // namespace evaluate
