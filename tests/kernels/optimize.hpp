// The CPU's optimizer step by the rule of the arguments, which programs choose when they are compiled.
#pragma once

#include "fathom/backend/cpu/optimize.hpp"

namespace fathom::tests {

template <class T>
void optimize(const abi::Call& call, const abi::OptimizeArgs& args) {
    switch (args.rule) {
        case UpdateRule::sgd:
            return cpu::optimize<T, UpdateRule::sgd>(call, args);
        case UpdateRule::adam:
            return cpu::optimize<T, UpdateRule::adam>(call, args);
        case UpdateRule::adamw:
            return cpu::optimize<T, UpdateRule::adamw>(call, args);
        case UpdateRule::rmsprop:
            return cpu::optimize<T, UpdateRule::rmsprop>(call, args);
        case UpdateRule::adagrad:
            return cpu::optimize<T, UpdateRule::adagrad>(call, args);
    }
}

}  // namespace fathom::tests
