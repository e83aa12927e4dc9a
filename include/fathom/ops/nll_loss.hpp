// nll_loss: the negative log-likelihood of classes. Next: cross_entropy in loss.hpp, which takes logits.
#pragma once

#include "fathom/ops/index.hpp"
#include "fathom/ops/loss.hpp"

namespace fathom::inline v0 {

template <FloatElement T>
struct NllLossOptions {
    Tensor<T> weight = {};  // per class, [C]; none: 1
    std::int64_t ignore_index = -100;
    Reduction reduction = Reduction::mean;  // mean: divided by the sum of the targets' weights
};

// -weight x at each target's class: x [N, C, ...] are log-probabilities, as log_softmax gives them, target [N, ...]
// class indices; or x [C] and target []. A target outside [0, C) other than ignore_index throws.
template <FloatElement T>
Tensor<T> nll_loss(const Tensor<T>& x, const Tensor<std::int64_t>& target,
                   const std::type_identity_t<NllLossOptions<T>>& options = {}, Where site = Where::here()) {
    const char* name = "nll_loss";
    detail::require_defined(x, name, site), detail::require_defined(target, name, site);
    if (x.rank() == 1 && target.rank() == 0) {
        const Tensor<T> loss = nll_loss(unsqueeze(x, 0, site), unsqueeze(target, 0, site), options, site);
        return options.reduction == Reduction::none ? squeeze(loss, 0, site) : loss;
    }
    detail::check_cross_entropy(x, target, {options.weight, options.ignore_index, 0}, name, site);
    const auto zero = detail::scalar_tensor(T{}, x.device(), site);
    const Tensor<bool> counts =
        not_equal(Operand<std::int64_t>(target, site), Operand<std::int64_t>(options.ignore_index, site));
    const Tensor<std::int64_t> classes =
        fathom::where(counts, target, detail::scalar_tensor(std::int64_t{0}, x.device(), site), site);
    const Tensor<T> picked =
        squeeze(detail::Gather<T>::forward(x, 1, unsqueeze(classes, 1, site), name, site), 1, site);
    Tensor<T> weight = detail::scalar_tensor(T{1}, x.device(), site);
    if (options.weight.defined())
        weight = reshape(detail::Gather<T>::forward(options.weight.detach(), 0,
                                                    reshape(classes, {target.numel()}, site), name, site),
                         target.shape(), site);
    weight = fathom::where(counts, weight, zero, site);
    // An ignored position has no part, whatever stands there.
    const Tensor<T> seen = fathom::where(counts, picked, zero, site),
                    loss = neg(Operand<T>(mul(Operand<T>(seen, site), Operand<T>(weight, site)), site));
    if (options.reduction == Reduction::none) return loss;
    const Tensor<T> total = sum(loss, site);
    if (options.reduction == Reduction::sum) return total;
    return div(Operand<T>(total, site), Operand<T>(sum(weight, site), site));
}

}  // namespace fathom::inline v0
