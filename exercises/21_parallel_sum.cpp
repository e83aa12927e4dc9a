// 21 A sum that is the same on any number of threads
//
// (a + b) + c and a + (b + c) differ in their last bits: adding doubles rounds each time. The sum below gives each
// thread a share and adds what they found. It is right to many digits, but another number of threads makes other
// shares, and so other bits. Then no run of a training can be repeated on another machine.
//
// Make the bits depend on n alone. ft::parallel_for(0, count, 1, f) calls f(first, last) for parts of 0 to count, on
// all threads, in no order that one could rely on. number(i) is slow to compute, so more than one thread has to be at
// work.
#include "exercises/exercise.hpp"

// number(0) + ... + number(n - 1)
double parallel_sum(std::int64_t n, double (*number)(std::int64_t)) {
    const std::int64_t shares = ft::threads(), size = (n + shares - 1) / shares;  // YOUR CODE
    std::vector<double> sums(static_cast<std::size_t>(shares));
    ft::parallel_for(0, shares, 1, [&](std::int64_t first, std::int64_t last) {
        for (std::int64_t s = first; s < last; ++s)
            for (std::int64_t i = s * size; i < std::min((s + 1) * size, n); ++i)
                sums[static_cast<std::size_t>(s)] += number(i);
    });
    return std::accumulate(sums.begin(), sums.end(), 0.0);
}
