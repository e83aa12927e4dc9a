// Training of the fusion net: one step of forward, content loss, backward and update; and the loss over a set of whole
// images.
#pragma once

#include <cmath>

#include "fathom/ops/finite.hpp"
#include "fathom/optim/adam.hpp"
#include "fathom/seafusion/content_loss.hpp"
#include "fathom/seafusion/fusion_net.hpp"

namespace fathom::inline v0::seafusion {

struct StepLosses {
    double total = 0, intensity = 0, texture = 0;  // texture without alpha
};

template <FloatElement T>
class FusionTrainer {
public:
    // The net must outlive the trainer. Adam's other settings are PyTorch's.
    explicit FusionTrainer(FusionNet<T>& net, double lr = 1e-3, double alpha = 10)
        : net_(&net), adam_(net.parameters(), {.lr = lr}), alpha_(alpha) {}

    optim::Adam& optimizer() { return adam_; }

    // One update from images [N, 1, H, W]. A loss that is not finite throws before the update, naming the operation
    // where it arose.
    StepLosses step(const Tensor<T>& y, const Tensor<T>& ir, Where where = Where::here()) {
        adam_.zero_grad();
        const ContentLoss<T> loss = content_loss(net_->forward(y, ir), y, ir, alpha_, where);
        const StepLosses losses{static_cast<double>(loss.total.item()), loss.intensity, loss.texture};
        if (!std::isfinite(losses.total)) fail_not_finite(y, ir, losses.total, where);
        loss.total.backward({}, where);
        adam_.step(where);
        return losses;
    }

private:
    // Runs the step's forward again with an observer.
    [[noreturn]] void fail_not_finite(const Tensor<T>& y, const Tensor<T>& ir, double value, Where where) {
        const NoGrad off;
        if (!all_finite(y) || !all_finite(ir))
            fail("train", where, {"the loss is ", value, ": the images hold values that are not finite"});
        for (const auto& [name, parameter] : net_->named_parameters())
            if (!all_finite(parameter))
                fail("train", where, {"the loss is ", value, ": ", name, " holds values that are not finite"});
        FirstNonFinite first;
        content_loss(net_->forward(y, ir), y, ir, alpha_, where);
        fail("train", where, {"the loss is ", value, ": ", first.message()});
    }

    FusionNet<T>* net_;
    optim::Adam adam_;
    double alpha_;
};

// The content loss of one pair of whole images [1, 1, H, W], without a graph.
template <FloatElement T>
double content_loss_of(FusionNet<T>& net, const Tensor<T>& y, const Tensor<T>& ir, double alpha = 10) {
    const NoGrad off;
    return static_cast<double>(content_loss(net.forward(y, ir), y, ir, alpha).total.item());
}

}  // namespace fathom::inline v0::seafusion
