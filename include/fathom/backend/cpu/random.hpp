// The CPU's random fills: unpacks abi::RandomArgs for kernels/random.hpp.
#pragma once

#include "fathom/backend/cpu/arrays.hpp"
#include "fathom/kernels/random.hpp"

namespace fathom::inline v0::cpu {

template <class T>
void random(const abi::Call&, const abi::RandomArgs& args) {
    const std::int64_t* strides[] = {args.out.strides};
    const kernels::Loop loop =
        kernels::make_loop(1, args.out.rank, args.out.shape, strides, kernels::LoopOrder::logical);
    const RandomStream stream{args.seed, args.offset};
    if (args.distribution == Random::uniform)
        kernels::random_uniform<T>(loop, data<T>(args.out), stream, args.low, args.high);
    else
        kernels::random_normal<T>(loop, data<T>(args.out), stream, args.low, args.high);
}

}  // namespace fathom::inline v0::cpu
