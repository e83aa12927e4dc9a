// In which order the samples of an epoch are taken: a new random one each time, from numbers that a loader reserved at
// its beginning, so that an epoch's order depends on nothing else. Used by data_loader.hpp and pair_loader.hpp.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "fathom/core/random.hpp"

namespace fathom::inline v0::data {

// What a loader reserves of a generator: the first half is for what is drawn for samples, orders take from the second.
inline constexpr std::uint64_t reserved_draws = std::uint64_t{1} << 48, first_order_draw = reserved_draws / 2;

// The order of epoch number `epoch`, or 0, 1, 2, ... without `shuffle`.
std::vector<std::int64_t> epoch_order(std::int64_t size, bool shuffle, std::int64_t epoch, RandomStream random);

// Keeps the last order asked for, of use to the other batches of its epoch. For several threads.
class EpochOrders {
public:
    using Order = std::shared_ptr<const std::vector<std::int64_t>>;

    EpochOrders(std::int64_t size, bool shuffle) : size_(size), shuffle_(shuffle) {}

    Order get(std::int64_t epoch, RandomStream random);
    // Of another stream than before.
    void forget() { epoch_ = -1; }

private:
    std::int64_t size_;
    bool shuffle_;
    std::mutex mutex_;
    std::int64_t epoch_ = -1;
    Order order_;
};

}  // namespace fathom::inline v0::data

#ifndef FATHOM_COMPILED
#include "fathom/data/epoch_order.inl.hpp"
#endif
