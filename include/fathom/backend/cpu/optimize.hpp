// The CPU's optimizer steps: unpacks abi::OptimizeArgs for kernels/optimize.hpp.
#pragma once

#include "fathom/backend/cpu/arrays.hpp"
#include "fathom/kernels/optimize.hpp"

namespace fathom::inline v0::cpu {

// A number that the host knows: the CPU's own memory is the host's.
inline double value_of(const abi::Scalar& s) { return s.data ? *s.data : s.value; }

template <class T>
void optimize(const abi::Call&, const abi::OptimizeArgs& args) {
    if (args.skip && *args.skip != 0) return;
    const kernels::OptimizerStep step{
        value_of(args.lr), args.weight_decay, args.momentum, args.nesterov != 0,
        args.beta1,        args.beta2,        args.eps,      static_cast<std::int64_t>(value_of(args.step))};
    for (std::int64_t i = 0; i < args.count; ++i) {
        const auto& [p, g, first, second] = args.tensors[i];
        if (args.rule == UpdateRule::sgd)
            kernels::sgd<T>(step.momentum != 0 ? loop_over(p, g, first) : loop_over(p, g), data<T>(p), data<T>(g),
                            data<T>(first), step);
        else if (args.rule == UpdateRule::adam)
            kernels::adam<T, UpdateRule::adam>(loop_over(p, g, first, second), data<T>(p), data<T>(g), data<T>(first),
                                               data<T>(second), step);
        else
            kernels::adam<T, UpdateRule::adamw>(loop_over(p, g, first, second), data<T>(p), data<T>(g), data<T>(first),
                                                data<T>(second), step);
    }
}

}  // namespace fathom::inline v0::cpu
