// 19 A data loader that shows each item once
//
// Training goes through the data in epochs: every item once, in an order that is new each time, in batches. Below,
// each batch draws its items at random. That is not it: some come twice, some never.
//
// A fair shuffle (Fisher and Yates) goes from the last place to the first, and exchanges place i with one that is drawn
// from 0 to i, itself among them. Any other way of drawing makes some orders more likely than others.
//
// Give the batches of one epoch: each item from 0 to items - 1 once, batches of batch_size, the last one with what is
// left. The order follows from the generator alone.
#include "exercises/exercise.hpp"

std::vector<std::vector<std::int64_t>> epoch(std::int64_t items, std::int64_t batch_size, ft::Generator& generator) {
    // As many numbers as there are items: ft::uniform(numbers, i) is the i-th, at least 0 and below 1.
    const ft::RandomStream numbers = generator.reserve(static_cast<std::uint64_t>(items));
    std::vector<std::vector<std::int64_t>> batches;
    for (std::int64_t i = 0; i < items; ++i) {
        if (i % batch_size == 0) batches.emplace_back();
        const double number = ft::uniform(numbers, static_cast<std::uint64_t>(i));
        batches.back().push_back(static_cast<std::int64_t>(number * static_cast<double>(items)));  // YOUR CODE
    }
    return batches;
}
