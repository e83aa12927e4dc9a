// Definitions of parallel_for.hpp: the settings, then what the threads of one parallel_for share, then OpenMP's
// threads. fathom's own: thread_pool.inl.hpp.
#pragma once

#include <atomic>
#include <cstdlib>
#include <exception>
#include <utility>

#include "fathom/core/error.hpp"
#include "fathom/core/flush_denormal.hpp"
#include "fathom/core/lock.hpp"
#include "fathom/core/refcount.hpp"
#include "fathom/core/runtime.hpp"
#ifdef FATHOM_OPENMP
#include <omp.h>
#include <pthread.h>
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

// What the threads of one parallel_for share, and keep as long as one of them may look at it. Half of the threads claim
// chunks from the front, the others from the end: the rows that a thread writes in one loop are those that it reads in
// the next, out of its own cache. After an exception later chunks are skipped and earlier ones still run, so the
// failure kept is the first in chunk order, whatever the timing.
struct ChunkRun final : Refcounted {
    using Function = void (*)(void* context, std::int64_t first, std::int64_t last);

    std::int64_t begin, end, grain;
    Function f;
    void* context;
    std::int64_t chunks;
    bool flush = flushes_denormal();       // as the caller has it
    std::atomic<std::int64_t> claimed{0};  // above `chunks` when all are
    std::atomic<std::int64_t> from_front{0}, from_end{0}, finished{0};
    std::atomic<std::int64_t> failed_chunk;  // `chunks`: none
    std::atomic_flag lock{};                 // around the one below and changes of the one above
    std::exception_ptr exception{};

    ChunkRun(std::int64_t first, std::int64_t last, std::int64_t step, Function function, void* argument,
             std::int64_t number)
        : begin(first), end(last), grain(step), f(function), context(argument), chunks(number), failed_chunk(number) {}

    // The thread with number `self`, 0 for the caller.
    void work(int self) noexcept {
        const FlushDenormalScope scope(flush);
        while (claimed.fetch_add(1, std::memory_order_relaxed) < chunks) {
            const std::int64_t chunk = self % 2 == 0 ? from_front.fetch_add(1, std::memory_order_relaxed)
                                                     : chunks - 1 - from_end.fetch_add(1, std::memory_order_relaxed);
            if (chunk < failed_chunk.load(std::memory_order_relaxed)) run(chunk);
            finished.fetch_add(1);  // before notify_one looks for who waits
            finished.notify_one();
        }
    }

    void run(std::int64_t chunk) noexcept {
        const std::int64_t first = begin + chunk * grain, last = end - first < grain ? end : first + grain;
        try {
            f(context, first, last);
        } catch (...) {
            while (lock.test_and_set(std::memory_order_acquire)) {
            }
            if (chunk < failed_chunk.load(std::memory_order_relaxed)) {
                failed_chunk.store(chunk, std::memory_order_relaxed);
                exception = std::current_exception();
            }
            lock.clear(std::memory_order_release);
        }
    }

    // After work(): ends the claiming and returns when every claimed chunk is done.
    void wait_for_claimed(int spins, void (*relax)()) {
        const std::int64_t tried = claimed.exchange(chunks, std::memory_order_relaxed);
        const std::int64_t all = tried < chunks ? tried : chunks;
        std::int64_t done = finished.load(std::memory_order_acquire);
        for (; done != all && spins > 0; --spins) relax(), done = finished.load(std::memory_order_acquire);
        for (; done != all; done = finished.load(std::memory_order_acquire)) finished.wait(done);
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

}  // namespace detail::inline FATHOM_EXECUTOR
}  // namespace fathom::inline v0

#ifndef FATHOM_OPENMP
#include "fathom/core/thread_pool.inl.hpp"
#endif

namespace fathom::inline v0::detail::inline FATHOM_EXECUTOR {

#ifdef FATHOM_OPENMP

// In a child of fork, libgomp would wait for threads that only the parent has.
FATHOM_INLINE bool& forked() {
    static constinit bool value = false;
    return value;
}

FATHOM_INLINE bool in_parallel() { return inside() || forked() || omp_in_parallel(); }

FATHOM_INLINE void run_on_threads(const Ref<ChunkRun>& run, int count) {
    static const int registered = pthread_atfork(nullptr, nullptr, [] { forked() = true; });
    static_cast<void>(registered);
#pragma omp parallel num_threads(count)
    {
        const Inside scope;
        run->work(omp_get_thread_num());
    }
}

#endif

FATHOM_INLINE void run_chunks(std::int64_t begin, std::int64_t end, std::int64_t grain,
                              void (*f)(void*, std::int64_t, std::int64_t), void* context) {
    const std::int64_t chunks = (end - begin - 1) / grain + 1;
    const std::int64_t count = chunks < threads() ? chunks : threads();
    if (count <= 1 || in_parallel()) {
        for (std::int64_t first = begin; first < end; first += grain)
            f(context, first, end - first < grain ? end : first + grain);
        return;
    }
    const Ref<ChunkRun> run(new ChunkRun(begin, end, grain, f, context, chunks));
    run_on_threads(run, static_cast<int>(count));
    // Out of what is shared: a thread that leaves late must not be the one that destroys it.
    if (run->exception) std::rethrow_exception(std::exchange(run->exception, nullptr));
}

}  // namespace fathom::inline v0::detail::inline FATHOM_EXECUTOR
