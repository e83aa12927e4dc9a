// Training of the fusion net: one step of forward, loss, backward and update. The loss is the content loss, and once a
// segmentation net guides the training, beta times what that net makes of the fused image: Tang, Yuan, Ma, Information
// Fusion 82 (2022), equation 8. Next: segmentation_trainer.hpp.
#pragma once

#include "fathom/core/float_bits.hpp"
#include "fathom/optim/adam.hpp"
#include "fathom/seafusion/content_loss.hpp"
#include "fathom/seafusion/fuse.hpp"
#include "fathom/seafusion/late_losses.hpp"
#include "fathom/seafusion/micro_batch.hpp"
#include "fathom/seafusion/not_finite.hpp"
#include "fathom/seafusion/segmentation_net.hpp"
#include "fathom/seafusion/semantic_loss.hpp"

namespace fathom::inline v0::seafusion {

struct StepLosses {
    double total = 0, intensity = 0, texture = 0, semantic = 0;  // texture without alpha, semantic without beta
};

// What one step sees. chroma and label are needed where a segmentation net guides.
template <FloatElement T>
struct FusionBatch {
    Tensor<T> y, ir;                  // [N, 1, H, W]: luminance of the visible image, infrared; both in [0, 1]
    Tensor<T> chroma = {};            // [N, 2, H, W]: Cr and Cb of the visible image
    Tensor<std::int64_t> label = {};  // [N, H, W]: classes, ignored_label where nobody is sure
};

// visible [N, 3, H, W], RGB in [0, 1].
template <FloatElement T>
FusionBatch<T> fusion_batch(const Tensor<T>& visible, const Tensor<T>& infrared, const Tensor<std::int64_t>& label = {},
                            Where site = Where::here()) {
    const Tensor<T> ycrcb = rgb_to_ycrcb(visible, site);
    return {contiguous(narrow(ycrcb, 1, 0, 1, site), MemoryFormat::row_major, site), infrared,
            contiguous(narrow(ycrcb, 1, 1, 2, site), MemoryFormat::row_major, site), label};
}

struct FusionTrainerOptions {
    double lr = 1e-3;   // of Adam, whose other settings are PyTorch's
    double alpha = 10;  // weight of the texture loss
    IntensityTarget intensity = IntensityTarget::maximum;
    std::int64_t micro_batch = 0;  // images in memory at once; 0: all. Gradients add up to the batch's, but a guiding
                                   // net's loss picks its pixels among these images
};

template <FloatElement T>
class FusionTrainer {
public:
    // The net must outlive the trainer.
    explicit FusionTrainer(FusionNet<T>& net, const FusionTrainerOptions& options = {}, Where site = Where::here())
        : net_(&net), adam_(net.parameters(), {.lr = options.lr}, site), options_(options) {
        if (options.micro_batch < 0)
            fail("FusionTrainer", site, {"micro_batch is ", options.micro_batch, ", expected 0 or more"});
    }

    optim::Adam& optimizer() { return adam_; }
    const optim::Adam& optimizer() const { return adam_; }

    // From now on `guide`, which must stay alive, looks at the fused images: frozen, in eval(). Its loss counts `beta`.
    void follow(SegmentationNet<T>& guide, double beta, const SemanticLossOptions& options = fusion_semantic_loss) {
        guide.eval();
        guide.requires_grad_(false);
        guide_ = &guide, beta_ = beta, semantic_ = options, guide_trains_ = false;
    }
    // From now on both nets are trained by one loss, the content loss plus `beta` times the semantic loss of `partner`,
    // which must stay alive and is in train(). A step adds to its gradients: empty them before, update it behind.
    void train_along(SegmentationNet<T>& partner, double beta,
                     const SemanticLossOptions& options = segmentation_semantic_loss) {
        partner.train();
        partner.requires_grad_();
        guide_ = &partner, beta_ = beta, semantic_ = options, guide_trains_ = true;
    }
    void follow_nobody() { guide_ = nullptr, guide_trains_ = false; }

