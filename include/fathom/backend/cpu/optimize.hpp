// The CPU's optimizer steps: unpacks abi::OptimizeArgs for kernels/optimize.hpp.
#pragma once

#include "fathom/backend/cpu/arrays.hpp"
#include "fathom/kernels/optimize.hpp"

namespace fathom::inline v0::cpu {

inline kernels::OptimizerStep optimizer_step(const abi::OptimizeArgs& args) {
    return {args.lr, args.weight_decay, args.momentum, args.nesterov != 0, args.beta1, args.beta2, args.eps, args.step};
}

template <class T>
void optimize(const abi::Call&, const abi::OptimizeArgs& args) {
    const abi::Array &p = args.parameter, &g = args.gradient, &first = args.first, &second = args.second;
    const kernels::OptimizerStep step = optimizer_step(args);
    if (args.op == UpdateRule::sgd)
        kernels::sgd<T>(step.momentum != 0 ? loop_over(p, g, first) : loop_over(p, g), data<T>(p), data<T>(g),
                        data<T>(first), step);
    else if (args.op == UpdateRule::adam)
        kernels::adam<T, UpdateRule::adam>(loop_over(p, g, first, second), data<T>(p), data<T>(g), data<T>(first),
                                           data<T>(second), step);
    else
        kernels::adam<T, UpdateRule::adamw>(loop_over(p, g, first, second), data<T>(p), data<T>(g), data<T>(first),
                                            data<T>(second), step);
}

}  // namespace fathom::inline v0::cpu
