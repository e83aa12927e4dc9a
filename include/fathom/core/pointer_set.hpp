// Which objects were met before, by their addresses: in programs that train, where std::set would be a large part of
// what is compiled. Definitions: pointer_set.inl.hpp.
#pragma once

#include <cstdint>

#include "fathom/core/config.hpp"
#include "fathom/core/list.hpp"

namespace fathom::inline v0::detail {

class PointerSet {
public:
    // False if it is in there already. Not null.
    bool insert(const void* object);

private:
    std::size_t slot_of(std::uintptr_t address) const;

    List<std::uintptr_t> slots_;  // a power of two of them, at least half of which are 0: none
    std::size_t count_ = 0;
};

}  // namespace fathom::inline v0::detail

#ifndef FATHOM_COMPILED
#include "fathom/core/pointer_set.inl.hpp"
#endif
