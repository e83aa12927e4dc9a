// Tasks of several steps: each after what it needs, on any number of threads, exceptions too.
#include "fathom/seafusion/task_schedule.hpp"

#include <atomic>
#include <stdexcept>
#include <vector>

#include "tests/kernels/for_each_isa.hpp"

using fathom::seafusion::detail::TaskSchedule;
using fathom::tests::Threads;

namespace {

struct Step {
    std::int64_t tasks;
    bool by_rows;
};
const std::vector<Step> steps = {{3, false}, {7, false}, {7, true}, {7, true}, {1, false}, {5, false}, {5, true}};

TaskSchedule schedule() {
    TaskSchedule s;
    for (const Step& step : steps) s.add(step.tasks, step.by_rows);
    return s;
}

}  // namespace

TEST_CASE("seafusion/task_schedule: every task once, after those that it needs") {
    for (const int threads : {1, 2, 5}) {
        const Threads set(threads);
        TaskSchedule s = schedule();
        for (int round = 0; round < 50; ++round) {
            std::vector<std::vector<std::atomic<int>>> done;
            for (const Step& step : steps) done.emplace_back(static_cast<std::size_t>(step.tasks));
            std::atomic<int> wrong = 0;
            s.run([&](int index, std::int64_t task) {
                const auto i = static_cast<std::size_t>(index), t = static_cast<std::size_t>(task);
                if (steps[i].by_rows) {
                    for (std::size_t k = t > 0 ? t - 1 : 0; k < std::min(t + 2, done[i - 1].size()); ++k)
                        wrong += done[i - 1][k] != 1;
                } else {
                    for (std::size_t before = 0; before < i; ++before)
                        for (const std::atomic<int>& d : done[before]) wrong += d != 1;
                }
                ++done[i][t];
            });
            for (const auto& step : done)
                for (const std::atomic<int>& d : step) wrong += d != 1;
            CHECK(wrong == 0);
        }
    }
}

TEST_CASE("seafusion/task_schedule: an exception comes back, and nobody waits for what it left out") {
    for (const int threads : {1, 2, 5}) {
        const Threads set(threads);
        TaskSchedule s = schedule();
        for (int round = 0; round < 20; ++round)
            CHECK_THROWS_AS(s.run([](int index, std::int64_t task) {
                if (index == 2 && task == 4) throw std::runtime_error("here");
            }),
                            std::runtime_error);
    }
}
