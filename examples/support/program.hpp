// What the programs share: exit codes 0 / 1 (failed) / 2 (usage), errors on one line, signals. options.hpp: the command
// line; progress.hpp: what is told meanwhile; file_list.hpp: what is read and written.
#pragma once

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <exception>
#include <functional>
#include <new>
#include <string>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

#include "fathom/core/config.hpp"
#include "fathom/core/flush_denormal.hpp"
#include "support/commit.hpp"
#include "support/options.hpp"
#include "support/progress.hpp"

namespace program {

// "error: ..." on one line, whatever the text holds.
inline void print_error(std::string text) {
    for (char& c : text)
        if (c == '\n' || c == '\r') c = ' ';
    std::fprintf(stderr, "error: %s\n", text.c_str());
}

namespace detail {

// A program that is started without standard streams would find its own files under their numbers, and write messages
// into them.
inline void open_standard_streams() {
    int descriptor = 0;
    do descriptor = ::open("/dev/null", O_RDWR);
    while (descriptor >= 0 && descriptor <= STDERR_FILENO);
    if (descriptor > STDERR_FILENO) ::close(descriptor);
}

// A reader that goes away, or a limit on the size of files, is an error of the write, not the end of the program.
inline void ignore_signals_of_writes() {
    std::signal(SIGPIPE, SIG_IGN);
    std::signal(SIGXFSZ, SIG_IGN);
}

// What was printed must have arrived.
inline int checked_output(int code) {
    if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return code;
    print_error("standard output: cannot be written");
    return code == 0 ? 1 : code;
}

inline void add_version(CLI::App& app, const std::string& program) {
    app.set_version_flag("--version",
                         format("%s (fathom) %d.%d.%d, commit %s", program.c_str(), FATHOM_VERSION_MAJOR,
                                FATHOM_VERSION_MINOR, FATHOM_VERSION_PATCH, commit()),
                         "print the version");
}

// Runs f and turns what it throws into one line on stderr and exit code 1.
template <class F>
int reported(F& f) {
    try {
        return f();
    } catch (const std::bad_alloc&) {
        print_error("out of memory");
    } catch (const std::exception& e) {
        print_error(e.what());
    }
    return 1;
}

template <class Check, class Body>
int run(CLI::App& app, int argc, char** argv, Check& check, Body& body) {
    add_version(app, app.get_name());
    app.allow_extras();  // so that a mistyped option is named before a required one is missed
    for (CLI::App* command : app.get_subcommands({})) {
        add_version(*command, app.get_name());
        command->allow_extras();
    }
    try {
        refuse_empty_values(argc, argv);
        app.parse(argc, argv);
        if (const std::string text = unknown_argument(app); !text.empty()) throw CLI::ValidationError(text);
        check();
    } catch (const CLI::ParseError& e) {
        if (e.get_exit_code() == 0) return app.exit(e);  // --help, --version
        const std::string unknown = unknown_argument(app);
        print_error((unknown.empty() ? e.what() : unknown) + "; --help lists the options");
        return 2;
    }
    fathom::set_flush_denormal(true);  // small weights must not slow a run down
    return reported(body);
}

}  // namespace detail

// Parses the command line, runs the body and turns whatever it throws into one line on stderr and the exit code.
// `check` looks at the options together; what it throws as a CLI::ParseError is wrong usage too.
template <class Check, class Body>
int run(CLI::App& app, int argc, char** argv, Check check, Body body) {
    detail::open_standard_streams();
    detail::ignore_signals_of_writes();
    return detail::checked_output(detail::run(app, argc, argv, check, body));
}
template <class Body>
int run(CLI::App& app, int argc, char** argv, Body body) {
    return run(
        app, argc, argv, [] {}, body);
}

// One of the things that a program does, by its name: the part of the command line that follows the name, and the two
// functions that run() takes.
struct Command {
    CLI::App* app;
    std::function<void()> check;
    std::function<int()> body;
};

// The same for a program whose command line begins with the name of a command.
inline int run(CLI::App& app, int argc, char** argv, const std::vector<Command>& commands) {
    app.require_subcommand(0, 1);
    const Command* chosen = nullptr;
    const auto check = [&] {
        std::string names;
        for (const Command& command : commands) {
            if (command.app->parsed()) chosen = &command;
            names += (names.empty() ? "" : ", ") + command.app->get_name();
        }
        if (chosen == nullptr) throw CLI::ValidationError("expected a command, one of " + names);
        chosen->check();
    };
    return run(app, argc, argv, check, [&] { return chosen->body(); });
}

// Ctrl-C, a closed terminal and a batch system's end ask for an orderly end; a second one of a kind ends at once. What
// is ignored (nohup) stays ignored.
class Interrupt {
public:
    Interrupt() {
        struct sigaction action = {}, old = {};
        action.sa_handler = &handle;
        action.sa_flags = static_cast<int>(SA_RESETHAND | SA_RESTART);  // the second one finds the default action
        for (const int signal : {SIGINT, SIGTERM, SIGHUP})
            if (sigaction(signal, nullptr, &old) == 0 && old.sa_handler != SIG_IGN) sigaction(signal, &action, nullptr);
    }
    static bool requested() { return flag() != 0; }

private:
    static volatile std::sig_atomic_t& flag() {
        static volatile std::sig_atomic_t value = 0;
        return value;
    }
    static void handle(int) { flag() = 1; }
};

}  // namespace program
