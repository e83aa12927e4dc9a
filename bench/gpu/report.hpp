// What the programs of this folder share: their few options, medians, and numbers as a line for people on standard
// output and a line of JSON in a file. The standard library alone: these programs run on machines that have nothing
// else.
#pragma once

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

namespace bench {

struct Options {
    std::string device = "cuda";  // or emulator
    long height = 480, width = 640;
    long repeats = 20;
    long rotate_mb = 128;  // inputs of a measurement take turns until they exceed this: more than any L2 cache
    std::string golden_file, json_file;
};

// Takes the options that `known` names; anything else, or no positive number where one belongs, ends the program.
inline Options parse(const char* program, int argc, char** argv, const std::string& known) {
    Options options;
    const auto wrong = [&](const std::string& what) {
        std::fprintf(stderr, "error: %s: %s; options: %s\n", program, what.c_str(), known.c_str());
        std::exit(2);
    };
    for (int i = 1; i < argc; ++i) {
        const std::string name = argv[i];
        if ((" " + known + " ").find(" " + name + " ") == std::string::npos) wrong("unknown option " + name);
        if (++i == argc) wrong(name + " needs a value");
        const auto number = [&](long least) {
            char* end = nullptr;
            const long value = std::strtol(argv[i], &end, 10);
            if (*argv[i] == '\0' || *end != '\0' || value < least || value > 1 << 20)
                wrong(name + ": expected a number from " + std::to_string(least) + ", got " + argv[i]);
            return value;
        };
        if (name == "--device") {
            options.device = argv[i];
            if (options.device != "cuda" && options.device != "emulator")
                wrong("--device: expected cuda or emulator, got " + options.device);
        } else if (name == "--height") {
            options.height = number(1);
        } else if (name == "--width") {
            options.width = number(1);
        } else if (name == "--repeats") {
            options.repeats = number(1);
        } else if (name == "--rotate-mb") {
            options.rotate_mb = number(0);
        } else if (name == "--golden") {
            options.golden_file = argv[i];
        } else {
            options.json_file = argv[i];
        }
    }
    return options;
}

inline double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    const std::size_t n = values.size();
    return n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

// Names and texts are the programs' own: no quotation marks or backslashes in them.
class Report {
public:
    Report(std::string program, std::string device, const std::string& json_file)
        : program_(std::move(program)), device_(std::move(device)) {
        if (json_file.empty()) return;
        file_ = std::fopen(json_file.c_str(), "a");
        if (!file_) {
            std::fprintf(stderr, "error: %s: %s cannot be written: %s\n", program_.c_str(), json_file.c_str(),
                         std::strerror(errno));
            std::exit(1);
        }
    }
    ~Report() {
        if (file_) std::fclose(file_);
    }
    Report(const Report&) = delete;
    Report& operator=(const Report&) = delete;

    void add(const std::string& name, std::initializer_list<std::pair<const char*, double>> numbers,
             const std::string& remark = {}) {
        std::printf("%-52s", name.c_str());
        for (const auto& [key, value] : numbers) std::printf("  %s %.4g", key, value);
        std::printf("%s%s\n", remark.empty() ? "" : "  ", remark.c_str());
        std::fflush(stdout);
        if (!file_) return;
        std::fprintf(file_, "{\"program\": \"%s\", \"device\": \"%s\", \"name\": \"%s\"", program_.c_str(),
                     device_.c_str(), name.c_str());
        for (const auto& [key, value] : numbers) {
            if (value - value == 0)  // JSON has neither infinities nor NaN
                std::fprintf(file_, ", \"%s\": %.9g", key, value);
            else
                std::fprintf(file_, ", \"%s\": null", key);
        }
        if (!remark.empty()) std::fprintf(file_, ", \"remark\": \"%s\"", remark.c_str());
        std::fprintf(file_, "}\n");
        std::fflush(file_);
    }

private:
    std::string program_, device_;
    std::FILE* file_ = nullptr;
};

}  // namespace bench
