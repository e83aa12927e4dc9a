// fathom's own threads, which run the chunks of parallel_for (parallel_for.inl.hpp) unless OpenMP does. A program
// beside others gets less than a processor per thread, so nobody waits for a thread to wake up: the caller works
// through the chunks itself, and at the end waits only for chunks that another thread has begun.
#pragma once

#include <pthread.h>

#include <atomic>
#include <new>

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

// Threads are POSIX's own: the standard library's headers around them take a tenth of the time of parsing fathom.hpp.
struct Pool {
    Mutex mutex;  // around all but the atomics
    pthread_cond_t wake = PTHREAD_COND_INITIALIZER;
    Ref<ChunkRun> run{};  // what `wanted` more workers may join
    std::atomic<int> wanted{0};
    int workers = 0, asleep = 0;
    std::atomic<int> begun{0};
    std::atomic<bool> taken{false};  // by a thread of the program: one run at a time

    // The caller of a parallel_for is its thread 0.
    void worker() {
        const int number = begun.fetch_add(1, std::memory_order_relaxed) + 1;
        Inside scope;
        for (;;) {
            for (int i = 0; i < most_spins && wanted.load(std::memory_order_relaxed) == 0; ++i) relax();
            join()->work(number);
        }
    }

    Ref<ChunkRun> join() {
        const Lock lock(mutex);
        while (wanted.load(std::memory_order_relaxed) == 0) {
            ++asleep;
            pthread_cond_wait(&wake, &mutex.handle);
            --asleep;
        }
        wanted.fetch_sub(1, std::memory_order_relaxed);
        return run;
    }

    static void* begin_worker(void* pool) {
        static_cast<Pool*>(pool)->worker();
        return nullptr;
    }
    // Fewer than asked for where the system allows no more: then those that there are do it all.
    void start_workers(int count) {
        for (; workers < count; ++workers) {
            pthread_t thread;
            if (pthread_create(&thread, nullptr, begin_worker, this) != 0) return;
            pthread_detach(thread);
        }
    }

    void offer(const Ref<ChunkRun>& offered, int helpers) {
        int sleepers = 0;
        {
            const Lock lock(mutex);
            start_workers(helpers);
            run = offered;
            wanted.store(helpers, std::memory_order_relaxed);
            sleepers = asleep < helpers ? asleep : helpers;
        }
        for (; sleepers > 0; --sleepers) pthread_cond_signal(&wake);
    }

    // Who has not come by now is too late.
    void withdraw() {
        const Lock lock(mutex);
        wanted.store(0, std::memory_order_relaxed);
        run = {};
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

FATHOM_INLINE void run_on_threads(const Ref<ChunkRun>& run, int count) {
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
