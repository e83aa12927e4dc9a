#include "exercises/checks/check.hpp"

std::atomic<int> numbers_in_parallel;

double slow_number(std::int64_t i) {
    if (ft::detail::in_parallel()) ++numbers_in_parallel;
    return std::sin(static_cast<double>(i)) / static_cast<double>(1 + i % 7);
}

void check() {
    constexpr std::int64_t n = 10000;
    double expected = 0, one_thread = 0;
    for (std::int64_t i = 0; i < n; ++i) expected += slow_number(i);
    const int before = ft::threads();
    std::string wrong, why;
    for (const int threads : {1, 2, 3, 4, 7}) {
        ft::set_threads(threads);
        numbers_in_parallel = 0;
        const double sum = parallel_sum(n, slow_number);
        const std::string with = "after set_threads(" + std::to_string(threads) + "): ";
        if (threads == 1) one_thread = sum;
        if (!exercises::close(sum, expected, 1e-9))
            wrong = with + exercises::differs(sum, expected), why = "Is each number added once?";
        else if (threads > 1 && numbers_in_parallel < n)
            wrong = with + std::to_string(n - numbers_in_parallel) + " of them are not computed inside parallel_for",
            why = "One thread does that work while the others wait.";
        else if (sum != one_thread)
            wrong = with + "the sum is " + ft::to_string(std::fabs(sum - one_thread)) + " away from that on one thread",
            why = "How many shares are there, and who adds them in which order?";
        if (!wrong.empty()) break;
    }
    ft::set_threads(before);
    exercises::expect(wrong.empty(), "parallel_sum of 10000 numbers", wrong, why);
    exercises::expect_number(parallel_sum(0, slow_number), 0, "parallel_sum of no numbers");
}
