// A solution of 21_parallel_sum: shares of a fixed size, added in their order.
#include "exercises/exercise.hpp"

// number(0) + ... + number(n - 1)
double parallel_sum(std::int64_t n, double (*number)(std::int64_t)) {
    const std::int64_t size = 256, shares = (n + size - 1) / size;
    std::vector<double> sums(static_cast<std::size_t>(shares));
    ft::parallel_for(0, shares, 1, [&](std::int64_t first, std::int64_t last) {
        for (std::int64_t s = first; s < last; ++s)
            for (std::int64_t i = s * size; i < std::min((s + 1) * size, n); ++i)
                sums[static_cast<std::size_t>(s)] += number(i);
    });
    return std::accumulate(sums.begin(), sums.end(), 0.0);
}
