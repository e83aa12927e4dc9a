// group_norm and instance_norm: normalisation of channels within each image. Both are layer_norm of groups of channels,
// then a scale and a shift per channel.
#pragma once

#include "fathom/ops/batch_norm.hpp"
#include "fathom/ops/inplace.hpp"
#include "fathom/ops/layer_norm.hpp"

namespace fathom::inline v0 {

// The fields are in the order of PyTorch's arguments.
struct InstanceNormOptions {
    bool use_input_stats = true;  // false: the running ones
    double momentum = 0.1;
    double eps = 1e-5;
};

namespace detail {
// Throws unless x is [N, C, ...], which `groups` divides into groups of values, and parameters [C] lie beside it.
void check_group_norm(const AnyTensor& x, std::int64_t groups, const AnyTensor& weight, const AnyTensor& bias,
                      double eps, const char* name, Where site);
// [C] beside an array of x's rank.
Shape beside_channels(const AnyTensor& x);

// The values of each group of channels, normalised; then weight and bias.
template <FloatElement T>
Tensor<T> grouped_norm(const Tensor<T>& x, std::int64_t groups, const Tensor<T>& weight, const Tensor<T>& bias,
                       double eps, Where site) {
    const Shape& s = x.shape();
    Tensor<T> y = x;
    if (x.numel() != 0) {
        // [N, groups, C / groups, rest]: a view, whatever the order of memory, of images at least.
        const Shape split{s[0], groups, s[1] / groups, s.rank() == 2 ? 1 : s[2], elements_behind(s, 3)};
        y = layer_norm(reshape(x, split, site), {split[2], split[3], split[4]}, {}, {}, eps, site);
        y = reshape(y, s, site);
    }
    if (weight.defined()) y = mul(Operand<T>(y, site), Operand<T>(reshape(weight, beside_channels(x), site), site));
    if (bias.defined()) y = add(Operand<T>(y, site), Operand<T>(reshape(bias, beside_channels(x), site), site));
    return y;
}

// Running statistics [C] move towards the mean over the images of each one's mean and (unbiased) variance.
template <FloatElement T>
void update_instance_statistics(const Tensor<T>& x, Tensor<T> running_mean, Tensor<T> running_var, double momentum,
                                Where site) {
    const NoGrad off;
    Shape pixels;
    for (int d = 2; d < x.rank(); ++d) pixels.push_back(d);
    const auto move = [&](Tensor<T>& running, const Tensor<T>& now) {
        if (!running.defined()) return;
        const T share = static_cast<T>(momentum);
        running.copy_(running * (T{1} - share) + mean(now, {0}, false, site) * share, site);
    };
    move(running_mean, mean(x, pixels, false, site));
    move(running_var, var(x, pixels, true, false, site));
}
}  // namespace detail

// Wu and He, "Group normalization", ECCV 2018: x [N, C, ...] with mean and (biased) variance over each of num_groups
// groups of neighbouring channels and all their pixels, weight and bias [C] or undefined (1 and 0):
//   (x - mean) / sqrt(variance + eps) * weight + bias
template <FloatElement T>
Tensor<T> group_norm(const Tensor<T>& x, std::int64_t num_groups, const std::type_identity_t<Tensor<T>>& weight = {},
                     const std::type_identity_t<Tensor<T>>& bias = {}, double eps = 1e-5, Where site = Where::here()) {
    detail::check_group_norm(x, num_groups, weight, bias, eps, "group_norm", site);
    return detail::grouped_norm<T>(x, num_groups, weight, bias, eps, site);
}

// The same with every channel a group of its own, x [N, C, L, ...]. Running statistics [C], if defined, move in place
// towards those of x, or stand for them where use_input_stats is false.
template <FloatElement T>
Tensor<T> instance_norm(const Tensor<T>& x, const std::type_identity_t<Tensor<T>>& running_mean = {},
                        const std::type_identity_t<Tensor<T>>& running_var = {},
                        const std::type_identity_t<Tensor<T>>& weight = {},
                        const std::type_identity_t<Tensor<T>>& bias = {}, const InstanceNormOptions& o = {},
                        Where site = Where::here()) {
    const char* name = "instance_norm";
    detail::require_defined(x, name, site);
    if (x.rank() < 3) fail(name, site, {"input has shape ", x.shape(), ", expected [N,C,L], [N,C,H,W] or more"});
    detail::check_group_norm(x, x.shape()[1], weight, bias, o.eps, name, site);
    if (!o.use_input_stats)
        return batch_norm(x, running_mean, running_var, weight, bias, {.training = false, .eps = o.eps}, site);
    if (detail::elements_behind(x.shape(), 2) == 1)
        fail(name, site, {"input has shape ", x.shape(), ", expected more than one value per channel of an image"});
    if (x.numel() != 0 && (running_mean.defined() || running_var.defined()))
        detail::update_instance_statistics<T>(x, running_mean, running_var, o.momentum, site);
    return detail::grouped_norm<T>(x, x.shape()[1], weight, bias, o.eps, site);
}

}  // namespace fathom::inline v0

#ifndef FATHOM_COMPILED
#include "fathom/ops/group_norm.inl.hpp"
#endif
