#include "fathom/core/parallel_for.hpp"

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "fathom/core/error.hpp"
#include "tests/support.hpp"

using fathom::parallel_for;
using fathom::tests::cannot_fork;

namespace {

// Sets the number of threads for a scope.
struct Threads {
    int before = fathom::threads();
    explicit Threads(int n) { fathom::set_threads(n); }
    ~Threads() { fathom::set_threads(before); }
};

// The sum of 0 to 999, in 100 chunks.
int sum_in_chunks() {
    std::atomic<int> sum{0};
    parallel_for(0, 1000, 10, [&](std::int64_t first, std::int64_t last) {
        for (; first < last; ++first) sum += static_cast<int>(first);
    });
    return sum;
}

// Whether a second thread takes one of two chunks: the first waits for it, at most ten seconds.
bool helped() {
    std::atomic<int> begun{0};
    std::atomic<bool> both{false};
    parallel_for(0, 2, 1, [&](std::int64_t, std::int64_t) {
        ++begun;
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
        while (begun < 2 && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
        if (begun == 2) both = true;
    });
    return both;
}

// What f returns in a child process; -1 when that crashes, or hangs for a minute.
template <class F>
int in_child(F f) {
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        alarm(60);
        _exit(f());
    }
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace

TEST_CASE("core/parallel_for: every index once, in chunks that depend on the grain alone") {
    for (int threads : {1, 2, 3}) {
        Threads scope(threads);
        for (std::int64_t n : {0, 1, 2, 7, 8, 9, 64, 1000}) {
            for (std::int64_t grain : {0, 1, 3, 8, 5000}) {
                std::vector<std::atomic<int>> hits(static_cast<std::size_t>(n));
                std::atomic<int> bad{0};
                parallel_for(5, 5 + n, grain, [&](std::int64_t first, std::int64_t last) {
                    const std::int64_t step = grain < 1 ? 1 : grain;
                    if ((first - 5) % step || last - first > step || (last - first < step && last != 5 + n)) ++bad;
                    for (std::int64_t i = first; i < last; ++i) ++hits[static_cast<std::size_t>(i - 5)];
                });
                CHECK(bad == 0);
                for (auto& h : hits) CHECK(h == 1);
            }
        }
    }
}

TEST_CASE("core/parallel_for: a nested one runs inline, and may be called from several threads at once") {
    Threads scope(2);
    std::atomic<int> total{0};
    const auto nested = [&] {
        parallel_for(0, 8, 1, [&](std::int64_t, std::int64_t) {
            const auto mine = std::this_thread::get_id();
            parallel_for(0, 4, 1, [&](std::int64_t, std::int64_t) {
                if (std::this_thread::get_id() == mine) ++total;
            });
        });
    };
    std::thread other(nested);
    nested();
    other.join();
    CHECK(total == 2 * 8 * 4);
}

TEST_CASE("core/parallel_for: of several exceptions the first in chunk order comes back") {
    for (int threads : {1, 2, 4}) {
        Threads scope(threads);
        for (int repeat = 0; repeat < 50; ++repeat) {
            std::string what;
            std::atomic<int> before{0};
            try {
                parallel_for(0, 100, 10, [&](std::int64_t first, std::int64_t) {
                    if (first >= 30) throw std::runtime_error(std::to_string(first));
                    ++before;
                });
            } catch (const std::runtime_error& error) {
                what = error.what();
            }
            CHECK(what == "30");
            CHECK(before == 3);
        }
        int sum = 0;  // and the executor still works
        parallel_for(0, 3, 5, [&](std::int64_t first, std::int64_t last) { sum += static_cast<int>(last - first); });
        CHECK(sum == 3);
    }
}

TEST_CASE("core/parallel_for: a child of fork computes" * doctest::skip(cannot_fork)) {
    Threads scope(3);
    CHECK(helped());
    CHECK(in_child([] { return sum_in_chunks() == 499500 ? 0 : 1; }) == 0);
    CHECK(sum_in_chunks() == 499500);
}

TEST_CASE("core/parallel_for: a child of fork has threads of its own" *
          doctest::skip(cannot_fork)) {  // on OpenMP it has none
    Threads scope(2);
    CHECK(helped());
    CHECK(in_child([] { return helped() ? 0 : 1; }) == 0);
    CHECK(in_child([] { return in_child([] { return helped() ? 0 : 1; }); }) == 0);
    CHECK(helped());
}

TEST_CASE("core/parallel_for: a child of fork computes while another thread of the parent is at work" *
          doctest::skip(cannot_fork)) {
    Threads scope(2);
    std::atomic<bool> stop{false};
    std::thread other([&] {
        while (!stop) sum_in_chunks();
    });
    for (int repeat = 0; repeat < 20; ++repeat) CHECK(in_child([] { return sum_in_chunks() == 499500 ? 0 : 1; }) == 0);
    stop = true;
    other.join();
}

TEST_CASE("core/parallel_for: settings are checked") {
    CHECK_THROWS_AS(fathom::set_threads(0), fathom::Error);
    CHECK_THROWS_AS(fathom::set_threads(-3), fathom::Error);
    CHECK(fathom::threads() >= 1);
}
