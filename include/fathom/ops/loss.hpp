// Losses: l1_loss, mse_loss, smooth_l1_loss, huber_loss, cross_entropy. Next: binary_loss.hpp.
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
    require_defined(x, name, site), require_defined(target, name, site);
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

namespace detail {
// With d = x - target and c = d, bounded to [-delta, delta]: c (d - c / 2), which is d^2 / 2 inside and
// delta (|d| - delta / 2) outside.
template <FloatElement T>
Tensor<T> huber(const Tensor<T>& x, const Tensor<T>& target, double delta, double scale, const char* name, Where site) {
    check_same_shape(x, target, name, site);
    const T bound = scalar_as<T>(delta, site);
    const Tensor<T> d = sub(Operand<T>(x, site), Operand<T>(target, site)), c = clamp(d, -bound, bound, site),
                    rest = sub(Operand<T>(d, site), Operand<T>(affine(c, 0.5, no_constant, name, site), site));
    const Tensor<T> loss = mul(Operand<T>(c, site), Operand<T>(rest, site));
    return scale == 1 ? loss : affine(loss, scale, no_constant, name, site);
}
}  // namespace detail

// |d| - beta / 2 of d = x - target, and d^2 / (2 beta) where |d| is below beta.
template <FloatElement T>
Tensor<T> smooth_l1_loss(const Tensor<T>& x, const Tensor<T>& target, Reduction reduction = Reduction::mean,
                         double beta = 1, Where site = Where::here()) {
    if (!(beta >= 0)) fail("smooth_l1_loss", site, {"beta ", beta, ", expected at least 0"});
    if (beta == 0) return l1_loss(x, target, reduction, site);
    return detail::reduced(detail::huber(x, target, beta, 1 / beta, "smooth_l1_loss", site), reduction, site);
}
// delta (|d| - delta / 2) of d = x - target, and d^2 / 2 where |d| is below delta.
template <FloatElement T>
Tensor<T> huber_loss(const Tensor<T>& x, const Tensor<T>& target, Reduction reduction = Reduction::mean,
                     double delta = 1, Where site = Where::here()) {
    if (!(delta > 0)) fail("huber_loss", site, {"delta ", delta, ", expected above 0"});
    return detail::reduced(detail::huber(x, target, delta, 1, "huber_loss", site), reduction, site);
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
    std::int64_t ignore_index = -100;
    double label_smoothing = 0;
};
void check_cross_entropy(const AnyTensor& logits, const AnyTensor& target, const CrossEntropySettings& settings,
                         const char* name, Where site);
// Sum of the targets' weights, or their number; ignored ones left out.
double target_weight(const AnyTensor& target, const AnyTensor& weight, std::int64_t ignore_index, Where site);
// Of class probabilities, [N, C, ...] as the logits.
void check_class_probabilities(const AnyTensor& logits, const AnyTensor& target, const CrossEntropySettings& settings,
                               const char* name, Where site);
// What the slope subtracts, [N, C, ...], and 1 / W, [N, 1, ...], of CrossEntropySlope; both on the CPU.
struct TargetShares {
    AnyTensor coefficients, inverse_weight;
};
TargetShares target_shares(const AnyTensor& slope, const AnyTensor& target, const CrossEntropySettings& settings,
                           const char* name, Where site);

// The slope of the losses, [N, C, ...]: their gradient where dloss is 1, as an operation of its own, so that it can be
// differentiated again. With W the sum of a position's class weights in the loss (of its smoothed target):
//   q     = W softmax(logits)
//   slope = q - coefficients
// and its gradient for the cotangent u:
//   q (u - sum(q u) / W)
template <FloatElement T>
struct CrossEntropySlope final : Function {
    void backward(Gradients& g) override { g.add(0, gradient(g.output<T>(), slope.get<T>(*this))); }
    void backward_recorded(Gradients& g) override { g.add(0, gradient(g.output<T>(), slope.get_recorded<T>(*this))); }
    void release_saved() override { slope.release(), target.release(); }

    Tensor<T> gradient(const Tensor<T>& u, const Tensor<T>& s) const {
        const TargetShares shares = target_shares(s, target.get(*this), settings, name, site);
        const Tensor<T> q = s + typed<T>(shares.coefficients);
        // The sum is negated as it is scaled: a subtraction would bring its own kernels into every classifier.
        return q * (u + sum_scaled(q * u, Shape{1}, true, -1, name, site) * typed<T>(shares.inverse_weight));
    }

