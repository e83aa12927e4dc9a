// The elements of tensors of one shape, in logical order and from any strides: for code that is no kernel and goes
// through them one by one. Kernels have kernels/strided.hpp, on which this stands.
#pragma once

#include <array>
#include <utility>

#include "fathom/kernels/strided.hpp"

namespace fathom::inline v0::detail {

// Calls f(offsets, steps, n) for runs of n elements that lie steps[k] apart in tensor k, the first at offsets[k].
template <std::size_t count, class F>
void for_each_run(const Shape& shape, const std::array<const Shape*, count>& strides, F&& f) {
    std::int64_t left = shape.numel();
    if (left == 0) return;
    const std::int64_t* all[count];
    std::int64_t steps[count];
    for (std::size_t k = 0; k < count; ++k) all[k] = strides[k]->begin();
    const kernels::Loop loop =
        kernels::make_loop(static_cast<int>(count), shape.rank(), shape.begin(), all, kernels::LoopOrder::logical);
    for (std::size_t k = 0; k < count; ++k) steps[k] = loop.stride[k][0];
    for (kernels::LoopPosition at(loop, 0); left > 0;) {
        const std::int64_t n = at.run(loop);
        f(std::as_const(at.offset), std::as_const(steps), n);
        at.advance(loop, n);
        left -= n;
    }
}

}  // namespace fathom::inline v0::detail
