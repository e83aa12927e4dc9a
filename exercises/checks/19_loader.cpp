#include "exercises/checks/check.hpp"

void check() {
    using exercises::expect;
    const std::string what = "epoch of 10 items in batches of 4";
    ft::Generator generator(1), same(1);
    const auto batches = epoch(10, 4, generator);
    expect(batches.size() == 3, what, "expected 3 batches, got " + std::to_string(batches.size()),
           "Two of 4 items and one of 2.");
    std::vector<int> seen(10);
    for (std::size_t b = 0; b < 3; ++b) {
        const std::size_t size = b < 2 ? 4 : 2;
        expect(batches[b].size() == size, what,
               "batch " + std::to_string(b) + ": expected " + std::to_string(size) + " items, got " +
                   std::to_string(batches[b].size()),
               "Only the last batch may be smaller, and it is not left out.");
        for (const std::int64_t item : batches[b]) {
            expect(item >= 0 && item < 10, what, "there is an item " + std::to_string(item));
            ++seen[static_cast<std::size_t>(item)];
        }
    }
    for (std::size_t item = 0; item < seen.size(); ++item)
        expect(seen[item] == 1, what,
               "item " + std::to_string(item) + " comes " + std::to_string(seen[item]) + " times",
               "Shuffle the list of all items, then cut it into batches.");
    expect(epoch(10, 4, same) == batches, what, "a generator with the same seed gives another order",
           "All randomness comes from the generator.");
    expect(epoch(10, 4, generator) != batches, what, "the second epoch has the order of the first",
           "reserve() takes new numbers each time: are they used?");
    expect(epoch(0, 4, generator).empty(), "epoch of no items", "expected no batch");

    // Each of the six orders of three items, 4500 times if all are equally likely, give or take 61.
    std::vector<int> count(27);
    for (int n = 0; n < 27000; ++n) {
        const auto order = epoch(3, 3, generator)[0];
        ++count[static_cast<std::size_t>(9 * order[0] + 3 * order[1] + order[2])];
    }
    for (const int place : {5, 7, 11, 15, 19, 21})
        expect(std::abs(count[static_cast<std::size_t>(place)] - 4500) < 250, "27000 epochs of 3 items",
               "the order " + std::to_string(place / 9) + ", " + std::to_string(place / 3 % 3) + ", " +
                   std::to_string(place % 3) + " comes " + std::to_string(count[static_cast<std::size_t>(place)]) +
                   " times, expected about 4500",
               "Is place i exchanged with one of 0 to i, i among them?");
}
