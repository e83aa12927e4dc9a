// Losses: l1_loss, mse_loss, cross_entropy.
#pragma once

#include "fathom/backend/cpu/softmax.hpp"
#include "fathom/ops/copy.hpp"
#include "fathom/ops/softmax.hpp"

namespace fathom::inline v0 {

enum class Reduction { mean, sum, none };

namespace detail {
template <FloatElement T>
Tensor<T> reduced(const Tensor<T>& loss, Reduction reduction, Where site) {
    return reduction == Reduction::mean ? mean(loss, site) : reduction == Reduction::sum ? sum(loss, site) : loss;
}
template <FloatElement T>
void check_same_shape(const Tensor<T>& x, const Tensor<T>& target, const char* name, Where site) {
    if (!(x.shape() == target.shape())) fail(name, site, {"input has shape ", x.shape(), ", target ", target.shape()});
}
}  // namespace detail

// |x - target|.
template <FloatElement T>
Tensor<T> l1_loss(const Tensor<T>& x, const Tensor<T>& target, Reduction reduction = Reduction::mean,
                  Where site = Where::here()) {
    detail::check_same_shape(x, target, "l1_loss", site);
    return detail::reduced(abs(sub(Operand<T>(x, site), Operand<T>(target, site)), site), reduction, site);
}
// (x - target)^2.
template <FloatElement T>
Tensor<T> mse_loss(const Tensor<T>& x, const Tensor<T>& target, Reduction reduction = Reduction::mean,
                   Where site = Where::here()) {
    detail::check_same_shape(x, target, "mse_loss", site);
    return detail::reduced(square(sub(Operand<T>(x, site), Operand<T>(target, site)), site), reduction, site);
}

template <FloatElement T>
struct CrossEntropyOptions {
    Tensor<T> weight = {};  // per class, [C]; none: 1
    std::int64_t ignore_index = -100;
    Reduction reduction = Reduction::mean;  // mean: divided by the sum of the targets' weights
    double label_smoothing = 0;             // in [0, 1]: this share of the target spread over all classes
};

namespace detail {

struct CrossEntropySettings {
    AnyTensor weight;
    std::int64_t ignore_index;
    double label_smoothing;
};
// With W the sum of a position's class weights in the loss (of its smoothed target) and p = softmax(logits): the loss
// has the slope W p - coefficients.
struct CrossEntropyEntries {
    CpuEntry<abi::CrossEntropyArgs> forward, backward;
    // dlogits by recorded operations, given the slope.
    AnyTensor (*scaled)(const AnyTensor& slope, const AnyTensor& dloss, Where site);
    // The gradient of the slope for the cotangent u, by recorded operations: with q = W p, q (u - sum(q u) / W).
    AnyTensor (*slope_gradient)(const AnyTensor& u, const AnyTensor& slope, const AnyTensor& coefficients,
                                const AnyTensor& inverse_weight, Where site);
    const autograd::TypeOps* ops;
};
// Loss per position, dense and row-major, 0 where ignored.
AnyTensor cross_entropy(const CrossEntropyEntries& cpu, const AnyTensor& logits, const AnyTensor& target,
                        const CrossEntropySettings& settings, const char* name, Where site);
// Sum of the targets' weights, or their number; ignored ones left out.
double target_weight(const AnyTensor& target, const AnyTensor& weight, std::int64_t ignore_index, Where site);

template <FloatElement T>
AnyTensor cross_entropy_scaled(const AnyTensor& slope, const AnyTensor& dloss, Where site) {
    return typed<T>(slope) * typed<T>(unsqueeze(dloss, 1, site));
}
template <FloatElement T>
AnyTensor cross_entropy_slope_gradient(const AnyTensor& u, const AnyTensor& slope, const AnyTensor& coefficients,
                                       const AnyTensor& inverse_weight, Where site) {
    const Tensor<T> q = typed<T>(slope) + typed<T>(coefficients);
    return q * (typed<T>(u) - sum(q * typed<T>(u), Shape{1}, true, site) * typed<T>(inverse_weight));
}
template <FloatElement T>
inline constexpr CrossEntropyEntries cross_entropy_entries = {&cpu::cross_entropy<T>, &cpu::cross_entropy_backward<T>,
                                                              &cross_entropy_scaled<T>,
                                                              &cross_entropy_slope_gradient<T>, &autograd::type_ops<T>};
}  // namespace detail

// logits [N, C, ...], target [N, ...] with class indices; a target outside [0, C) other than ignore_index throws.
template <FloatElement T>
Tensor<T> cross_entropy(const Tensor<T>& logits, const Tensor<std::int64_t>& target,
                        const std::type_identity_t<CrossEntropyOptions<T>>& options = {}, Where site = Where::here()) {
    const auto loss = detail::typed<T>(
        detail::cross_entropy(detail::cross_entropy_entries<T>, logits, target,
                              {options.weight, options.ignore_index, options.label_smoothing}, "cross_entropy", site));
    if (options.reduction == Reduction::none) return loss;
    const double scale = options.reduction == Reduction::sum
                             ? 1
                             : 1 / detail::target_weight(target, options.weight, options.ignore_index, site);
    return detail::sum_scaled(loss, {}, false, scale, "cross_entropy", site);
}

}  // namespace fathom::inline v0

#ifndef FATHOM_COMPILED
#include "fathom/ops/loss.inl.hpp"
#endif
