// A generator's place as a state dict, so that a resumed run draws the numbers that the interrupted one would have.
#pragma once

#include <bit>

#include "fathom/core/random.hpp"
#include "fathom/tensor/state_values.hpp"

namespace fathom::inline v0 {

// "seed" and "offset".
inline StateDict state_dict(const Generator& generator) {
    StateDict dict;
    dict.add("seed", detail::scalar_value(std::bit_cast<std::int64_t>(generator.seed())));
    dict.add("offset", detail::scalar_value(std::bit_cast<std::int64_t>(generator.offset())));
    return dict;
}

inline void load_state_dict(Generator& generator, const StateDict& dict, Where site = Where::here()) {
    std::int64_t seed = 0, offset = 0;
    detail::read_scalar(dict.find("seed"), "seed", seed, site);
    detail::read_scalar(dict.find("offset"), "offset", offset, site);
    generator.restore(std::bit_cast<std::uint64_t>(seed), std::bit_cast<std::uint64_t>(offset));
}

}  // namespace fathom::inline v0
