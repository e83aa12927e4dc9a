// Definitions of random.hpp. Scalar: the ten rounds of Philox outweigh the rest.
#pragma once

#include <cmath>

#include "fathom/core/parallel_for.hpp"
#include "fathom/kernels/random.hpp"
#include "fathom/kernels/tuning.hpp"

namespace fathom::inline v0::kernels {
namespace detail {

// out[i] = number(i), i row-major.
template <class T, class F>
void random_fill(const Loop& loop,
                 T* out,  // operand 0
                 F number) {
    parallel_for(0, loop.numel(), tuning::random_grain, [&](std::int64_t first, std::int64_t last) {
        LoopPosition position(loop, first);
        for (std::int64_t i = first; i < last; ++i, position.advance(loop, 1))
            out[position.offset[0]] = number(static_cast<std::uint64_t>(i));
    });
}

}  // namespace detail

template <class T>
void random_uniform(const Loop& loop,
                    T* out,  // operand 0
                    RandomStream stream, double low, double high) {
    const T below = std::nextafter(static_cast<T>(high), static_cast<T>(low));  // rounding to T must not reach `high`
    detail::random_fill(loop, out, [=](std::uint64_t i) {
        const T value = static_cast<T>(low + (high - low) * uniform(stream, i));
        return value < static_cast<T>(high) ? value : below;
    });
}

template <class T>
void random_normal(const Loop& loop,
                   T* out,  // operand 0
                   RandomStream stream, double mean, double deviation) {
    detail::random_fill(loop, out,
                        [=](std::uint64_t i) { return static_cast<T>(mean + deviation * normal(stream, i)); });
}

}  // namespace fathom::inline v0::kernels