    // One update. A loss that is not finite throws before it, naming the operation where it arose. Waits for the
    // device.
    StepLosses step(const FusionBatch<T>& batch, Where site = Where::here()) {
        const std::vector<Part> parts = backward(batch, site);
        for (const Part& part : parts)
            if (const auto value = static_cast<double>(part.total.item(site)); !is_finite(value))
                fail_step(batch, part.micro, value, site);
        adam_.step(site);
        return losses_of(parts, site);
    }
    StepLosses step(const Tensor<T>& y, const Tensor<T>& ir, Where site = Where::here()) {
        return step(FusionBatch<T>{y, ir}, site);
    }
    // The same without waiting for a device other than the CPU: a loss that is not finite shows when it is read, behind
    // the update.
    LateLosses<StepLosses> send_step(const FusionBatch<T>& batch, Where site = Where::here()) {
        const Device device = batch.y.defined() ? batch.y.device() : Device::cpu();
        if (device.is_cpu()) return LateLosses<StepLosses>(step(batch, site));
        std::vector<Part> parts = backward(batch, site);
        adam_.step(site);
        return {[parts = std::move(parts), site] { return losses_of(parts, site); }, device,
                late_stream_.of(device, site), site};
    }

private:
    struct Loss {
        Tensor<T> total;
        ContentLoss<T> content;
        SemanticLoss<T> semantic;  // undefined where nobody guides
    };
    // Of a part of the batch, without its graph.
    struct Part {
        MicroBatch micro;
        Tensor<T> total;
        ContentLoss<T> content;
        Tensor<T> semantic;
    };

    // Forward and backward; the gradients are those of the whole batch then.
    std::vector<Part> backward(const FusionBatch<T>& batch, Where site) {
        check(batch, site);
        adam_.zero_grad();
        std::vector<Part> parts;
        const std::int64_t images = batch.y.shape()[0], size = options_.micro_batch;
        for (const MicroBatch& micro : guide_trains_ ? even_micro_batches(images, size) : micro_batches(images, size)) {
            const Loss l = loss(part_of(batch, micro, site), site);
            micro.backward(l.total, site);
            const Tensor<T>& semantic = l.semantic.total;
            parts.push_back({micro,
                             l.total.detach(),
                             {l.content.total.detach(), l.content.sums, l.content.pixels},
                             semantic.defined() ? semantic.detach() : semantic});
        }
        return parts;
    }
    static FusionBatch<T> part_of(const FusionBatch<T>& batch, const MicroBatch& micro, Where site) {
        return {micro.of(batch.y, site), micro.of(batch.ir, site), micro.of(batch.chroma, site),
                micro.of(batch.label, site)};
    }
    static StepLosses losses_of(const std::vector<Part>& parts, Where site) {
        StepLosses sum;
        for (const Part& part : parts) {
            const double share = part.micro.share();
            sum.total += share * static_cast<double>(part.total.item(site));
            sum.intensity += share * part.content.intensity(site), sum.texture += share * part.content.texture(site);
            if (part.semantic.defined()) sum.semantic += share * static_cast<double>(part.semantic.item(site));
        }
        return sum;
    }

    void check(const FusionBatch<T>& batch, Where site) const {
        if (batch.y.rank() != 4 || batch.y.numel() == 0)
            fail("train", site, {"y has shape ", batch.y.shape(), ", expected [N,1,H,W] with at least one pixel"});
        if (guide_ && !(batch.chroma.defined() && batch.label.defined()))
            fail("train", site, {"a segmentation net guides: the batch needs chroma and label"});
    }

    Loss loss(const FusionBatch<T>& b, Where site) {
        const Tensor<T> fused = net_->forward(b.y, b.ir, site);
        const ContentLoss<T> content = content_loss(fused, b.y, b.ir, options_.alpha, options_.intensity, site);
        if (!guide_) return {content.total, content, {}};
        const auto logits = guide_->forward(color_image(fused, b.chroma, site), site);
        const SemanticLoss<T> semantic = semantic_loss(logits.main, logits.auxiliary, b.label, semantic_, site);
        return {content.total + static_cast<T>(beta_) * semantic.total, content, semantic};
    }

    [[noreturn]] void fail_step(const FusionBatch<T>& batch, const MicroBatch& micro, double value, Where site) {
        const FusionBatch<T> part = part_of(batch, micro, site);
        StateDict images;
        images.add("y", part.y), images.add("ir", part.ir);
        if (part.chroma.defined()) images.add("chroma", part.chroma);
        StateDict weights{net_->named_parameters(), {}};
        if (guide_) weights.add_prefixed("the segmentation net's ", guide_->state_dict());
        fail_not_finite(
            value, images, weights, [&] { loss(part, site); }, site);
    }

    FusionNet<T>* net_;
    optim::Adam adam_;
    FusionTrainerOptions options_;
    SegmentationNet<T>* guide_ = nullptr;
    bool guide_trains_ = false;
    double beta_ = 0;
    SemanticLossOptions semantic_;
    LateStream late_stream_;
};

// The content loss of one pair of whole images [1, 1, H, W], without a graph.
template <FloatElement T>
double content_loss_of(FusionNet<T>& net, const Tensor<T>& y, const Tensor<T>& ir, double alpha = 10) {
    const NoGrad off;
    return static_cast<double>(content_loss(net.forward(y, ir), y, ir, alpha).total.item());
}

}  // namespace fathom::inline v0::seafusion
