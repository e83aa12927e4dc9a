// What the programs share: options by CLI11, exit codes 0 / 1 (failed) / 2 (usage), errors on one line, progress,
// Ctrl-C.
#pragma once

#include <CLI/CLI.hpp>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>

#include <unistd.h>

namespace program {

// "error: ..." on one line, whatever the text holds.
inline void print_error(std::string text) {
    for (char& c : text)
        if (c == '\n' || c == '\r') c = ' ';
    std::fprintf(stderr, "error: %s\n", text.c_str());
}

// Parses the command line, runs the body and turns whatever it throws into one line on stderr and the exit code.
// `check` looks at the options together; what it throws as a CLI::ParseError is wrong usage too.
template <class Check, class Body>
int run(CLI::App& app, int argc, char** argv, Check check, Body body) {
    try {
        app.parse(argc, argv);
        check();
    } catch (const CLI::ParseError& e) {
        if (e.get_exit_code() == 0) return app.exit(e);  // --help
        print_error(std::string(e.what()) + "; --help lists the options");
        return 2;
    }
    try {
        return body();
    } catch (const std::exception& e) {
        print_error(e.what());
        return 1;
    }
}
template <class Body>
int run(CLI::App& app, int argc, char** argv, Body body) {
    return run(
        app, argc, argv, [] {}, body);
}

// Progress on stderr: one line that is rewritten on a terminal, plain lines otherwise, nothing when quiet.
class Progress {
public:
    explicit Progress(bool quiet) : quiet_(quiet), terminal_(isatty(STDERR_FILENO) != 0) {}

    void show(const std::string& line) {
        if (quiet_) return;
        std::fprintf(stderr, terminal_ ? "\r\033[K%s" : "%s\n", line.c_str());
        open_ = terminal_;
    }
    // A line that stays.
    void keep(const std::string& line) {
        if (quiet_) return;
        std::fprintf(stderr, open_ ? "\r\033[K%s\n" : "%s\n", line.c_str());
        open_ = false;
    }
    // The same for what a user must know, quiet or not.
    void warn(const std::string& line) {
        std::fprintf(stderr, open_ ? "\r\033[Kwarning: %s\n" : "warning: %s\n", line.c_str());
        open_ = false;
    }
    bool on_terminal() const { return terminal_; }
    ~Progress() {
        if (open_) std::fputc('\n', stderr);
    }

private:
    bool quiet_, terminal_, open_ = false;
};

// Ctrl-C asks for an orderly end; a second one ends at once.
class Interrupt {
public:
    Interrupt() {
        struct sigaction action = {};
        action.sa_handler = &handle;
        action.sa_flags = static_cast<int>(SA_RESETHAND);  // the second one finds the default action
        sigaction(SIGINT, &action, nullptr);
    }
    static bool requested() { return flag() != 0; }

private:
    static volatile std::sig_atomic_t& flag() {
        static volatile std::sig_atomic_t value = 0;
        return value;
    }
    static void handle(int) { flag() = 1; }
};

class Stopwatch {
public:
    double seconds() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count(); }

private:
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

inline std::string duration_text(double seconds) {
    char text[32];
    const auto s = static_cast<long>(seconds + 0.5);
    if (s < 60)
        std::snprintf(text, sizeof text, "%lds", s);
    else if (s < 3600)
        std::snprintf(text, sizeof text, "%ldm%02lds", s / 60, s % 60);
    else
        std::snprintf(text, sizeof text, "%ldh%02ldm", s / 3600, s / 60 % 60);
    return text;
}

template <class... Values>
std::string format(const char* pattern, Values... values) {
    char text[512];
    std::snprintf(text, sizeof text, pattern, values...);
    return text;
}

}  // namespace program
