// Sorting and searching by place, without a new instantiation of std::sort for every element type: a small program
// compiles faster.
#pragma once

#include <cstddef>

#include "fathom/core/config.hpp"
#include "fathom/core/list.hpp"

namespace fathom::inline v0::detail {

using LessByIndex = bool (*)(const void* state, std::size_t a, std::size_t b);

// 0 .. count - 1 in the order of less(state, a, b); equal ones keep their order.
List<std::size_t> sorted_order(std::size_t count, LessByIndex less, const void* state);

// The same with a function object.
template <class F>
List<std::size_t> sorted_order(std::size_t count, const F& less) {
    return sorted_order(
        count, [](const void* f, std::size_t a, std::size_t b) { return (*static_cast<const F*>(f))(a, b); }, &less);
}

// The first of 0 .. count - 1 that is not before(i), where none is behind it either; count if all are.
template <class F>
std::size_t first_not(std::size_t count, const F& before) {
    std::size_t first = 0;
    while (first < count) {
        const std::size_t middle = first + (count - first) / 2;
        before(middle) ? first = middle + 1 : count = middle;
    }
    return first;
}

}  // namespace fathom::inline v0::detail

#ifndef FATHOM_COMPILED
#include "fathom/core/order.inl.hpp"
#endif
