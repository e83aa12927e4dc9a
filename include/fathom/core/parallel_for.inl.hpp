// Definitions of parallel_for.hpp: the settings, then the two executors.
#pragma once

#include <atomic>
#include <cstdlib>
#include <exception>

#include "fathom/core/error.hpp"
#include "fathom/core/runtime.hpp"
#ifdef FATHOM_OPENMP
#include <omp.h>
#else
#include <condition_variable>
#include <mutex>
#include <thread>
#endif
#ifdef __linux__
#include <sched.h>
#else
#include <thread>
#endif

namespace fathom::inline v0 {

namespace detail {

inline constexpr int most_threads = 1024;

// The positive number at the start of an environment variable, 0 when it is unset or empty. OMP_NUM_THREADS may be a
// list, one per nesting level: `list` takes the first.
FATHOM_INLINE int threads_from_environment(const char* name, bool list) {
    const char* text = std::getenv(name);
    if (!text || !*text) return 0;
    char* rest = nullptr;
    const long n = std::strtol(text, &rest, 10);
    if (rest == text || n < 1 || n > most_threads || (*rest && !(list && *rest == ',')))
        fail(name, {}, {"expected a number of threads from 1 to ", most_threads, ", got \"", text, "\""});
    return static_cast<int>(n);
}

FATHOM_INLINE int available_processors() {
#ifdef __linux__
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == 0) return CPU_COUNT(&set);
    return 1;
#else
    const unsigned n = std::thread::hardware_concurrency();
    return n ? static_cast<int>(n) : 1;
#endif
}

}  // namespace detail

FATHOM_INLINE int threads() {
    int n = detail::runtime.threads.load(std::memory_order_relaxed);
    if (n) return n;
    n = detail::threads_from_environment("FATHOM_THREADS", false);
    if (!n) n = detail::threads_from_environment("OMP_NUM_THREADS", true);
    if (!n) n = detail::available_processors();
    detail::runtime.threads.store(n, std::memory_order_relaxed);
    return n;
}

FATHOM_INLINE void set_threads(int n) {
    if (n < 1 || n > detail::most_threads)
        fail("set_threads", {}, {"expected 1 to ", detail::most_threads, " threads, got ", n});
    detail::runtime.threads.store(n, std::memory_order_relaxed);
}

namespace detail::inline FATHOM_EXECUTOR {

// What the threads of one parallel_for share. Chunks are claimed in ascending order and the claiming stops at the first
// exception: every chunk before a failed one has been claimed and will finish, so the failure kept is the first in
// chunk order, whatever the timing.
struct ChunkRun {
    std::int64_t begin, end, grain;
    void (*f)(void*, std::int64_t, std::int64_t);
    void* context;
    std::int64_t chunks;
    std::atomic<std::int64_t> next{0};
    std::atomic<bool> failed{false};
    std::atomic_flag lock{};  // around the two below
    std::int64_t failed_chunk = -1;
    std::exception_ptr exception{};

    void work() noexcept {
        while (!failed.load(std::memory_order_relaxed)) {
            const std::int64_t chunk = next.fetch_add(1, std::memory_order_relaxed);
            if (chunk >= chunks) return;
            const std::int64_t first = begin + chunk * grain, last = end - first < grain ? end : first + grain;
            try {
                f(context, first, last);
            } catch (...) {
                while (lock.test_and_set(std::memory_order_acquire)) {
                }
                if (failed_chunk < 0 || chunk < failed_chunk)
                    failed_chunk = chunk, exception = std::current_exception();
                lock.clear(std::memory_order_release);
                failed.store(true, std::memory_order_relaxed);
            }
        }
    }
};

// One per thread, shared by every unit that uses this executor.
FATHOM_INLINE bool& inside() {
    static constinit thread_local bool value = false;
    return value;
}

struct Inside {
    bool before = inside();
    Inside() { inside() = true; }
    ~Inside() { inside() = before; }
    Inside(const Inside&) = delete;
    Inside& operator=(const Inside&) = delete;
};

#ifdef FATHOM_OPENMP

FATHOM_INLINE bool in_parallel() { return inside() || omp_in_parallel(); }

FATHOM_INLINE void run_on_threads(ChunkRun& run, int count) {
#pragma omp parallel num_threads(count)
    {
        Inside scope;
        run.work();
    }
}

#else

FATHOM_INLINE bool in_parallel() { return inside(); }

// Threads that sleep until there is a run to help with. Never destroyed: they may outlive static objects.
struct Pool {
    std::mutex mutex{};
    std::condition_variable wake{}, idle{};
    ChunkRun* run = nullptr;  // what `wanted` more workers may join
    int wanted = 0, running = 0, workers = 0;
    std::mutex one_run{};

    void worker() {
        Inside scope;
        std::unique_lock lock(mutex);
        for (;;) {
            wake.wait(lock, [&] { return wanted > 0; });
            --wanted, ++running;
            ChunkRun* mine = run;
            lock.unlock();
            mine->work();
            lock.lock();
            if (--running == 0) idle.notify_one();
        }
    }
};

FATHOM_INLINE Pool& pool() {
    static Pool* p = new Pool;
    return *p;
}

FATHOM_INLINE void run_on_threads(ChunkRun& run, int count) {
    Inside scope;
    Pool& p = pool();
    std::unique_lock exclusive(p.one_run, std::try_to_lock);
    if (!exclusive) return run.work();  // another thread of the program has the pool
    {
        std::unique_lock lock(p.mutex);
        for (; p.workers < count - 1; ++p.workers) std::thread([&p] { p.worker(); }).detach();
        p.run = &run, p.wanted = count - 1;
    }
    p.wake.notify_all();
    run.work();
    std::unique_lock lock(p.mutex);
    p.wanted = 0;  // who has not come by now is too late
    p.idle.wait(lock, [&] { return p.running == 0; });
}

#endif

FATHOM_INLINE void run_chunks(std::int64_t begin, std::int64_t end, std::int64_t grain,
                              void (*f)(void*, std::int64_t, std::int64_t), void* context) {
    ChunkRun run{begin, end, grain, f, context, (end - begin - 1) / grain + 1};
    const std::int64_t count = run.chunks < threads() ? run.chunks : threads();
    if (count <= 1 || in_parallel()) {
        for (std::int64_t first = begin; first < end; first += grain)
            f(context, first, end - first < grain ? end : first + grain);
        return;
    }
    run_on_threads(run, static_cast<int>(count));
    if (run.exception) std::rethrow_exception(run.exception);
}

}  // namespace detail::inline FATHOM_EXECUTOR
}  // namespace fathom::inline v0
