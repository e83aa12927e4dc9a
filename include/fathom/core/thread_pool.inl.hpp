// fathom's own threads, which run the chunks of parallel_for (parallel_for.inl.hpp) unless OpenMP does. A program
// beside others gets less than a processor per thread, so nobody waits for a thread to wake up: the caller works
// through the chunks itself, and at the end waits only for chunks that another thread has begun.
#pragma once

#include <pthread.h>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <new>
#include <system_error>
#include <thread>

namespace fathom::inline v0::detail::inline FATHOM_EXECUTOR {

// One or two microseconds. Without them eight regions of 50 us take half as long again on a quiet machine; longer ones
// gain nothing there, and beside other programs the one who spins may sit on the processor that the other side waits
// for.
inline constexpr int most_spins = 100;

FATHOM_INLINE void relax() {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    asm volatile("yield");
#endif
}

struct Pool {
    std::mutex mutex{};  // around all but the atomics
    std::condition_variable wake{};
    std::shared_ptr<ChunkRun> run{};  // what `wanted` more workers may join
    std::atomic<int> wanted{0};
    int workers = 0, asleep = 0;
    std::atomic<bool> taken{false};  // by a thread of the program: one run at a time

    // The caller of a parallel_for is its thread 0.
    void worker(int number) {
        Inside scope;
        for (;;) {
            for (int i = 0; i < most_spins && wanted.load(std::memory_order_relaxed) == 0; ++i) relax();
            std::unique_lock lock(mutex);
            while (wanted.load(std::memory_order_relaxed) == 0) {
                ++asleep;
                wake.wait(lock);
                --asleep;
            }
            wanted.fetch_sub(1, std::memory_order_relaxed);
            const std::shared_ptr<ChunkRun> mine = run;
            lock.unlock();
            mine->work(number);
        }
    }

    // Fewer than asked for where the system allows no more: then those that there are do it all.
    void start_workers(int count) {
        try {
            for (; workers < count; ++workers) std::thread([this, n = workers + 1] { worker(n); }).detach();
        } catch (const std::system_error&) {
        }
    }

    void offer(const std::shared_ptr<ChunkRun>& offered, int helpers) {
        int sleepers = 0;
        {
            const std::lock_guard lock(mutex);
            start_workers(helpers);
            run = offered;
            wanted.store(helpers, std::memory_order_relaxed);
            sleepers = asleep < helpers ? asleep : helpers;
        }
        for (; sleepers > 0; --sleepers) wake.notify_one();
    }

    // Who has not come by now is too late.
    void withdraw() {
        const std::lock_guard lock(mutex);
        wanted.store(0, std::memory_order_relaxed);
        run = nullptr;
    }
};

// Never destroyed: the workers may outlive static objects. A child of fork has none of its parent's threads, and the
// parent's mutex may be locked in its copy: it begins with a new pool in the place of the old one.
FATHOM_INLINE Pool& pool() {
    alignas(Pool) static unsigned char place[sizeof(Pool)];
    static const bool made = [] {
        new (place) Pool;
        pthread_atfork(nullptr, nullptr, [] { new (place) Pool; });
        return true;
    }();
    static_cast<void>(made);
    return *std::launder(reinterpret_cast<Pool*>(place));
}

FATHOM_INLINE bool in_parallel() { return inside(); }

FATHOM_INLINE void run_on_threads(const std::shared_ptr<ChunkRun>& run, int count) {
    const Inside scope;
    Pool& p = pool();
    if (p.taken.exchange(true, std::memory_order_acquire)) return run->work(0);
    p.offer(run, count - 1);
    run->work(0);
    p.withdraw();
    run->wait_for_claimed(most_spins, relax);
    p.taken.store(false, std::memory_order_release);
}

}  // namespace fathom::inline v0::detail::inline FATHOM_EXECUTOR
