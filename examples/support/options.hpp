// Options of a command line, by CLI11: numbers that are checked to the last letter, and what is said of a wrong one.
#pragma once

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <cmath>
#include <string>
#include <system_error>
#include <type_traits>
#include <vector>

#include "fathom/backend/registry.hpp"
#include "support/progress.hpp"

namespace program {

template <class T>
struct Bounds {
    T least, most;
    bool contains(T value) const { return value >= least && value <= most; }  // NaN never is
};

template <class T>
std::string expected(const Bounds<T>& bounds) {
    if constexpr (std::is_floating_point_v<T>) return format("a number from %g to %g", bounds.least, bounds.most);
    return "a whole number from " + std::to_string(bounds.least) + " to " + std::to_string(bounds.most);
}

// The whole text as a number in decimal; false if it is none, or out of bounds.
template <class T>
bool parse_number(const std::string& text, const Bounds<T>& bounds, T& value) {
    T parsed{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), parsed);
    if (error != std::errc() || end != text.data() + text.size() || !bounds.contains(parsed)) return false;
    value = parsed;
    return true;
}

template <class T>
CLI::Option* add_number(CLI::App& app, const std::string& name, T& value, const Bounds<T>& bounds,
                        const std::string& text) {
    return app
        .add_option_function<std::string>(
            name,
            [name, &value, bounds](const std::string& given) {
                if (!parse_number(given, bounds, value))
                    throw CLI::ValidationError(name, "expected " + expected(bounds) + ", got " + given);
            },
            text)
        ->type_name(std::is_floating_point_v<T> ? "NUMBER" : "N");
}
template <class T>
CLI::Option* add_number(CLI::App& app, const std::string& name, T& value, T least, T most, const std::string& text) {
    return add_number(app, name, value, Bounds<T>{least, most}, text)
        ->default_str(std::is_floating_point_v<T> ? format("%g", static_cast<double>(value)) : std::to_string(value));
}
inline void add_threads(CLI::App& app, int& threads) {
    add_number(app, "--threads", threads, 0, 256, "threads; 0: all");
}

// Where the nets are. That it is there is checked by device_of() alone: --help and the like need no GPU.
inline void add_device(CLI::App& app, std::string& device) {
    const auto read = [&device](const std::string& given) {
        std::int64_t index = 0;
        const bool numbered =
            given.rfind("cuda:", 0) == 0 && parse_number(given.substr(5), Bounds<std::int64_t>{0, 1023}, index);
        if (given != "cpu" && given != "cuda" && given != "emulator" && !numbered)
            throw CLI::ValidationError("--device", "expected cpu, cuda, cuda:N or emulator, got " + given);
        device = given;
    };
    app.add_option_function<std::string>("--device", read,
                                         "what the nets run on: cpu, cuda, cuda:N, or emulator (CUDA's kernels on the "
                                         "CPU, for tests: slow)")
        ->default_str("cpu");
}
// Throws where the program cannot use it, saying what is missing.
inline fathom::Device device_of(const std::string& text) {
    fathom::Device device = text == "cpu"        ? fathom::Device::cpu()
                            : text == "emulator" ? fathom::Device::emulator()
                                                 : fathom::Device::cuda();
    if (const std::size_t colon = text.find(':'); colon != std::string::npos)
        device = fathom::Device::cuda(std::stoi(text.substr(colon + 1)));
    fathom::require(device, "--device", {});
    return device;
}

// The number of letters to change, add, leave out or exchange with the next one to make b of a.
inline std::size_t edits_between(const std::string& a, const std::string& b) {
    std::vector<std::vector<std::size_t>> cost(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
    for (std::size_t i = 0; i <= a.size(); ++i)
        for (std::size_t j = 0; j <= b.size(); ++j) {
            if (i == 0 || j == 0) {
                cost[i][j] = i + j;
                continue;
            }
            cost[i][j] =
                std::min({cost[i - 1][j] + 1, cost[i][j - 1] + 1, cost[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
        }
    return cost[a.size()][b.size()];
}

// Which of `known` `given` was meant to be; "" if it is like none.
inline std::string most_like(const std::string& given, const std::vector<std::string>& known) {
    std::string best;
    std::size_t fewest = given.size() / 3 + 1;
    for (const std::string& name : known)
        if (const std::size_t edits = edits_between(given, name); edits < fewest) fewest = edits, best = name;
    return best.empty() ? "" : ", did you mean " + best + "?";
}

// What is said of an argument that no option takes; "" if there is none. Where the program has commands, of what
// follows the command's name.
inline std::string unknown_argument(const CLI::App& app) {
    const std::vector<const CLI::App*> commands = app.get_subcommands([](const CLI::App*) { return true; });
    for (const CLI::App* command : commands)
        if (command->parsed()) return unknown_argument(*command);
    const std::vector<std::string> rest = app.remaining();
    if (rest.empty()) return {};
    const auto option =
        std::find_if(rest.begin(), rest.end(), [](const auto& word) { return word.rfind('-', 0) == 0; });
    std::vector<std::string> known;
    if (option == rest.end() && !commands.empty()) {
        for (const CLI::App* command : commands) known.push_back(command->get_name());
        return rest.front() + ": no such command" + most_like(rest.front(), known);
    }
    if (option == rest.end()) return rest.front() + ": unexpected argument";
    const std::string given = option->substr(0, option->find('='));
    for (const CLI::Option* o : app.get_options())
        for (const std::string& name : o->get_lnames()) known.push_back("--" + name);
    return given + ": no such option" + most_like(given, known);
}

// An empty text is what a script's variable without a value leaves; taking it for "not given" would hide that.
inline void refuse_empty_values(int argc, char** argv) {
    for (int i = 1; i < argc; ++i) {
        const std::string word = argv[i], before = argv[i - 1];
        const bool option = word.rfind("--", 0) == 0 && word.back() == '=';
        if (word.empty() || option)
            throw CLI::ValidationError(option ? word.substr(0, word.size() - 1) : before,
                                       "expected a value, got an empty text");
    }
}

}  // namespace program
