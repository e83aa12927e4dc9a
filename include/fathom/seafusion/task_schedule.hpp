// Tasks of several steps in one parallel_for, where a loop for each step would stop all threads at its end. Tasks are
// claimed in their order, so what a task waits for is being done by a thread that has claimed it before: nobody waits
// for a thread to wake up.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

#include "fathom/core/parallel_for.hpp"

namespace fathom::inline v0::seafusion::detail {

class TaskSchedule {
public:
    // A step, all of which waits for all before. With by_rows task i needs tasks i - 1 to i + 1 of the step before
    // alone, and what those needed is not changed before them: such steps take turns, so that what one of them makes
    // is still in the cache when the next reads it.
    void add(std::int64_t tasks, bool by_rows) {
        if (!by_rows) blocks_.push_back({static_cast<int>(steps_.size()), static_cast<std::int64_t>(order_.size())});
        steps_.push_back({tasks, tasks_, static_cast<int>(blocks_.size()) - 1, by_rows});
        tasks_ += tasks;
        order_.resize(static_cast<std::size_t>(blocks_.back().first_task));
        const int first = blocks_.back().first_step, count = static_cast<int>(steps_.size()) - first;
        for (std::int64_t turn = 0; turn < tasks + lag * (count - 1); ++turn)
            for (int k = 0; k < count; ++k) {
                const std::int64_t i = count == 1 ? turn : turn - lag * k;
                if (i >= 0 && i < steps_[static_cast<std::size_t>(first + k)].tasks) order_.push_back({first + k, i});
            }
    }

    // f(step, task).
    template <class F>
    void run(F f) {
        std::vector<std::atomic<bool>> done(static_cast<std::size_t>(tasks_));
        std::vector<std::atomic<std::int64_t>> blocks_done(blocks_.size());
        std::atomic<std::size_t> next{0};  // parallel_for has another order
        parallel_for(0, tasks_, 1, [&](std::int64_t, std::int64_t) {
            const auto [index, i] = order_[next.fetch_add(1, std::memory_order_relaxed)];
            const Step& step = steps_[static_cast<std::size_t>(index)];
            const auto block = static_cast<std::size_t>(step.block);
            struct Done {  // after an exception too
                std::atomic<bool>& task;
                std::atomic<std::int64_t>& block;
                ~Done() {
                    task.store(true, std::memory_order_release);
                    block.fetch_add(1, std::memory_order_release);
                }
            } const mark{done[static_cast<std::size_t>(step.first_task + i)], blocks_done[block]};
            if (step.by_rows) {
                const Step& before = steps_[static_cast<std::size_t>(index - 1)];
                for (std::int64_t k = std::max<std::int64_t>(0, i - 1); k < std::min(before.tasks, i + 2); ++k)
                    wait([&] {
                        return done[static_cast<std::size_t>(before.first_task + k)].load(std::memory_order_acquire);
                    });
            } else if (block > 0) {
                const std::int64_t all = blocks_[block].first_task - blocks_[block - 1].first_task;
                wait([&] { return blocks_done[block - 1].load(std::memory_order_acquire) == all; });
            }
            f(index, i);
        });
    }

private:
    // Tasks between one and those of the next step that need it, for the time that another thread takes for it.
    static constexpr std::int64_t lag = 2;

    struct Step {
        std::int64_t tasks, first_task;
        int block;
        bool by_rows;
    };
    struct Block {
        int first_step;
        std::int64_t first_task;
    };
    struct Task {
        int step;
        std::int64_t index;
    };

    template <class F>
    static void wait(F is_done) {
        constexpr int spins = 4000;  // longer than most tasks that are waited for
        for (int i = 0; !is_done(); ++i)
            if (i >= spins) std::this_thread::yield();
    }

    std::vector<Step> steps_;
    std::vector<Block> blocks_;
    std::vector<Task> order_;
    std::int64_t tasks_ = 0;
};

}  // namespace fathom::inline v0::seafusion::detail
