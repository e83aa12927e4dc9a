// SeAFusion's semantic loss: OHEM cross-entropy of the segmentation net's two heads, main + lambda * auxiliary. Tang,
// Yuan, Ma, Information Fusion 82 (2022), equations 6 to 8; the mining as in the authors' released code.
#pragma once

#include "fathom/core/ignored_label.hpp"
#include "fathom/ops/ohem.hpp"

namespace fathom::inline v0::seafusion {

struct SemanticLossOptions {
    double lambda = 0.1;            // of the auxiliary head
    double threshold = 0.7;         // of the target's probability
    double n_min_fraction = 0.125;  // of the batch's pixels: so many count at least
};
// What trains the fusion net, and what trains the segmentation net.
inline constexpr SemanticLossOptions fusion_semantic_loss{.lambda = 0.1, .n_min_fraction = 1.0 / 8};
inline constexpr SemanticLossOptions segmentation_semantic_loss{.lambda = 0.75, .n_min_fraction = 1.0 / 16};

// On the device of the logits: reading a part waits for it.
template <FloatElement T>
struct SemanticLoss {
    Tensor<T> total;                      // main + lambda * auxiliary; differentiable
    Tensor<T> main_loss, auxiliary_loss;  // auxiliary without lambda; no gradient flows through these

    double main(Where site = Where::here()) const { return static_cast<double>(main_loss.item(site)); }
    double auxiliary(Where site = Where::here()) const { return static_cast<double>(auxiliary_loss.item(site)); }
};

// main and auxiliary: logits [N, C, H, W]; target [N, H, W], ignored_label where a pixel has no class.
template <FloatElement T>
SemanticLoss<T> semantic_loss(const Tensor<T>& main, const Tensor<T>& auxiliary, const Tensor<std::int64_t>& target,
                              const SemanticLossOptions& options, Where site = Where::here()) {
    if (!(options.n_min_fraction >= 0 && options.n_min_fraction <= 1))
        fail("semantic_loss", site, {"n_min_fraction ", options.n_min_fraction, " is outside [0, 1]"});
    const OhemOptions mining{
        .threshold = options.threshold,
        .n_min = static_cast<std::int64_t>(options.n_min_fraction * static_cast<double>(target.numel())),
        .ignore_index = ignored_label};
    const Tensor<T> first = ohem_cross_entropy(main, target, mining, site),
                    second = ohem_cross_entropy(auxiliary, target, mining, site);
    return {first + options.lambda * second, first.detach(), second.detach()};
}

}  // namespace fathom::inline v0::seafusion
