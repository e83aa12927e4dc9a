#include "fathom/io/run_lock.hpp"

#include <sys/wait.h>

#include <csignal>

#include "tests/io/support.hpp"

using fathom::io::RunLock;
using io_test::error_of;
using io_test::Folder;

namespace {

// A process that holds the folder's lock until it is killed.
pid_t start_holder(const std::string& folder) {
    int ready[2];
    REQUIRE(pipe(ready) == 0);
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        try {
            const RunLock lock(folder);
            if (write(ready[1], "x", 1) == 1) pause();
        } catch (...) {
        }
        _exit(1);
    }
    close(ready[1]);
    char byte = 0;
    const ssize_t size = ::read(ready[0], &byte, 1);
    close(ready[0]);
    REQUIRE(size == 1);
    return child;
}

}  // namespace

TEST_CASE("io/run_lock: a second process is told who holds the folder; killing that one frees it") {
    const Folder folder;
    const pid_t holder = start_holder(folder.path);
    const std::string text = error_of([&] { RunLock lock(folder.path); });
    kill(holder, SIGKILL);
    waitpid(holder, nullptr, 0);
    CHECK(text == folder.path + ": in use by process " + std::to_string(holder));
    CHECK(error_of([&] { RunLock lock(folder.path); }) == "no error");
    CHECK(folder.names() == std::vector<std::string>{"run.lock"});
}

TEST_CASE("io/run_lock: one at a time within a process too, and free again after the scope") {
    const Folder folder;
    {
        const RunLock lock(folder.path);
        CHECK(error_of([&] { RunLock second(folder.path); }) ==
              folder.path + ": in use by process " + std::to_string(getpid()));
        const Folder other;
        CHECK(error_of([&] { RunLock second(other.path); }) == "no error");
    }
    const RunLock again(folder.path);
    CHECK(io_test::read_file(folder / "run.lock") == std::to_string(getpid()) + "\n");
}

TEST_CASE("io/run_lock: a holder without a number, and a folder that is not there") {
    const Folder folder;
    {
        const RunLock lock(folder.path);
        REQUIRE(truncate((folder / "run.lock").c_str(), 0) == 0);
        CHECK(error_of([&] { RunLock second(folder.path); }) == folder.path + ": in use by another process");
    }
    CHECK(error_of([&] { RunLock lock(folder / "none"); }) ==
          (folder / "none/run.lock") + ": cannot create, No such file or directory");
}
