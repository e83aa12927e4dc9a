// A solution of 19_loader.
#include "exercises/exercise.hpp"

std::vector<std::vector<std::int64_t>> epoch(std::int64_t items, std::int64_t batch_size, ft::Generator& generator) {
    const ft::RandomStream numbers = generator.reserve(static_cast<std::uint64_t>(items));
    std::vector<std::int64_t> order(static_cast<std::size_t>(items));
    std::iota(order.begin(), order.end(), std::int64_t{0});
    for (std::size_t i = order.size(); i-- > 0;)
        std::swap(order[i], order[static_cast<std::size_t>(ft::uniform(numbers, i) * static_cast<double>(i + 1))]);
    std::vector<std::vector<std::int64_t>> batches;
    for (std::int64_t i = 0; i < items; ++i) {
        if (i % batch_size == 0) batches.emplace_back();
        batches.back().push_back(order[static_cast<std::size_t>(i)]);
    }
    return batches;
}
