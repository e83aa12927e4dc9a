// The CPU's optimiser steps: unpacks abi::OptimiseArgs for kernels/optimise.hpp.
#pragma once

#include "fathom/backend/cpu/arrays.hpp"
#include "fathom/kernels/optimise.hpp"

namespace fathom::inline v0::cpu {

inline kernels::OptimiserStep optimiser_step(const abi::OptimiseArgs& args) {
    return {args.lr, args.weight_decay, args.momentum, args.nesterov != 0, args.beta1, args.beta2, args.eps, args.step};
}

template <class T>
void optimise(const abi::Call&, const abi::OptimiseArgs& args) {
    const abi::Array &p = args.parameter, &g = args.gradient, &first = args.first, &second = args.second;
    const kernels::OptimiserStep step = optimiser_step(args);
    if (args.op == Optimiser::sgd)
        kernels::sgd<T>(step.momentum != 0 ? loop_over(p, g, first) : loop_over(p, g), data<T>(p), data<T>(g),
                        data<T>(first), step);
    else if (args.op == Optimiser::adam)
        kernels::adam<T, Optimiser::adam>(loop_over(p, g, first, second), data<T>(p), data<T>(g), data<T>(first),
                                          data<T>(second), step);
    else
        kernels::adam<T, Optimiser::adamw>(loop_over(p, g, first, second), data<T>(p), data<T>(g), data<T>(first),
                                           data<T>(second), step);
}

}  // namespace fathom::inline v0::cpu
