// Orders and places, against what the standard algorithms give.
#include <algorithm>
#include <numeric>
#include <vector>

#include "fathom/core/order.hpp"
#include "fathom/core/random.hpp"
#include "tests/support.hpp"

using fathom::detail::first_not;
using fathom::detail::sorted_order;

TEST_CASE("core/order: places in the order of what stands there, equals as they come") {
    fathom::Generator gen(5);
    for (const std::size_t count : {0u, 1u, 2u, 3u, 7u, 8u, 9u, 100u}) {
        const auto stream = gen.reserve(count);
        std::vector<int> values(count);
        for (std::size_t i = 0; i < count; ++i) values[i] = static_cast<int>(10 * fathom::uniform(stream, i));
        std::vector<std::size_t> expected(count);
        std::iota(expected.begin(), expected.end(), std::size_t{0});
        std::stable_sort(expected.begin(), expected.end(),
                         [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
        const auto order = sorted_order(count, [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
        CHECK(std::equal(order.begin(), order.end(), expected.begin(), expected.end()));
    }
}

TEST_CASE("core/order: the first place behind those that are before a value") {
    const std::vector<int> values = {1, 3, 3, 3, 8};
    for (int value = 0; value < 10; ++value) {
        const auto lower = std::lower_bound(values.begin(), values.end(), value),
                   upper = std::upper_bound(values.begin(), values.end(), value);
        CHECK(first_not(values.size(), [&](std::size_t i) { return values[i] < value; }) ==
              static_cast<std::size_t>(lower - values.begin()));
        CHECK(first_not(values.size(), [&](std::size_t i) { return values[i] <= value; }) ==
              static_cast<std::size_t>(upper - values.begin()));
    }
    CHECK(first_not(0, [](std::size_t) { return true; }) == 0);
}
