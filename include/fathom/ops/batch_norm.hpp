// batch_norm: normalisation of each channel over a batch, with the activation behind it in the same pass.
#pragma once

#include "fathom/autograd/composite.hpp"
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
// Elements of the dimensions from `first` on.
std::int64_t elements_behind(const Shape& shape, int first);
void check_batch_norm(const BatchNormInput& in, const BatchNormOptions& options, const char* name, Where site);
// The layouts that kernels take; what training writes counts as written.
BatchNormInput prepared(const BatchNormInput& in, const BatchNormOptions& options, const ElementwiseKernel& copy,
                        const char* name, Where site);

template <FloatElement T>
struct BatchNorm final : Function {
    static Tensor<T> forward(const BatchNormInput& given, const BatchNormOptions& o, Where site) {
        const char* name = "batch_norm";
        check_batch_norm(given, o, name, site);
        const BatchNormInput in = prepared(given, o, cpu::kernel<T, Elementwise::copy>, name, site);
        const Shape& s = in.x.shape();
        const auto per_channel = [&] { return new_tensor({s[1]}, {1}, in.x.dtype(), in.x.device(), name, site); };
        const AnyTensor mean = per_channel(), inverse_std = per_channel();
        const auto y = new_tensor<T>(s, strides_in_order_of(s, s, in.x.strides()), in.x.device(), name, site);
        run(in.x, name, site, operation::batch_norm, &cpu::batch_norm<T>,
            {.x = image_array(in.x),
             .y = image_array(y),
             .weight = array_of(in.weight),
             .bias = array_of(in.bias),
             .mean = array_of(mean),
             .inverse_std = array_of(inverse_std),
             .running_mean = array_of(in.running_mean),
             .running_var = array_of(in.running_var),
             .momentum = o.momentum,
             .eps = o.eps,
             .activation = o.activation,
             .slope = o.slope,
             .training = o.training});
        return finish<BatchNorm>(y, name, site, {in.x, in.weight, in.bias}, [&](BatchNorm& f) {
            f.x = Saved(in.x), f.weight = Saved(in.weight), f.bias = Saved(in.bias);
            f.mean = Saved(mean), f.inverse_std = Saved(inverse_std), f.options = o;
        });
    }
    // The derivation is in docs/batch_norm.md.
    void backward(Gradients& g) override {
        const AnyTensor in = x.get(*this), dy = with_pixel_stride(g.output(), ops->copy, name, site);
        const Target dx = g.target_if_needed(0), dweight = g.target_if_needed(1), dbias = g.target_if_needed(2);
        run(in, name, site, operation::batch_norm_backward, &cpu::batch_norm_backward<T>,
            {.x = image_array(in),
             .weight = array_of(weight.get(*this)),
             .bias = array_of(bias.get(*this)),
             .mean = array_of(mean.get(*this)),
             .inverse_std = array_of(inverse_std.get(*this)),
             .dy = image_array(dy),
             .dx = image_array(dx),
             .dweight = array_of(dweight),
             .dbias = array_of(dbias),
             .activation = options.activation,
             .slope = options.slope,
             .training = options.training});
    }
    void backward_recorded(Gradients& g) override {
        const auto in = x.get_recorded<T>(*this), w = weight.get_recorded<T>(*this), b = bias.get_recorded<T>(*this);
        autograd::backward_by_composite(g, composite(in, w, b), {in, w, b}, site);
    }
    void release_saved() override {
        for (Saved* s : {&x, &weight, &bias, &mean, &inverse_std}) s->release();
    }

    // The same by plain operations, without running statistics; outside training mean and inverse_std are constants.
    Tensor<T> composite(const Tensor<T>& in, const Tensor<T>& w, const Tensor<T>& b) const {
        const auto per_channel = [&](const Tensor<T>& v) { return reshape(v, {1, v.numel(), 1, 1}, site); };
        Tensor<T> y;
        if (options.training) {
            const Tensor<T> centred = in - fathom::mean(in, {0, 2, 3}, true, site);
            const Tensor<T> variance = fathom::mean(square(centred, site), {0, 2, 3}, true, site);
            y = centred / sqrt(variance + static_cast<T>(options.eps), site);
        } else {
            y = (in - per_channel(mean.get<T>(*this))) * per_channel(inverse_std.get<T>(*this));
        }
        if (w.defined()) y = y * per_channel(w);
        if (b.defined()) y = y + per_channel(b);
        if (options.activation == Activation::relu) return relu(y, site);
        return options.activation == Activation::leaky_relu ? leaky_relu(y, options.slope, site) : y;
    }

    Saved x, weight, bias, mean, inverse_std;
    BatchNormOptions options;
};
}  // namespace detail

// activation((x - mean) / sqrt(variance + eps) * weight + bias) per channel of x [N, C, ...]; everything else is [C].
// With `training`, mean and (biased) variance are the batch's, and running_mean and running_var, if defined, move
// towards them in place, the latter towards the unbiased variance; a channel needs two values at least. Otherwise the
// running ones are used. weight and bias may be undefined: 1 and 0.
template <FloatElement T>
Tensor<T> batch_norm(const Tensor<T>& x, const std::type_identity_t<Tensor<T>>& running_mean,
                     const std::type_identity_t<Tensor<T>>& running_var,
                     const std::type_identity_t<Tensor<T>>& weight = {},
                     const std::type_identity_t<Tensor<T>>& bias = {}, const BatchNormOptions& options = {},
                     Where site = Where::here()) {
    const auto images = [&](const Tensor<T>& in) {
        if (options.training && in.rank() == 4 && in.numel() == 0) {  // nothing to normalise or to learn from
            detail::check_batch_norm({in, running_mean, running_var, weight, bias}, options, "batch_norm", site);
            Tensor<T> y = in;
            if (weight.defined()) y = y * reshape(weight, {1, weight.numel(), 1, 1}, site);
            if (bias.defined()) y = y + reshape(bias, {1, bias.numel(), 1, 1}, site);
            return clone(y, site);
        }
        return detail::BatchNorm<T>::forward({in, running_mean, running_var, weight, bias}, options, site);
    };
    detail::require_defined(x, "batch_norm", site);
    if (x.rank() == 4 || x.rank() < 2) return images(x);
    const Shape& s = x.shape();
    const Shape shape = s.rank() == 2   ? Shape{s[0], s[1], 1, 1}
                        : s.rank() == 3 ? Shape{s[0], s[1], 1, s[2]}
                                        : Shape{s[0], s[1], s[2], detail::elements_behind(s, 3)};
    return reshape(images(reshape(x, shape, site)), s, site);
}

}  // namespace fathom::inline v0

#ifndef FATHOM_COMPILED
#include "fathom/ops/batch_norm.inl.hpp"
#endif
