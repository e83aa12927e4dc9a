// Adam (Kingma and Ba, "Adam: a method for stochastic optimization", ICLR 2015) and AdamW (Loshchilov and Hutter,
// "Decoupled weight decay regularization", ICLR 2019), both with bias correction. Next: kernels/optimize.hpp (the
// formulas).
#pragma once

#include "fathom/optim/optimizer.hpp"

namespace fathom::inline v0::optim {

// In the order of PyTorch's arguments.
struct AdamOptions {
    double lr = 1e-3;
    Betas betas = {};
    double eps = 1e-8;
    double weight_decay = 0;  // added to the gradient, times the parameter
    bool amsgrad = false;     // divides by the largest second moment so far (Reddi, Kale and Kumar, ICLR 2018)
    bool maximize = false;    // goes up the gradient
};

class Adam : public Optimizer {
public:
    template <class P>
    Adam(const P&, std::floating_point auto) : Adam(std::vector<AnyTensor>()) {
        static_assert(sizeof(P) == 0, "name the learning rate: Adam(params, {.lr = 1e-3})");
    }
    template <UpdateRule rule = UpdateRule::adam>
    explicit Adam(const std::vector<AnyTensor>& params, const AdamOptions& options = {}, Where site = Where::here())
        : Optimizer(kind<rule>(), settings(options, params), site) {}
    template <UpdateRule rule = UpdateRule::adam>
    explicit Adam(const std::vector<Group>& groups, const AdamOptions& options = {}, Where site = Where::here())
        : Optimizer(kind<rule>(), groups, settings(options), site) {}

private:
    template <UpdateRule rule>
    static OptimizerKind kind() {
        return optimizer_kind<rule>("Adam", "exp_avg", "exp_avg_sq", "max_exp_avg_sq");
    }
    static ParamGroup settings(const AdamOptions& options, const std::vector<AnyTensor>& params = {}) {
        return {.params = params,
                .lr = options.lr,
                .betas = options.betas,
                .eps = options.eps,
                .weight_decay = options.weight_decay,
                .amsgrad = options.amsgrad,
                .maximize = options.maximize};
    }
};

struct AdamWOptions {
    double lr = 1e-3;
    Betas betas = {};
    double eps = 1e-8;
    double weight_decay = 1e-2;  // parameters shrink by lr * weight_decay in each step
    bool amsgrad = false;
    bool maximize = false;
};

class AdamW : public Optimizer {
public:
    template <class P>
    AdamW(const P&, std::floating_point auto) : AdamW(std::vector<AnyTensor>()) {
        static_assert(sizeof(P) == 0, "name the learning rate: AdamW(params, {.lr = 1e-3})");
    }
    template <UpdateRule rule = UpdateRule::adamw>
    explicit AdamW(const std::vector<AnyTensor>& params, const AdamWOptions& options = {}, Where site = Where::here())
        : Optimizer(kind<rule>(), settings(options, params), site) {}
    template <UpdateRule rule = UpdateRule::adamw>
    explicit AdamW(const std::vector<Group>& groups, const AdamWOptions& options = {}, Where site = Where::here())
        : Optimizer(kind<rule>(), groups, settings(options), site) {}

private:
    template <UpdateRule rule>
    static OptimizerKind kind() {
        return optimizer_kind<rule>("AdamW", "exp_avg", "exp_avg_sq", "max_exp_avg_sq");
    }
    static ParamGroup settings(const AdamWOptions& options, const std::vector<AnyTensor>& params = {}) {
        return {.params = params,
                .lr = options.lr,
                .betas = options.betas,
                .eps = options.eps,
                .weight_decay = options.weight_decay,
                .amsgrad = options.amsgrad,
                .maximize = options.maximize};
    }
};

}  // namespace fathom::inline v0::optim
