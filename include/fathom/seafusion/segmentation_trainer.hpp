// Training of the segmentation net on fused images: SGD with momentum, heads at ten times the rate, no decay on batch
// norms and biases, warm-up and polynomial decay, as the authors' released training has it. Next: segmentation_net.hpp
// (the net), semantic_loss.hpp (its loss).
#pragma once

#include "fathom/core/float_bits.hpp"
#include "fathom/optim/schedule.hpp"
#include "fathom/optim/sgd.hpp"
#include "fathom/seafusion/late_losses.hpp"
#include "fathom/seafusion/micro_batch.hpp"
#include "fathom/seafusion/not_finite.hpp"
#include "fathom/seafusion/segmentation_net.hpp"
#include "fathom/seafusion/semantic_loss.hpp"

namespace fathom::inline v0::seafusion {

struct SegmentationTrainerOptions {
    double lr = 1e-2, momentum = 0.9, weight_decay = 5e-4;
    double head_rate = 10;                   // times lr for conv_out and conv_out16
    optim::WarmupPolyOptions schedule = {};  // max_steps: of the whole run, all rounds
    SemanticLossOptions loss = segmentation_semantic_loss;
    std::int64_t micro_batch = 0;  // images in memory at once; 0: all. The loss picks its pixels among these images,
                                   // and batch norm sees only them
};

struct SegmentationLosses {
    double total = 0, main = 0, auxiliary = 0;  // auxiliary without its weight
};

template <FloatElement T>
class SegmentationTrainer {
public:
    // The net must outlive the trainer.
    explicit SegmentationTrainer(SegmentationNet<T>& net, const SegmentationTrainerOptions& options = {},
                                 Where site = Where::here())
        : net_(&net),
          sgd_(groups_of(net, options),
               {.lr = options.lr, .momentum = options.momentum, .weight_decay = options.weight_decay}, site),
          schedule_(sgd_, options.schedule),
          options_(options) {
        if (options.micro_batch < 0 || options.micro_batch == 1)
            fail("SegmentationTrainer", site,
                 {"micro_batch is ", options.micro_batch,
                  ", expected 0, or 2 and more: one image is too few for the "
                  "attention's batch norm"});
    }
    // The schedule refers to the optimizer.
    SegmentationTrainer(const SegmentationTrainer&) = delete;
    SegmentationTrainer& operator=(const SegmentationTrainer&) = delete;

    optim::SGD& optimizer() { return sgd_; }
    const optim::SGD& optimizer() const { return sgd_; }
    optim::WarmupPolyLR& schedule() { return schedule_; }
    const optim::WarmupPolyLR& schedule() const { return schedule_; }

    // images [N, 3, H, W], RGB in [0, 1]; label [N, H, W], 255 where nobody is sure. N is 2 at least. One update and
    // one step of the schedule; a loss that is not finite throws before it, naming the operation where it arose.
    // Waits for the device.
    SegmentationLosses step(const Tensor<T>& images, const Tensor<std::int64_t>& label, Where site = Where::here()) {
        const std::vector<Part> parts = backward(images, label, site);
        for (const Part& part : parts) {
            const auto value = static_cast<double>(part.total.item(site));
            if (is_finite(value)) continue;
            const Tensor<T> x = part.micro.of(images, site);
            const Tensor<std::int64_t> t = part.micro.of(label, site);
            const StateDict given{{{"images", x}}, {}}, weights{net_->named_parameters(), {}};
            fail_not_finite(
                value, given, weights, [&] { loss_of(x, t, site); }, site);
        }
        update(site);
        return losses_of(parts, site);
    }
    // The same without waiting for a device other than the CPU: a loss that is not finite shows when it is read, behind
    // the update.
    LateLosses<SegmentationLosses> send_step(const Tensor<T>& images, const Tensor<std::int64_t>& label,
                                             Where site = Where::here()) {
        const Device device = images.defined() ? images.device() : Device::cpu();
        if (device.is_cpu()) return LateLosses<SegmentationLosses>(step(images, label, site));
        std::vector<Part> parts = backward(images, label, site);
        update(site);
        return {[parts = std::move(parts), site] { return losses_of(parts, site); }, device,
                late_stream_.of(device, site), site};
    }

    // The two ends of a step whose gradients come from somebody else's loss: FusionTrainer::train_along.
    void zero_grad() { sgd_.zero_grad(); }
    void update(Where site = Where::here()) {
        sgd_.step(site);
        schedule_.step();
    }

private:
    // Of a part of the batch, without its graph.
    struct Part {
        MicroBatch micro;
        Tensor<T> total, main, auxiliary;
    };

    // Forward and backward; the gradients are those of the whole batch then.
    std::vector<Part> backward(const Tensor<T>& images, const Tensor<std::int64_t>& label, Where site) {
        const std::int64_t n = images.rank() == 4 ? images.shape()[0] : 0;
        if (n < 2)
            fail("train", site, {"images have shape ", images.shape(), ", expected [N,3,H,W] with N at least 2"});
        if (!net_->is_training()) {
            net_->train();
            net_->requires_grad_();
        }
        zero_grad();
        std::vector<Part> parts;
        for (const MicroBatch& micro : even_micro_batches(n, options_.micro_batch)) {
            const SemanticLoss<T> loss = loss_of(micro.of(images, site), micro.of(label, site), site);
            micro.backward(loss.total, site);
            parts.push_back({micro, loss.total.detach(), loss.main_loss, loss.auxiliary_loss});
        }
        return parts;
    }
    static SegmentationLosses losses_of(const std::vector<Part>& parts, Where site) {
        SegmentationLosses sum;
        for (const Part& part : parts) {
            const double share = part.micro.share();
            const auto add = [&](double& to, const Tensor<T>& x) { to += share * static_cast<double>(x.item(site)); };
            add(sum.total, part.total), add(sum.main, part.main), add(sum.auxiliary, part.auxiliary);
        }
        return sum;
    }

    static std::vector<optim::Group> groups_of(const SegmentationNet<T>& net, const SegmentationTrainerOptions& o) {
        std::vector<optim::Group> groups(4);  // body and heads, with decay and without
        for (const auto& [name, parameter] : net.named_parameters()) {
            const bool head = name.rfind("conv_out", 0) == 0, decays = parameter.rank() > 1;
            groups[(head ? 2 : 0) + (decays ? 0 : 1)].params.push_back(parameter);
        }
        groups[1].weight_decay = groups[3].weight_decay = 0;
        groups[2].lr = groups[3].lr = o.lr * o.head_rate;
        return groups;
    }

    SemanticLoss<T> loss_of(const Tensor<T>& images, const Tensor<std::int64_t>& label, Where site) {
        const auto logits = net_->forward(images, site);
        return semantic_loss(logits.main, logits.auxiliary, label, options_.loss, site);
    }

    SegmentationNet<T>* net_;
    optim::SGD sgd_;
    optim::WarmupPolyLR schedule_;
    SegmentationTrainerOptions options_;
    LateStream late_stream_;
};

}  // namespace fathom::inline v0::seafusion
