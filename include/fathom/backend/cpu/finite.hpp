// The CPU's answer to whether all elements are finite: unpacks abi::FiniteArgs.
#pragma once

#include "fathom/backend/cpu/arrays.hpp"
#include "fathom/core/float_bits.hpp"

namespace fathom::inline v0::cpu {

template <class T>
void all_finite(const abi::Call&, const abi::FiniteArgs& args) {
    const kernels::Loop loop = loop_over(args.in);
    const T* in = data<T>(args.in);
    bool finite = true;
    kernels::LoopPosition at(loop, 0);
    for (std::int64_t done = 0, n = loop.numel(); done < n && finite;) {
        const std::int64_t run = at.run(loop), stride = loop.stride[0][0];
        const T* row = in + at.offset[0];
        if (stride == 1)  // in vectors
            for (std::int64_t i = 0; i < run; ++i) finite &= is_finite(row[i]);
        else
            for (std::int64_t i = 0; i < run; ++i) finite &= is_finite(row[i * stride]);
        at.advance(loop, run), done += run;
    }
    *data<bool>(args.out) = finite;
}

}  // namespace fathom::inline v0::cpu
