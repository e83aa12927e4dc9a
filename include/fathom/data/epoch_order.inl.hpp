// Definitions of epoch_order.hpp.
#include <numeric>
#include <utility>

#include "fathom/core/config.hpp"

namespace fathom::inline v0::data {

// Fisher and Yates, from the epoch's own numbers.
FATHOM_INLINE std::vector<std::int64_t> epoch_order(std::int64_t size, bool shuffle, std::int64_t epoch,
                                                    RandomStream random) {
    std::vector<std::int64_t> order(static_cast<std::size_t>(size));
    std::iota(order.begin(), order.end(), std::int64_t{0});
    const std::uint64_t first = first_order_draw + static_cast<std::uint64_t>(epoch * size);
    for (std::int64_t i = size - 1; shuffle && i > 0; --i) {
        const double draw = uniform(random, first + static_cast<std::uint64_t>(i));
        std::swap(order[static_cast<std::size_t>(i)],
                  order[static_cast<std::size_t>(draw * static_cast<double>(i + 1))]);
    }
    return order;
}

FATHOM_INLINE EpochOrders::Order EpochOrders::get(std::int64_t epoch, RandomStream random) {
    const std::lock_guard lock(mutex_);
    if (epoch != epoch_) {
        order_ = std::make_shared<const std::vector<std::int64_t>>(epoch_order(size_, shuffle_, epoch, random));
        epoch_ = epoch;
    }
    return order_;
}

}  // namespace fathom::inline v0::data
