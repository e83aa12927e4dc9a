// Definitions of tensor_dataset.hpp.
#include <cmath>

#include "fathom/data/epoch_order.hpp"

namespace fathom::inline v0::data {

FATHOM_INLINE std::vector<std::vector<std::int64_t>> random_shares(std::int64_t size,
                                                                   const std::vector<double>& lengths,
                                                                   Generator& generator, Where site) {
    constexpr const char* name = "random_split";
    double sum = 0;
    for (const double length : lengths) {
        if (!(length >= 0)) fail(name, site, {"a length of ", length, ", expected at least 0"});
        sum += length;
    }
    std::vector<std::int64_t> counts;
    std::int64_t left = size;
    if (std::abs(sum - 1) < 1e-9 && !(size == 1 && lengths[0] == std::floor(lengths[0]))) {
        for (const double length : lengths) {
            counts.push_back(static_cast<std::int64_t>(std::floor(length * static_cast<double>(size))));
            left -= counts.back();
        }
        for (std::size_t i = 0; left > 0; i = (i + 1) % counts.size(), --left) ++counts[i];
    } else {
        for (const double length : lengths) {
            if (length != std::floor(length) || sum != static_cast<double>(size))
                fail(name, site,
                     {"lengths that sum up to ", sum, ", expected counts that sum up to the ", size,
                      " samples, or parts that sum up to 1"});
            counts.push_back(static_cast<std::int64_t>(length));
        }
    }
    const std::vector<std::int64_t> order = epoch_order(size, true, 0, generator.reserve(reserved_draws));
    std::vector<std::vector<std::int64_t>> shares;
    auto next = order.begin();
    for (const std::int64_t count : counts) {
        shares.emplace_back(next, next + count);
        next += count;
    }
    return shares;
}

}  // namespace fathom::inline v0::data
