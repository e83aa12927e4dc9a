// Adagrad (Duchi, Hazan and Singer, "Adaptive subgradient methods for online learning and stochastic optimization",
// JMLR 2011). Next: kernels/optimize.hpp (the formula).
#pragma once

#include "fathom/optim/optimizer.hpp"

namespace fathom::inline v0::optim {

// In the order of PyTorch's arguments.
struct AdagradOptions {
    double lr = 1e-2;
    double lr_decay = 0;                   // step n has the rate lr / (1 + (n - 1) lr_decay)
    double weight_decay = 0;               // added to the gradient, times the parameter
    double initial_accumulator_value = 0;  // what the sums of squares begin with
    double eps = 1e-10;
    bool maximize = false;  // goes up the gradient
};

class Adagrad : public Optimizer {
public:
    template <class P>
    Adagrad(const P&, std::floating_point auto) : Adagrad(std::vector<AnyTensor>()) {
        static_assert(sizeof(P) == 0, "name the learning rate: Adagrad(params, {.lr = 1e-3})");
    }
    template <UpdateRule rule = UpdateRule::adagrad>
    explicit Adagrad(const std::vector<AnyTensor>& params, const AdagradOptions& options = {},
                     Where site = Where::here())
        : Optimizer(kind<rule>(), settings(options, params), site) {}
    template <UpdateRule rule = UpdateRule::adagrad>
    explicit Adagrad(const std::vector<Group>& groups, const AdagradOptions& options = {}, Where site = Where::here())
        : Optimizer(kind<rule>(), groups, settings(options), site) {}

private:
    template <UpdateRule rule>
    static OptimizerKind kind() {
        return optimizer_kind<rule>("Adagrad", "sum");
    }
    static ParamGroup settings(const AdagradOptions& options, const std::vector<AnyTensor>& params = {}) {
        return {.params = params,
                .lr = options.lr,
                .eps = options.eps,
                .weight_decay = options.weight_decay,
                .lr_decay = options.lr_decay,
                .initial_accumulator_value = options.initial_accumulator_value,
                .maximize = options.maximize};
    }
};

}  // namespace fathom::inline v0::optim
