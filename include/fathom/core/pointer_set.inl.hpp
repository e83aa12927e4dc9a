// Definitions of pointer_set.hpp.

namespace fathom::inline v0::detail {

// Where the address stands, or the free slot where it belongs.
FATHOM_INLINE std::size_t PointerSet::slot_of(std::uintptr_t address) const {
    // Fibonacci hashing: the low bits of addresses are all alike, the product's high ones are not.
    std::size_t slot = static_cast<std::size_t>((std::uint64_t{address} * 0x9e3779b97f4a7c15u) >> 32);
    for (;; ++slot) {
        slot &= slots_.size() - 1;
        if (slots_[slot] == 0 || slots_[slot] == address) return slot;
    }
}

FATHOM_INLINE bool PointerSet::insert(const void* object) {
    if (2 * count_ >= slots_.size()) {
        List<std::uintptr_t> before = std::move(slots_);
        slots_ = {};
        slots_.resize(before.empty() ? 64 : 2 * before.size());
        for (const std::uintptr_t address : before)
            if (address != 0) slots_[slot_of(address)] = address;
    }
    const auto address = reinterpret_cast<std::uintptr_t>(object);
    std::uintptr_t& slot = slots_[slot_of(address)];
    if (slot == address) return false;
    slot = address, ++count_;
    return true;
}

}  // namespace fathom::inline v0::detail
