// RMSprop (Tieleman and Hinton, 2012), plain, centered and with momentum. Next: kernels/optimize.hpp (the formulas).
#pragma once

#include "fathom/optim/optimizer.hpp"

namespace fathom::inline v0::optim {

// In the order of PyTorch's arguments.
struct RMSpropOptions {
    double lr = 1e-2;
    double alpha = 0.99;  // what part of the mean of squares a step keeps
    double eps = 1e-8;
    double weight_decay = 0;  // added to the gradient, times the parameter
    double momentum = 0;
    bool centered = false;  // divides by the standard deviation instead of the root of the mean square
    bool maximize = false;  // goes up the gradient
};

class RMSprop : public Optimizer {
public:
    template <class P>
    RMSprop(const P&, std::floating_point auto) : RMSprop(std::vector<AnyTensor>()) {
        static_assert(sizeof(P) == 0, "name the learning rate: RMSprop(params, {.lr = 1e-3})");
    }
    template <UpdateRule rule = UpdateRule::rmsprop>
    explicit RMSprop(const std::vector<AnyTensor>& params, const RMSpropOptions& options = {},
                     Where site = Where::here())
        : Optimizer(kind<rule>(), settings(options, params), site) {}
    template <UpdateRule rule = UpdateRule::rmsprop>
    explicit RMSprop(const std::vector<Group>& groups, const RMSpropOptions& options = {}, Where site = Where::here())
        : Optimizer(kind<rule>(), groups, settings(options), site) {}

private:
    template <UpdateRule rule>
    static OptimizerKind kind() {
        return optimizer_kind<rule>("RMSprop", "square_avg", "momentum_buffer", "grad_avg");
    }
    static ParamGroup settings(const RMSpropOptions& options, const std::vector<AnyTensor>& params = {}) {
        return {.params = params,
                .lr = options.lr,
                .momentum = options.momentum,
                .eps = options.eps,
                .weight_decay = options.weight_decay,
                .alpha = options.alpha,
                .centered = options.centered,
                .maximize = options.maximize};
    }
};

}  // namespace fathom::inline v0::optim
