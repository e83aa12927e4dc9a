// Runs the built programs as processes, as their users do.
#pragma once

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "tests/data/support.hpp"
#include "tests/io/support.hpp"
#include "tests/support.hpp"

namespace programs_test {

using data_test::Folder;

using fathom::tests::contains;
using fathom::tests::sanitized;

inline const std::string programs = FATHOM_PROGRAMS, fuse_program = programs + "/fuse",
                         segment_program = programs + "/segment", train_program = programs + "/train_seafusion",
                         scenes_program = programs + "/make_scenes", evaluate_program = programs + "/evaluate",
                         inspect_program = programs + "/inspect", report_program = programs + "/report";

struct Outcome {
    int code = -1;  // 128 + N after signal N
    std::string out, err;
};

// "NAME=value": set for the program.
using Environment = std::vector<std::pair<std::string, std::string>>;

class Process {
public:
    Process(const std::string& program, const std::vector<std::string>& arguments,
            const Environment& environment = {}) {
        std::vector<char*> argv = {const_cast<char*>(program.c_str())};
        for (const std::string& a : arguments) argv.push_back(const_cast<char*>(a.c_str()));
        argv.push_back(nullptr);
        const std::string out = folder_ / "out", err = folder_ / "err";
        child_ = fork();
        REQUIRE(child_ >= 0);
        if (child_ > 0) return;
        for (const auto& [name, value] : environment) setenv(name.c_str(), value.c_str(), 1);
        dup2(open("/dev/null", O_RDONLY), STDIN_FILENO);
        dup2(open(out.c_str(), O_WRONLY | O_CREAT, 0666), STDOUT_FILENO);
        dup2(open(err.c_str(), O_WRONLY | O_CREAT, 0666), STDERR_FILENO);
        execv(argv[0], argv.data());
        _exit(127);
    }
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;
    ~Process() {
        if (child_ <= 0) return;
        ::kill(child_, SIGKILL);
        waitpid(child_, nullptr, 0);
    }

    void interrupt() const { send(SIGINT); }
    void send(int signal) const { ::kill(child_, signal); }
    bool running() const {
        siginfo_t info = {};
        waitid(P_PID, static_cast<id_t>(child_), &info, WEXITED | WNOHANG | WNOWAIT);
        return info.si_pid == 0;
    }
    Outcome wait() {
        int status = 0;
        waitpid(child_, &status, 0);
        child_ = -1;
        return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), io_test::read_file(folder_ / "out"),
                io_test::read_file(folder_ / "err")};
    }

private:
    Folder folder_;
    pid_t child_ = -1;
};

inline Outcome run(const std::string& program, const std::vector<std::string>& arguments,
                   const Environment& environment = {}) {
    return Process(program, arguments, environment).wait();
}

// Whether `text` is one line that begins with "error: " and holds every part; otherwise a text that says why not.
inline std::string error_problem(const std::string& text, const std::vector<std::string>& parts) {
    if (text.rfind("error: ", 0) != 0 || text.find('\n') != text.size() - 1) return "not one error line: " + text;
    for (const std::string& part : parts)
        if (text.find(part) == std::string::npos) return "lacks '" + part + "': " + text;
    return "";
}

inline void check_error(const Outcome& outcome, int code, const std::vector<std::string>& parts) {
    CHECK(outcome.code == code);
    CHECK(outcome.out == "");
    CHECK(error_problem(outcome.err, parts) == "");
}

// Every file below `folder`, by its path in it, with its bytes.
inline std::vector<std::pair<std::string, std::string>> contents(const std::string& folder) {
    std::vector<std::pair<std::string, std::string>> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
        if (entry.is_regular_file())
            files.emplace_back(std::filesystem::relative(entry.path(), folder).string(),
                               io_test::read_file(entry.path().string()));
    std::sort(files.begin(), files.end());
    return files;
}

inline bool exists(const std::string& path) { return std::filesystem::exists(path); }

}  // namespace programs_test
