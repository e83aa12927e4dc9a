// The CPU's optimizer steps: unpacks abi::OptimizeArgs for kernels/optimize.hpp.
#pragma once

#include "fathom/backend/cpu/arrays.hpp"
#include "fathom/kernels/optimize.hpp"

namespace fathom::inline v0::cpu {

// A number that the host knows: the CPU's own memory is the host's.
inline double value_of(const abi::Scalar& s) { return s.data ? *s.data : s.value; }

// One rule, that of the arguments: a program compiles the kernels of the optimizers that it makes.
template <class T, UpdateRule rule>
void optimize(const abi::Call&, const abi::OptimizeArgs& args) {
    if (args.skip && *args.skip != 0) return;
    const kernels::OptimizerStep step{.lr = value_of(args.lr),
                                      .weight_decay = args.weight_decay,
                                      .maximize = args.maximize != 0,
                                      .momentum = args.momentum,
                                      .dampening = args.dampening,
                                      .nesterov = args.nesterov != 0,
                                      .beta1 = args.beta1,
                                      .beta2 = args.beta2,
                                      .eps = args.eps,
                                      .lr_decay = args.lr_decay,
                                      .step = static_cast<std::int64_t>(value_of(args.step))};
    for (std::int64_t i = 0; i < args.count; ++i) {
        const abi::OptimizeTensor& t = args.tensors[i];
        const abi::Array &p = t.parameter, &g = t.gradient;
        if constexpr (rule == UpdateRule::sgd) {
            kernels::sgd<T>(step.momentum != 0 ? loop_over(p, g, t.first) : loop_over(p, g), data<T>(p), data<T>(g),
                            data<T>(t.first), step);
        } else if constexpr (rule == UpdateRule::rmsprop) {
            const kernels::Loop loop = step.momentum != 0 ? t.third.data ? loop_over(p, g, t.first, t.second, t.third)
                                                                         : loop_over(p, g, t.first, t.second)
                                       : t.third.data ? loop_over(p, g, t.first, t.third)
                                                          : loop_over(p, g, t.first);
            kernels::rmsprop<T>(loop, data<T>(p), data<T>(g), data<T>(t.first), data<T>(t.second), data<T>(t.third),
                                step);
        } else if constexpr (rule == UpdateRule::adagrad) {
            kernels::adagrad<T>(loop_over(p, g, t.first), data<T>(p), data<T>(g), data<T>(t.first), step);
        } else {
            const kernels::Loop loop =
                t.third.data ? loop_over(p, g, t.first, t.second, t.third) : loop_over(p, g, t.first, t.second);
            kernels::adam<T, rule>(loop, data<T>(p), data<T>(g), data<T>(t.first), data<T>(t.second), data<T>(t.third),
                                   step);
        }
    }
}

}  // namespace fathom::inline v0::cpu
