// Stochastic gradient descent with momentum (torch.optim.SGD without dampening). Next: kernels/optimize.hpp (the
// formula).
#pragma once

#include "fathom/optim/optimizer.hpp"

namespace fathom::inline v0::optim {

// In the order of PyTorch's arguments.
struct SGDOptions {
    double lr = 1e-3;
    double momentum = 0;
    double weight_decay = 0;  // added to the gradient, times the parameter
    bool nesterov = false;
};

class SGD : public Optimizer {
public:
    template <class P>
    SGD(const P&, std::floating_point auto) : SGD(std::vector<AnyTensor>()) {
        static_assert(sizeof(P) == 0, "name the learning rate: SGD(params, {.lr = 1e-3})");
    }
    explicit SGD(const std::vector<AnyTensor>& params, const SGDOptions& options = {}, Where site = Where::here())
        : SGD(std::vector<Group>{{.params = params}}, options, site) {}
    explicit SGD(const std::vector<Group>& groups, const SGDOptions& options = {}, Where site = Where::here())
        : Optimizer(UpdateRule::sgd, groups,
                    {.lr = options.lr,
                     .momentum = options.momentum,
                     .weight_decay = options.weight_decay,
                     .nesterov = options.nesterov},
                    site) {}
};

}  // namespace fathom::inline v0::optim
