// AveragedModel: a copy of a net whose weights are a running average of the net's, which often does better than the net
// itself. PyTorch's torch.optim.swa_utils.AveragedModel.
#pragma once

#include <optional>

#include "fathom/nn/module.hpp"
#include "fathom/optim/optimizer.hpp"

namespace fathom::inline v0::optim {

struct AverageOptions {
    // average = decay average + (1 - decay) weights, as get_ema_multi_avg_fn(decay) has it. None: all updates weigh the
    // same.
    std::optional<double> decay = 0.999;
};

// Moves `average` towards `net`, of the same kind: the (updates + 1)-th time. `step`: steps of plain descent, whose
// kernels only programs with an average need.
void update_average(nn::Module& average, const nn::Module& net, std::int64_t updates, const AverageOptions& options,
                    const OptimizerKind& step, Where site);
void check_average(const AverageOptions& options, Where site);

// AveragedModel average(net); after each optimizer.step(): average.update_parameters(net); to use it:
// average.module(x). The first update copies. Buffers (batch norm's statistics) are copied each time.
template <class Net>
class AveragedModel {
public:
    explicit AveragedModel(const Net& net, const AverageOptions& options = {}, Where site = Where::here())
        : module(net), options_(options) {
        check_average(options, site);
        module.requires_grad_(false);
    }

    void update_parameters(const Net& net, Where site = Where::here()) {
        update_average(module, net, n_averaged_, options_, optimizer_kind<UpdateRule::sgd>("AveragedModel", nullptr),
                       site);
        ++n_averaged_;
    }
    std::int64_t n_averaged() const { return n_averaged_; }

    // The module's, behind "module.", and the count of updates.
    StateDict state_dict(Where site = Where::here()) const {
        StateDict dict;
        dict.add("n_averaged", detail::scalar_value(n_averaged_));
        dict.add_prefixed("module.", module.state_dict(site));
        return dict;
    }
    void load_state_dict(const StateDict& dict, Where site = Where::here()) {
        std::int64_t updates = 0;
        detail::read_scalar(dict.find("n_averaged"), "n_averaged", updates, site);
        module.load_state_dict(dict.take_prefix("module."), {}, site);
        n_averaged_ = updates;
    }

    Net module;

private:
    AverageOptions options_;
    std::int64_t n_averaged_ = 0;
};

}  // namespace fathom::inline v0::optim

#ifndef FATHOM_COMPILED
#include "fathom/optim/averaged_model.inl.hpp"
#endif
