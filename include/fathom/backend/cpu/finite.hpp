// Whether all elements are finite, by the exponent's bits: a comparison would be optimized away under -ffast-math.
#pragma once

#include <algorithm>
#include <bit>
#include <limits>
#include <type_traits>

#include "fathom/backend/cpu/arrays.hpp"

namespace fathom::inline v0::cpu {

template <class T>
void all_finite(const abi::Call&, const abi::FiniteArgs& args) {
    using Bits = std::conditional_t<sizeof(T) == 8, std::uint64_t, std::uint32_t>;
    constexpr Bits exponent = std::bit_cast<Bits>(std::numeric_limits<T>::infinity());
    const kernels::Loop loop = loop_over(args.in);
    const T* in = data<T>(args.in);
    Bits worst = 0;
    kernels::LoopPosition at(loop, 0);
    for (std::int64_t done = 0, n = loop.numel(); done < n && worst != exponent;) {
        const std::int64_t run = at.run(loop), stride = loop.stride[0][0];
        const T* row = in + at.offset[0];
        if (stride == 1)  // in vectors
            for (std::int64_t i = 0; i < run; ++i) worst = std::max(worst, std::bit_cast<Bits>(row[i]) & exponent);
        else
            for (std::int64_t i = 0; i < run; ++i)
                worst = std::max(worst, std::bit_cast<Bits>(row[i * stride]) & exponent);
        at.advance(loop, run), done += run;
    }
    *data<bool>(args.out) = worst != exponent;
}

}  // namespace fathom::inline v0::cpu
