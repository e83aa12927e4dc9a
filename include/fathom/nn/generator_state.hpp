// A generator's place as a state dict, and those of all generators in a net, so that a resumed run draws the numbers
// that the interrupted one would have.
#pragma once

#include <bit>

#include "fathom/core/random.hpp"
#include "fathom/nn/module.hpp"
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

// Of all generators of a net, as "dropout.generator.seed"; empty for a net without. Its own state dict has weights
// only, so that it fits PyTorch's. Templates as named_generators() is.
template <std::same_as<StateDict> State = StateDict>
State generator_state_dict(nn::Module& net) {
    State all;
    for (const auto& [name, generator] : net.named_generators()) all.add_prefixed(name + ".", state_dict(*generator));
    return all;
}

template <std::same_as<StateDict> State = StateDict>
void load_generator_state_dict(nn::Module& net, const State& dict, Where site = Where::here()) {
    detail::List<Generator> found;  // everything is read before the first generator moves
    const auto generators = net.named_generators();
    for (const auto& [name, generator] : generators) {
        const StateDict own = dict.take_prefix(name + ".");
        if (own.empty()) fail("load_generator_state_dict", site, {"the state lacks ", name});
        load_state_dict(found.push_back(Generator(0)), own, site);
    }
    for (std::size_t i = 0; i < generators.size(); ++i) *generators[i].second = found[i];
}

}  // namespace fathom::inline v0
