// Stochastic gradient descent with momentum (torch.optim.SGD). Next: kernels/optimize.hpp (the
// formula).
#pragma once

#include "fathom/optim/optimizer.hpp"

namespace fathom::inline v0::optim {

// In the order of PyTorch's arguments.
struct SGDOptions {
    double lr = 1e-3;
    double momentum = 0;
    double dampening = 0;     // what part of a gradient does not reach the momentum
    double weight_decay = 0;  // added to the gradient, times the parameter
    bool nesterov = false;
    bool maximize = false;  // goes up the gradient
};

class SGD : public Optimizer {
public:
    template <class P>
    SGD(const P&, std::floating_point auto) : SGD(std::vector<AnyTensor>()) {
        static_assert(sizeof(P) == 0, "name the learning rate: SGD(params, {.lr = 1e-3})");
    }
    template <UpdateRule rule = UpdateRule::sgd>
    explicit SGD(const std::vector<AnyTensor>& params, const SGDOptions& options = {}, Where site = Where::here())
        : Optimizer(kind<rule>(), settings(options, params), site) {}
    template <UpdateRule rule = UpdateRule::sgd>
    explicit SGD(const std::vector<Group>& groups, const SGDOptions& options = {}, Where site = Where::here())
        : Optimizer(kind<rule>(), groups, settings(options), site) {}

private:
    template <UpdateRule rule>
    static OptimizerKind kind() {
        return optimizer_kind<rule>("SGD", "momentum_buffer");
    }
    static ParamGroup settings(const SGDOptions& options, const std::vector<AnyTensor>& params = {}) {
        return {.params = params,
                .lr = options.lr,
                .momentum = options.momentum,
                .weight_decay = options.weight_decay,
                .nesterov = options.nesterov,
                .dampening = options.dampening,
                .maximize = options.maximize};
    }
};

}  // namespace fathom::inline v0::optim
