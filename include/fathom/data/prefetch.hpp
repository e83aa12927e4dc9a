// Makes item 0, 1, 2, ... on threads of its own, ahead of the caller, who takes them in that order. Used by
// data_loader.hpp and pair_loader.hpp.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "fathom/core/config.hpp"

namespace fathom::inline v0::data {

// make(i) must depend on i alone, so that neither the number of threads nor their order matters. At most `depth` items
// exist, or are being made, besides those that were taken. Without threads make runs inside next().
template <class T>
class Prefetcher {
public:
    Prefetcher(int threads, std::int64_t depth, std::function<T(std::int64_t)> make)
        : make_(std::move(make)), slots_(static_cast<std::size_t>(threads > 0 ? depth : 0)) {
        try {
            // More threads than slots would only wait.
            for (std::int64_t i = 0; i < threads && i < depth; ++i) threads_.emplace_back([this] { work(); });
        } catch (...) {
            stop();
            throw;
        }
    }
    Prefetcher(const Prefetcher&) = delete;
    Prefetcher& operator=(const Prefetcher&) = delete;
    // Waits for the calls of make that are running.
    ~Prefetcher() { stop(); }

    // What make threw for an item is thrown where the item would have come; the next call goes on behind it.
    T next() {
        if (threads_.empty()) return make_(taken_++);
        std::unique_lock lock(mutex_);
        Slot& slot = slots_[index(taken_)];
        made_.wait(lock, [&] { return slot.item || slot.error; });
        Slot result = std::exchange(slot, {});
        ++taken_;
        lock.unlock();
        free_.notify_one();
        if (result.error) std::rethrow_exception(result.error);
        return std::move(*result.item);
    }

private:
    struct Slot {
        std::optional<T> item;
        std::exception_ptr error;
    };

    std::size_t index(std::int64_t number) const { return static_cast<std::size_t>(number) % slots_.size(); }

    void work() {
        std::unique_lock lock(mutex_);
        while (true) {
            free_.wait(lock, [&] { return stopped_ || begun_ - taken_ < static_cast<std::int64_t>(slots_.size()); });
            if (stopped_) return;
            const std::int64_t number = begun_++;
            lock.unlock();
            Slot slot;
            try {
                slot.item = make_(number);
            } catch (...) {
                slot.error = std::current_exception();
            }
            lock.lock();
            slots_[index(number)] = std::move(slot);
            made_.notify_one();
        }
    }

    void stop() {
        {
            const std::lock_guard lock(mutex_);
            stopped_ = true;
        }
        free_.notify_all();
        for (std::thread& thread : threads_) thread.join();
    }

    std::function<T(std::int64_t)> make_;
    std::mutex mutex_;
    std::condition_variable made_, free_;
    std::vector<Slot> slots_;  // item i in slot i modulo their number
    std::int64_t begun_ = 0, taken_ = 0;
    bool stopped_ = false;
    std::vector<std::thread> threads_;
};

}  // namespace fathom::inline v0::data
