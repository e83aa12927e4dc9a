// Losses of numbers in [0, 1], each for itself: binary_cross_entropy, the same of logits, dice_loss.
#pragma once

#include <limits>

#include "fathom/ops/loss.hpp"

namespace fathom::inline v0 {

template <FloatElement T>
struct BinaryCrossEntropyOptions {
    Tensor<T> weight = {};  // of each element; broadcasts to the input's shape
    Reduction reduction = Reduction::mean;
};
template <FloatElement T>
struct BinaryCrossEntropyWithLogitsOptions {
    Tensor<T> weight = {};  // of each element; broadcasts to the input's shape
    Reduction reduction = Reduction::mean;
    Tensor<T> pos_weight = {};  // of the positive part, as [C] over the last dimension; broadcasts too
};

namespace detail {

// Throws unless `weight`, if defined, broadcasts to x's shape.
void check_element_weight(const AnyTensor& x, const AnyTensor& weight, const char* what, const char* name, Where site);
// Throws unless every element is in [0, 1]. On a device, whose elements the host does not see, it does nothing: the
// loss of others is NaN there.
void check_probabilities(const AnyTensor& x, const char* name, Where site);

template <FloatElement T>
Tensor<T> weighted(const Tensor<T>& loss, const Tensor<T>& weight, Where site) {
    return weight.defined() ? mul(Operand<T>(loss, site), Operand<T>(weight, site)) : loss;
}

// -(t log(x) + (1 - t) log(1 - x)), the logarithms not below -100, as in PyTorch: where x is 0 or 1 and should not be.
template <FloatElement T>
struct BinaryCrossEntropy final : Function {
    static Tensor<T> forward(const Tensor<T>& input, const Tensor<T>& target, Where site) {
        const char* name = "binary_cross_entropy";
        check_same_shape(input, target, name, site);
        check_device(input.untyped(), target.untyped(), name, site);
        check_probabilities(input, name, site);
        const Tensor<T> x = input.detach(), t = target.detach();
        const Tensor<T> loss = -(t * bounded_log(x, site) + (1 - t) * bounded_log(1 - x, site));
        return finish<BinaryCrossEntropy>(loss, name, site, {input, target},
                                          [&](BinaryCrossEntropy& f) { f.x = Saved(input), f.t = Saved(target); });
    }
    // dx = (x - t) / (x (1 - x)), dt = log(1 - x) - log(x), each bounded.
    void backward(Gradients& g) override { gradients(g, x.get<T>(*this), t.get<T>(*this)); }
    void backward_recorded(Gradients& g) override { gradients(g, x.get_recorded<T>(*this), t.get_recorded<T>(*this)); }
    void release_saved() override { x.release(), t.release(); }

    void gradients(Gradients& g, const Tensor<T>& in, const Tensor<T>& target) const {
        const auto dy = g.output<T>();
        if (g.needs(0)) {
            const Tensor<T> slope =
                clamp(in * (1 - in), static_cast<T>(1e-12), std::numeric_limits<T>::infinity(), site);
            g.add(0, dy * ((in - target) / slope));
        }
        if (g.needs(1)) g.add(1, dy * (bounded_log(1 - in, site) - bounded_log(in, site)));
    }
    static Tensor<T> bounded_log(const Tensor<T>& x, Where site) {
        return clamp(log(x, site), T{-100}, std::numeric_limits<T>::infinity(), site);
    }

    Saved x, t;
};

}  // namespace detail

// -(t log(x) + (1 - t) log(1 - x)) of probabilities x and targets t in [0, 1], of one shape. Of logits
// binary_cross_entropy_with_logits is more exact.
template <FloatElement T>
Tensor<T> binary_cross_entropy(const Tensor<T>& x, const Tensor<T>& target,
                               const std::type_identity_t<BinaryCrossEntropyOptions<T>>& options = {},
                               Where site = Where::here()) {
    const Tensor<T> loss = detail::BinaryCrossEntropy<T>::forward(x, target, site);
    detail::check_element_weight(x, options.weight, "weight", "binary_cross_entropy", site);
    return detail::reduced(detail::weighted(loss, options.weight, site), options.reduction, site);
}

// The same of logits, x being sigmoid(logits), and with a weight p of the positive part:
//   (1 - t) logits + (1 + (p - 1) t) log(1 + exp(-logits))
template <FloatElement T>
Tensor<T> binary_cross_entropy_with_logits(
    const Tensor<T>& logits, const Tensor<T>& target,
    const std::type_identity_t<BinaryCrossEntropyWithLogitsOptions<T>>& options = {}, Where site = Where::here()) {
    const char* name = "binary_cross_entropy_with_logits";
    detail::check_same_shape(logits, target, name, site);
    detail::check_element_weight(logits, options.weight, "weight", name, site);
    detail::check_element_weight(logits, options.pos_weight, "pos_weight", name, site);
    const auto at = [&](const Tensor<T>& x) { return Operand<T>(x, site); };
    Tensor<T> rest = softplus(neg(at(logits)), 1, std::numeric_limits<double>::infinity(), site);
    if (options.pos_weight.defined()) {
        const Tensor<T> more = detail::affine(options.pos_weight, 1, -1, name, site),
                        factor = detail::affine(mul(at(more), at(target)), 1, 1, name, site);
        rest = mul(at(factor), at(rest));
    }
    const Tensor<T> loss = add(at(mul(at(detail::affine(target, -1, 1, name, site)), at(logits))), at(rest));
    return detail::reduced(detail::weighted(loss, options.weight, site), options.reduction, site);
}

// 1 - (2 sum(x t) + smooth) / (sum(x) + sum(t) + smooth), the sums over all dimensions behind the first two of
// probabilities x and targets t, both [N, C, ...]: how little two masks overlap. reduction is over images and classes.
// Milletari et al., "V-Net", 3DV 2016, with sums instead of sums of squares.
template <FloatElement T>
Tensor<T> dice_loss(const Tensor<T>& x, const Tensor<T>& target, Reduction reduction = Reduction::mean,
                    double smooth = 1, Where site = Where::here()) {
    const char* name = "dice_loss";
    detail::check_same_shape(x, target, name, site);
    if (x.rank() < 3) fail(name, site, {"input has shape ", x.shape(), ", expected [N,C,...]"});
    if (!(smooth >= 0)) fail(name, site, {"smooth ", smooth, ", expected at least 0"});
    Shape dims;
    for (int d = 2; d < x.rank(); ++d) dims.push_back(d);
    const auto at = [&](const Tensor<T>& v) { return Operand<T>(v, site); };
    const Tensor<T> both = detail::sum_scaled(mul(at(x), at(target)), dims, false, 2, name, site),
                    all = add(at(sum(x, dims, false, site)), at(sum(target, dims, false, site)));
    const Tensor<T> overlap =
        div(at(detail::affine(both, 1, smooth, name, site)), at(detail::affine(all, 1, smooth, name, site)));
    return detail::reduced(detail::affine(overlap, -1, 1, name, site), reduction, site);
}

}  // namespace fathom::inline v0

#ifndef FATHOM_COMPILED
#include "fathom/ops/binary_loss.inl.hpp"
#endif