    Saved slope, target;
    CrossEntropySettings settings;
};

// g where counts is above 0, else 0. The kernel is one that most programs have anyway, where `where` and its own
// gradient would be compiled into every program that classifies.
template <FloatElement T>
AnyTensor where_counted(const AnyTensor& g, const AnyTensor& counts, Where site);
template <FloatElement T>
inline constexpr Rule where_counted_rule = {
    {{"gb", cpu::kernel<T, Elementwise::relu_grad>,
      [](const Operands& o) -> AnyTensor { return where_counted<T>(o.g, o.b, {}); }},
     {}},
    &autograd::type_ops<T>};
template <FloatElement T>
AnyTensor where_counted(const AnyTensor& g, const AnyTensor& counts, Where site) {
    return elementwise<T>({"cross_entropy", cpu::kernel<T, Elementwise::relu_grad>, &where_counted_rule<T>}, g, counts,
                          site);
}

// Loss per position, dense and row-major, 0 where ignored. target_weight, if defined, becomes the weight of each
// target.
template <FloatElement T>
struct CrossEntropy final : Function {
    static Tensor<T> forward(const AnyTensor& logits, const AnyTensor& target, const CrossEntropySettings& settings,
                             const char* name, Where site, const AnyTensor& target_weight = {}) {
        check_cross_entropy(logits, target, settings, name, site);
        const Shape& positions = target.shape();
        const auto loss = new_tensor<T>(positions, row_major_strides(positions), logits.device(), name, site);
        abi::CrossEntropyArgs args = arguments(logits, target, settings);
        args.loss = array_of(loss), args.target_weight = array_of(target_weight);
        run(logits, name, site, operation::cross_entropy, &cpu::cross_entropy<T>, args);
        return finish<CrossEntropy>(loss, name, site, {logits}, [&](CrossEntropy& f) {
            f.logits = Saved(logits), f.target = Saved(target), f.settings = settings;
        });
    }
    void backward(Gradients& g) override { run_backward(logits.get(*this), g.output(), g.target(0)); }
    void backward_recorded(Gradients& g) override {
        const AnyTensor x = logits.get_recorded(*this);
        const AnyTensor ones = new_tensor(output.shape, output.strides, output.dtype, output.device, name, site);
        autograd::engine::fill(ones, 1, *this);
        const auto slope = new_tensor<T>(x.shape(), output_strides(x.shape(), {&x}), x.device(), name, site);
        run_backward(x, ones, {slope});
        finish<CrossEntropySlope<T>>(slope, name, site, {x}, [&](CrossEntropySlope<T>& f) {
            f.slope = Saved::output(slope), f.target = Saved(target.get(*this)), f.settings = settings;
        });
        // An ignored position has no part, whatever its factor: that of a mean of nothing is infinite.
        const auto factor = typed<T>(where_counted<T>(g.output(), counts(x), site));
        g.add(0, slope * unsqueeze(factor, 1, site));
    }
    void release_saved() override { logits.release(), target.release(); }

    // 1 per position, 0 where ignored: the targets' weights without weights of classes.
    AnyTensor counts(const AnyTensor& x) const {
        const Shape strides = row_major_strides(output.shape);
        const AnyTensor found = new_tensor(output.shape, strides, output.dtype, output.device, name, site),
                        loss = new_tensor(output.shape, strides, output.dtype, output.device, name, site);
        abi::CrossEntropyArgs args =
            arguments(x, target.get(*this), {.weight = {}, .ignore_index = settings.ignore_index});
        args.loss = array_of(loss), args.target_weight = array_of(found);
        run(x, name, site, operation::cross_entropy, &cpu::cross_entropy<T>, args);
        return found;
    }

    static abi::CrossEntropyArgs arguments(const AnyTensor& logits, const AnyTensor& target,
                                           const CrossEntropySettings& settings) {
        return {.logits = array_of(logits),
                .target = array_of(target),
                .weight = array_of(settings.weight),
                .ignore_index = settings.ignore_index,
                .label_smoothing = settings.label_smoothing};
    }
    void run_backward(const AnyTensor& x, const AnyTensor& dloss, const Target& dlogits) const {
        abi::CrossEntropyArgs args = arguments(x, target.get(*this), settings);
        args.dloss = array_of(dloss), args.dlogits = array_of(dlogits);
        run(x, name, site, operation::cross_entropy_backward, &cpu::cross_entropy_backward<T>, args);
    }

