// A small file system of a test's own, for what happens on a full or a read-only disk.
#pragma once

#include <doctest/doctest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <exception>
#include <string>

namespace io_test {

// Runs `f` in a child process with a tmpfs of its own at `folder`; gives back what it returned, or "SKIPPED" where
// mounting is not allowed.
template <class F>
std::string with_tmpfs(const std::string& folder, const char* options, F&& f) {
    int pipe_ends[2];
    REQUIRE(pipe(pipe_ends) == 0);
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        std::string text = "SKIPPED";
        const bool own = unshare(CLONE_NEWNS) == 0 || unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0;
        if (own && mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
            mount("tmpfs", folder.c_str(), "tmpfs", 0, options) == 0) {
            try {
                text = f();
            } catch (const std::exception& error) {
                text = error.what();
            } catch (...) {  // of doctest's REQUIRE
                text = "a requirement failed";
            }
        }
        if (write(pipe_ends[1], text.data(), text.size()) < 0) _exit(1);
        _exit(0);
    }
    close(pipe_ends[1]);
    std::string text(4096, '\0');
    const ssize_t size = read(pipe_ends[0], text.data(), text.size());
    close(pipe_ends[0]);
    waitpid(child, nullptr, 0);
    REQUIRE(size >= 0);
    text.resize(static_cast<std::size_t>(size));
    return text;
}

// Inside with_tmpfs.
inline bool make_read_only(const std::string& folder) {
    return mount("tmpfs", folder.c_str(), "tmpfs", MS_REMOUNT | MS_RDONLY, nullptr) == 0;
}

}  // namespace io_test
