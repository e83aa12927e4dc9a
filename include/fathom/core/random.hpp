// Counter-based random numbers: Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011).
// An element's number depends on the seed and its index alone, so results are the same for any number of threads.
#pragma once

#include <array>
#include <cstdint>
#include <type_traits>

namespace fathom::inline v0 {

// A reserved range of numbers: element i of it is philox(seed, offset + i).
struct RandomStream {
    std::uint64_t seed = 0;
    std::uint64_t offset = 0;
};

namespace detail {
// Sees the reservations of this thread. True where it gives `stream` other numbers, which the generator does not lose.
using Reserver = bool (*)(void* state, RandomStream& stream, std::uint64_t n);
struct ReserverSlot {
    Reserver reserver = nullptr;
    void* state = nullptr;
};
inline ReserverSlot& reserver_slot() {
    thread_local constinit ReserverSlot slot;
    return slot;
}
inline bool ask_reserver(RandomStream& stream, std::uint64_t n) {
    const ReserverSlot& slot = reserver_slot();
    return slot.reserver && slot.reserver(slot.state, stream, n);
}
}  // namespace detail

// Passed explicitly to whatever draws numbers. A copy continues from the same place.
class Generator {
public:
    explicit constexpr Generator(std::uint64_t seed) : seed_(seed) {}

    // Takes the next n numbers for the caller.
    constexpr RandomStream reserve(std::uint64_t n) {
        RandomStream stream{seed_, offset_};
        if (!std::is_constant_evaluated() && detail::ask_reserver(stream, n)) return stream;
        offset_ += n;
        return stream;
    }
    constexpr std::uint64_t seed() const { return seed_; }
    constexpr std::uint64_t offset() const { return offset_; }
    // Continues where a saved generator stood.
    constexpr void restore(std::uint64_t seed, std::uint64_t offset) { seed_ = seed, offset_ = offset; }

private:
    std::uint64_t seed_;
    std::uint64_t offset_ = 0;
};

// 128 random bits for one counter value.
constexpr std::array<std::uint32_t, 4> philox(std::uint64_t seed, std::uint64_t counter) {
    std::uint32_t c[4] = {static_cast<std::uint32_t>(counter), static_cast<std::uint32_t>(counter >> 32), 0, 0};
    std::uint32_t key[2] = {static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)};
    for (int round = 0; round < 10; ++round) {
        const std::uint64_t p0 = std::uint64_t{0xD2511F53} * c[0], p1 = std::uint64_t{0xCD9E8D57} * c[2];
        const std::uint32_t next[4] = {
            static_cast<std::uint32_t>(p1 >> 32) ^ c[1] ^ key[0], static_cast<std::uint32_t>(p1),
            static_cast<std::uint32_t>(p0 >> 32) ^ c[3] ^ key[1], static_cast<std::uint32_t>(p0)};
        for (int i = 0; i < 4; ++i) c[i] = next[i];
        key[0] += 0x9E3779B9;
        key[1] += 0xBB67AE85;
    }
    return {c[0], c[1], c[2], c[3]};
}

// Uniform in [0, 1): 53 bits of one counter value.
constexpr double uniform(RandomStream stream, std::uint64_t index) {
    const auto bits = philox(stream.seed, stream.offset + index);
    const std::uint64_t mantissa = (static_cast<std::uint64_t>(bits[0]) << 21) ^ (bits[1] >> 11);
    return static_cast<double>(mantissa & ((std::uint64_t{1} << 53) - 1)) * 0x1p-53;
}

// Standard normal by Box and Muller. Defined in random.inl.hpp, which alone needs <cmath>.
double normal(RandomStream stream, std::uint64_t index);

}  // namespace fathom::inline v0

#include "fathom/core/config.hpp"
#ifndef FATHOM_COMPILED
#include "fathom/core/random.inl.hpp"
#endif