    Saved logits, target;
    CrossEntropySettings settings;
};

// loss / weight, for a weight without a gradient: the whole of div and its gradients would be compiled into every
// program that classifies.
template <FloatElement T>
Tensor<T> per_weight(const AnyTensor& loss, const AnyTensor& weight, Where site);
template <FloatElement T>
inline constexpr Rule per_weight_rule = {{{"gb", cpu::kernel<T, Elementwise::div>,
                                           [](const Operands& o) -> AnyTensor { return per_weight<T>(o.g, o.b, {}); }},
                                          {}},
                                         &autograd::type_ops<T>};
template <FloatElement T>
Tensor<T> per_weight(const AnyTensor& loss, const AnyTensor& weight, Where site) {
    return elementwise<T>({"cross_entropy", cpu::kernel<T, Elementwise::div>, &per_weight_rule<T>}, loss, weight, site);
}
}  // namespace detail

// logits [N, C, ...], target [N, ...] with class indices. A target outside [0, C) other than ignore_index throws; on a
// device, whose targets the host does not see, it makes its loss and gradient NaN.
template <FloatElement T>
Tensor<T> cross_entropy(const Tensor<T>& logits, const Tensor<std::int64_t>& target,
                        const std::type_identity_t<CrossEntropyOptions<T>>& options = {}, Where site = Where::here()) {
    const char* name = "cross_entropy";
    if (logits.defined() && logits.rank() == 1 && target.defined() && target.rank() == 0) {
        const Tensor<T> loss = cross_entropy(unsqueeze(logits, 0, site), unsqueeze(target, 0, site), options, site);
        return options.reduction == Reduction::none ? squeeze(loss, 0, site) : loss;
    }
    const detail::CrossEntropySettings settings{options.weight, options.ignore_index, options.label_smoothing};
    if (options.reduction == Reduction::mean && target.defined() && !target.device().is_cpu()) {
        const auto target_weight = detail::new_tensor<T>(target.shape(), detail::row_major_strides(target.shape()),
                                                         target.device(), name, site);
        const Tensor<T> loss =
            detail::CrossEntropy<T>::forward(logits, target, settings, name, site, target_weight.untyped());
        return detail::per_weight<T>(sum(loss, site), sum(target_weight, site), site);
    }
    const Tensor<T> loss = detail::CrossEntropy<T>::forward(logits, target, settings, name, site);
    if (options.reduction == Reduction::none) return loss;
    const double scale = options.reduction == Reduction::sum
                             ? 1
                             : 1 / detail::target_weight(target, options.weight, options.ignore_index, site);
    return detail::sum_scaled(loss, {}, false, scale, name, site);
}
// Against probabilities of all classes, shaped as the logits:
//   -sum over classes of weight target log_softmax(logits)
// The mean divides by the number of positions. There is nothing to ignore: ignore_index keeps its default.
template <FloatElement T>
Tensor<T> cross_entropy(const Tensor<T>& logits, const Tensor<T>& target,
                        const std::type_identity_t<CrossEntropyOptions<T>>& options = {}, Where site = Where::here()) {
    const char* name = "cross_entropy";
    const double smoothing = options.label_smoothing;
    detail::check_class_probabilities(logits, target, {options.weight, options.ignore_index, smoothing}, name, site);
    const int classes_at = logits.rank() == 1 ? 0 : 1;
    const std::int64_t classes = logits.shape()[classes_at];
    Tensor<T> share = target;
    if (smoothing > 0)
        share = detail::affine(target, 1 - smoothing, smoothing / static_cast<double>(classes), name, site);
    if (options.weight.defined()) {
        Shape shape = Shape::filled(logits.rank(), 1);
        shape[classes_at] = classes;
        share = mul(Operand<T>(share, site), Operand<T>(reshape(options.weight, shape, site), site));
    }
    const Tensor<T> terms = mul(Operand<T>(share, site), Operand<T>(log_softmax(logits, classes_at, site), site));
    if (options.reduction == Reduction::none)
        return detail::sum_scaled(terms, Shape{classes_at}, false, -1, name, site);
    const double positions = static_cast<double>(logits.numel()) / static_cast<double>(classes);
    return detail::sum_scaled(terms, {}, false, options.reduction == Reduction::sum ? -1 : -1 / positions, name, site);
}

}  // namespace fathom::inline v0

#ifndef FATHOM_COMPILED
#include "fathom/ops/loss.inl.hpp"
#endif
