// Losses of classes without probabilities: soft_margin_loss, multilabel_soft_margin_loss, multi_margin_loss,
// multilabel_margin_loss.
#pragma once

#include <limits>

#include "fathom/ops/cumulative.hpp"
#include "fathom/ops/index.hpp"
#include "fathom/ops/loss.hpp"
#include "fathom/ops/mask.hpp"
#include "fathom/ops/masked.hpp"
#include "fathom/tensor/factories.hpp"

namespace fathom::inline v0 {

template <FloatElement T>
struct MultilabelSoftMarginLossOptions {
    Tensor<T> weight = {};  // per class; broadcasts to the input's shape
    Reduction reduction = Reduction::mean;
};
template <FloatElement T>
struct MultiMarginLossOptions {
    int p = 1;  // or 2: the power of each class's part
    double margin = 1;
    Tensor<T> weight = {};  // per class, [C]; none: 1
    Reduction reduction = Reduction::mean;
};

// log(1 + exp(-target x)), target 1 or -1; both broadcast.
template <FloatElement T>
Tensor<T> soft_margin_loss(const Tensor<T>& x, const Tensor<T>& target, Reduction reduction = Reduction::mean,
                           Where site = Where::here()) {
    const Tensor<T> ahead = mul(Operand<T>(x, site), Operand<T>(target, site));
    return detail::reduced(softplus(neg(Operand<T>(ahead, site)), 1, std::numeric_limits<double>::infinity(), site),
                           reduction, site);
}

// The mean over classes, the last dimension, of -(t log(sigmoid(x)) + (1 - t) log(1 - sigmoid(x))): [..., C] -> [...].
template <FloatElement T>
Tensor<T> multilabel_soft_margin_loss(const Tensor<T>& x, const Tensor<T>& target,
                                      const std::type_identity_t<MultilabelSoftMarginLossOptions<T>>& o = {},
                                      Where site = Where::here()) {
    const char* name = "multilabel_soft_margin_loss";
    detail::check_same_shape(x, target, name, site);
    if (x.rank() == 0) fail(name, site, {"input has shape [], expected [...,C]"});
    const auto at = [&](const Tensor<T>& v) { return Operand<T>(v, site); };
    const Tensor<T> rest = softplus(neg(at(x)), 1, std::numeric_limits<double>::infinity(), site),
                    against = mul(at(detail::affine(target, -1, 1, name, site)), at(x));
    Tensor<T> loss = add(at(against), at(rest));
    if (o.weight.defined()) loss = mul(at(loss), at(o.weight));
    return detail::reduced(mean(loss, Shape{-1}, false, site), o.reduction, site);
}

// The mean over classes of max(0, margin - x[target] + x[class])^p, of the others than the target alone: x [N, C] and
// targets [N], or [C] and [].
template <FloatElement T>
Tensor<T> multi_margin_loss(const Tensor<T>& x, const Tensor<std::int64_t>& target,
                            const std::type_identity_t<MultiMarginLossOptions<T>>& o = {}, Where site = Where::here()) {
    const char* name = "multi_margin_loss";
    detail::require_defined(x, name, site), detail::require_defined(target, name, site);
    if (x.rank() > 2 || target.rank() > 1 || (x.rank() == 2 ? x.shape()[0] : 1) != target.numel())
        fail(name, site, {"input has shape ", x.shape(), ", target ", target.shape(), ", expected [N,C] and [N]"});
    if (o.p != 1 && o.p != 2) fail(name, site, {"p ", o.p, ", expected 1 or 2"});
    const auto at = [&](const Tensor<T>& v) { return Operand<T>(v, site); };
    const std::int64_t n = target.numel(), classes = x.rank() == 0 ? 1 : x.shape()[-1];
    if (o.weight.defined() && !(o.weight.shape() == Shape{classes}))
        fail(name, site, {"weight has shape ", o.weight.shape(), ", expected ", Shape{classes}});
    const Tensor<T> rows = reshape(x, {n, classes}, site);
    const Tensor<std::int64_t> index = reshape(target, {n, 1}, site);
    const Tensor<T> own = gather(rows, 1, index, site);
    Tensor<T> parts = relu(detail::affine(sub(at(rows), at(own)), 1, o.margin, name, site), site);
    if (o.p == 2) parts = square(parts, site);
    if (o.weight.defined())
        parts = mul(at(parts), at(reshape(index_select(o.weight, 0, reshape(target, {n}, site), site), {n, 1}, site)));
    Tensor<T> loss = mean(scatter(parts, 1, index, 0, site), Shape{1}, false, site);
    if (x.rank() < 2) loss = squeeze(loss, 0, site);
    return detail::reduced(loss, o.reduction, site);
}

// Several targets of each row: the mean over all classes of max(0, 1 - x[target] + x[class]), summed over the targets
// and the classes that are none. x [N, C] and targets [N, C] of which those before the first negative one count; or [C]
// and [C].
template <FloatElement T>
Tensor<T> multilabel_margin_loss(const Tensor<T>& x, const Tensor<std::int64_t>& target,
                                 Reduction reduction = Reduction::mean, Where site = Where::here()) {
    const char* name = "multilabel_margin_loss";
    detail::require_defined(x, name, site), detail::require_defined(target, name, site);
    if (x.rank() > 2 || !(x.shape() == target.shape()))
        fail(name, site, {"input has shape ", x.shape(), ", target ", target.shape(), ", expected [N,C] of both"});
    using Indices = Tensor<std::int64_t>;
    const auto number = [&](std::int64_t value) { return Operand<std::int64_t>(value, site); };
    const std::int64_t n = x.rank() == 2 ? x.shape()[0] : 1, classes = x.rank() == 0 ? 1 : x.shape()[-1];
    const Tensor<T> rows = reshape(x, {n, classes}, site);
    const Indices all = reshape(target, {n, classes}, site);
    const Indices ended = cumsum(less(Operand<std::int64_t>(all, site), number(0)), 1, site);
    const Tensor<bool> counts = equal(Operand<std::int64_t>(ended, site), number(0));
    const Indices index = where(counts, all, 0, site),
                  named = scatter_add(zeros_like(all, site), 1, index, counts.template to<std::int64_t>(site), site);
    const Tensor<bool> other = equal(Operand<std::int64_t>(named, site), number(0));
    // [N, targets, classes]
    const Tensor<bool> pairs =
        logical_and(Operand<bool>(unsqueeze(counts, 2, site), site), Operand<bool>(unsqueeze(other, 1, site), site));
    const Tensor<T> own = unsqueeze(gather(rows, 1, index, site), 2, site), each = unsqueeze(rows, 1, site);
    const Tensor<T> parts =
        relu(detail::affine(sub(Operand<T>(each, site), Operand<T>(own, site)), 1, 1, name, site), site);
    const double scale = classes == 0 ? 1 : 1 / static_cast<double>(classes);
    Tensor<T> loss = detail::sum_scaled(where(pairs, parts, 0, site), {1, 2}, false, scale, name, site);
    if (x.rank() < 2) loss = squeeze(loss, 0, site);
    return detail::reduced(loss, reduction, site);
}

}  // namespace fathom::inline v0
