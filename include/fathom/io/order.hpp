// Sorting without a new instantiation of std::sort for every element type: programs that read files compile faster.
#pragma once

#include <cstddef>
#include <vector>

#include "fathom/core/config.hpp"

namespace fathom::inline v0::io {

using LessByIndex = bool (*)(const void* state, std::size_t a, std::size_t b);

// 0 .. count - 1 in the order of less(state, a, b); equal ones keep their order.
std::vector<std::size_t> sorted_order(std::size_t count, LessByIndex less, const void* state);

// The same with a function object.
template <class F>
std::vector<std::size_t> sorted_order(std::size_t count, const F& less) {
    return sorted_order(
        count, [](const void* f, std::size_t a, std::size_t b) { return (*static_cast<const F*>(f))(a, b); }, &less);
}

}  // namespace fathom::inline v0::io

#ifndef FATHOM_COMPILED
#include "fathom/io/order.inl.hpp"
#endif
