// batch_norm: normalisation of each channel over a batch, with the activation behind it in the same pass.
#pragma once

#include "fathom/backend/cpu/batch_norm.hpp"
#include "fathom/ops/conv.hpp"
#include "fathom/ops/reduce.hpp"

namespace fathom::inline v0 {

// The fields are in the order of PyTorch's arguments; activation and slope come after them.
struct BatchNormOptions {
    bool training = false;
    double momentum = 0.1;
    double eps = 1e-5;
    Activation activation = Activation::none;
    double slope = 0.01;  // of leaky_relu
};

namespace detail {

struct BatchNormInput {
    AnyTensor x, running_mean, running_var, weight, bias;
};
struct BatchNormEntries {
    CpuEntry<abi::BatchNormArgs> forward, backward;
    // The same by plain operations, without running statistics; mean and inverse_std [C] are what it uses outside
    // training.
    AnyTensor (*composite)(const BatchNormInput& in, const AnyTensor& mean, const AnyTensor& inverse_std,
                           const BatchNormOptions& options, Where site);
    const autograd::TypeOps* ops;
};
AnyTensor batch_norm(const BatchNormEntries& cpu, const BatchNormInput& in, const BatchNormOptions& options,
                     Where site);

template <FloatElement T>
AnyTensor batch_norm_composite(const BatchNormInput& in, const AnyTensor& mean_, const AnyTensor& inverse_std,
                               const BatchNormOptions& options, Where site) {
    const Tensor<T> x = typed<T>(in.x);
    const auto per_channel = [&](const AnyTensor& v) { return reshape(typed<T>(v), {1, v.numel(), 1, 1}, site); };
    Tensor<T> y;
    if (options.training) {
        const Tensor<T> centred = x - mean(x, {0, 2, 3}, true, site);
        y = centred / sqrt(mean(square(centred, site), {0, 2, 3}, true, site) + static_cast<T>(options.eps), site);
    } else {
        y = (x - per_channel(mean_)) * per_channel(inverse_std);
    }
    if (in.weight.defined()) y = y * per_channel(in.weight);
    if (in.bias.defined()) y = y + per_channel(in.bias);
    if (options.activation == Activation::relu) return relu(y, site);
    return options.activation == Activation::leaky_relu ? leaky_relu(y, options.slope, site) : y;
}
template <FloatElement T>
inline constexpr BatchNormEntries batch_norm_entries = {&cpu::batch_norm<T>, &cpu::batch_norm_backward<T>,
                                                        &batch_norm_composite<T>, &autograd::type_ops<T>};
}  // namespace detail

// activation((x - mean) / sqrt(variance + eps) * weight + bias) per channel of x [N, C, H, W] or [N, C]; everything
// else is [C]. With `training`, mean and (biased) variance are the batch's, and running_mean and running_var, if
// defined, move towards them in place, the latter towards the unbiased variance; a channel needs two values at least.
// Otherwise the running ones are used. weight and bias may be undefined: 1 and 0.
template <FloatElement T>
Tensor<T> batch_norm(const Tensor<T>& x, const std::type_identity_t<Tensor<T>>& running_mean,
                     const std::type_identity_t<Tensor<T>>& running_var,
                     const std::type_identity_t<Tensor<T>>& weight = {},
                     const std::type_identity_t<Tensor<T>>& bias = {}, const BatchNormOptions& options = {},
                     Where site = Where::here()) {
    const auto images = [&](const Tensor<T>& in) {
        return detail::typed<T>(detail::batch_norm(detail::batch_norm_entries<T>,
                                                   {in, running_mean, running_var, weight, bias}, options, site));
    };
    if (x.rank() != 2) return images(x);
    return reshape(images(reshape(x, {x.shape()[0], x.shape()[1], 1, 1}, site)), x.shape(), site);
}

}  // namespace fathom::inline v0

#ifndef FATHOM_COMPILED
#include "fathom/ops/batch_norm.inl.hpp"
#endif
