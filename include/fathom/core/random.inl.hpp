// Definitions of random.hpp.
#include <cmath>

namespace fathom::inline v0 {

FATHOM_INLINE double normal(RandomStream stream, std::uint64_t index) {
    const auto bits = philox(stream.seed, stream.offset + index);
    const auto unit = [](std::uint32_t high, std::uint32_t low) {
        return (static_cast<double>((static_cast<std::uint64_t>(high) << 20) ^ (low >> 12)) + 0.5) *
               0x1p-52;  // in (0, 1)
    };
    return std::sqrt(-2 * std::log(unit(bits[0], bits[1]))) * std::cos(6.283185307179586 * unit(bits[2], bits[3]));
}

}  // namespace fathom::inline v0
