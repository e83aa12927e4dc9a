// Training of the fusion net: one step of forward, loss, backward and update. The loss is the content loss, and once a
// segmentation net guides the training, beta times what that net makes of the fused image: Tang, Yuan, Ma, Information
// Fusion 82 (2022), equation 8. Next: segmentation_trainer.hpp.
#pragma once

#include "fathom/core/float_bits.hpp"
#include "fathom/optim/adam.hpp"
#include "fathom/seafusion/content_loss.hpp"
#include "fathom/seafusion/fuse.hpp"
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
    double lr = 1e-3;              // of Adam, whose other settings are PyTorch's
    double alpha = 10;             // weight of the texture loss
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
        guide_ = &guide, beta_ = beta, semantic_ = options;
    }
    void follow_nobody() { guide_ = nullptr; }

    // One update. A loss that is not finite throws before it, naming the operation where it arose.
    StepLosses step(const FusionBatch<T>& batch, Where site = Where::here()) {
        check(batch, site);
        adam_.zero_grad();
        StepLosses sum;
        for (const MicroBatch& micro : micro_batches(batch.y.shape()[0], options_.micro_batch)) {
            const FusionBatch<T> part{micro.of(batch.y, site), micro.of(batch.ir, site), micro.of(batch.chroma, site),
                                      micro.of(batch.label, site)};
            const auto [total, losses] = loss(part, site);
            if (!is_finite(losses.total)) fail_step(part, losses.total, site);
            micro.backward(total, site);
            const double share = micro.share();
            sum.total += share * losses.total, sum.intensity += share * losses.intensity;
            sum.texture += share * losses.texture, sum.semantic += share * losses.semantic;
        }
        adam_.step(site);
        return sum;
    }
    StepLosses step(const Tensor<T>& y, const Tensor<T>& ir, Where site = Where::here()) {
        return step(FusionBatch<T>{y, ir}, site);
    }

private:
    struct Loss {
        Tensor<T> total;
        StepLosses values;
    };

    void check(const FusionBatch<T>& batch, Where site) const {
        if (batch.y.rank() != 4 || batch.y.numel() == 0)
            fail("train", site, {"y has shape ", batch.y.shape(), ", expected [N,1,H,W] with at least one pixel"});
        if (guide_ && !(batch.chroma.defined() && batch.label.defined()))
            fail("train", site, {"a segmentation net guides: the batch needs chroma and label"});
    }

    Loss loss(const FusionBatch<T>& b, Where site) {
        const Tensor<T> fused = net_->forward(b.y, b.ir, site);
        const ContentLoss<T> content = content_loss(fused, b.y, b.ir, options_.alpha, site);
        Loss result{content.total, {0, content.intensity(), content.texture(), 0}};
        if (guide_) {
            const auto logits = guide_->forward(color_image(fused, b.chroma, site), site);
            const SemanticLoss<T> semantic = semantic_loss(logits.main, logits.auxiliary, b.label, semantic_, site);
            result.values.semantic = static_cast<double>(semantic.total.item(site));
            result.total = result.total + static_cast<T>(beta_) * semantic.total;
        }
        result.values.total = static_cast<double>(result.total.item(site));
        return result;
    }

    [[noreturn]] void fail_step(const FusionBatch<T>& batch, double value, Where site) {
        StateDict images;
        images.add("y", batch.y), images.add("ir", batch.ir);
        if (batch.chroma.defined()) images.add("chroma", batch.chroma);
        StateDict weights{net_->named_parameters(), {}};
        if (guide_) weights.add_prefixed("the segmentation net's ", guide_->state_dict());
        fail_not_finite(
            value, images, weights, [&] { loss(batch, site); }, site);
    }

    FusionNet<T>* net_;
    optim::Adam adam_;
    FusionTrainerOptions options_;
    SegmentationNet<T>* guide_ = nullptr;
    double beta_ = 0;
    SemanticLossOptions semantic_;
};

// The content loss of one pair of whole images [1, 1, H, W], without a graph.
template <FloatElement T>
double content_loss_of(FusionNet<T>& net, const Tensor<T>& y, const Tensor<T>& ir, double alpha = 10) {
    const NoGrad off;
    return static_cast<double>(content_loss(net.forward(y, ir), y, ir, alpha).total.item());
}

}  // namespace fathom::inline v0::seafusion
