// Conv2d: a convolution with its weight and bias, and optionally the activation behind it in the same pass.
#pragma once

#include "fathom/nn/init.hpp"
#include "fathom/nn/module.hpp"
#include "fathom/ops/conv.hpp"
#include "fathom/ops/pad.hpp"

namespace fathom::inline v0 {

namespace nn {

// The fields are in the order of PyTorch's arguments; activation and slope come after them. {3, 1, 1} is a 3x3 kernel,
// stride 1, padding 1.
struct ConvOptions {
    Pair kernel_size;
    Pair stride = 1;
    ConvPadding padding = 0;
    Pair dilation = 1;
    std::int64_t groups = 1;
    bool bias = true;
    Pad padding_mode = Pad::constant;  // what stands in the padding: zeros, or what pad() puts there
    Activation activation = Activation::none;
    double slope = 0.01;  // of leaky_relu
};

}  // namespace nn

namespace detail {
void check_conv_sizes(std::int64_t in_channels, std::int64_t out_channels, Pair kernel_size, std::int64_t groups,
                      const char* name, Where site);
// What pad() adds around the input of a convolution whose padding is not zeros: {left, right, top, bottom}.
Shape conv_surroundings(const nn::ConvOptions& options, Where site);
}  // namespace detail

namespace nn {

// weight [out_channels, in_channels / groups, kh, kw], bias [out_channels].
template <FloatElement T>
class Conv2d : public Module {
public:
    Parameter<T> weight, bias;
    Conv2dOptions options;              // with another padding_mode than zeros, of what is padded already
    Pad padding_mode = Pad::constant;   // constant: zeros
    Shape surroundings = {0, 0, 0, 0};  // what pad() adds in another mode: {left, right, top, bottom}

    template <class... A>
    Conv2d(std::int64_t, std::int64_t, std::integral auto, A&&...) {
        static_assert(sizeof...(A) > sizeof(T) * 100, "name the size: Conv2d<float>(1, 8, {.kernel_size = 3}, gen)");
    }
    Conv2d(std::int64_t in_channels, std::int64_t out_channels, const ConvOptions& o, Generator& gen,
           Where site = Where::here())
        : Conv2d(in_channels, out_channels, o, site) {
        init::default_(weight, bias, gen, site);
    }
    // Without values: forward throws until weights are loaded.
    Conv2d(std::int64_t in_channels, std::int64_t out_channels, const ConvOptions& o, Where site = Where::here())
        : options{o.stride, o.padding, o.dilation, o.groups, o.activation, o.slope}, padding_mode(o.padding_mode) {
        detail::check_conv_sizes(in_channels, out_channels, o.kernel_size, o.groups, "Conv2d", site);
        if (padding_mode != Pad::constant) surroundings = detail::conv_surroundings(o, site), options.padding = 0;
        weight =
            Parameter<T>::uninitialised({out_channels, in_channels / o.groups, o.kernel_size.h, o.kernel_size.w}, site);
        if (o.bias) bias = Parameter<T>::uninitialised({out_channels}, site);
    }

    void visit(Visitor& v) override {
        v("weight", weight);
        v("bias", bias);
    }
    const char* kind() const override { return "Conv2d"; }

    // Throws unless they were initialised or loaded.
    void require_weights(Where site = Where::here()) const { require_initialised(site, weight, bias); }

    // x [N, in_channels, H, W] -> [N, out_channels, H', W'].
    Tensor<T> forward(const Tensor<T>& x, Where site = Where::here()) const {
        require_weights(site);
        const ModuleScope scope(path());
        return conv2d(padded(x, site), weight, bias, options, site);
    }
    // What the convolution is given: x, unless padding_mode is another than zeros.
    Tensor<T> padded(const Tensor<T>& x, Where site = Where::here()) const {
        return padding_mode == Pad::constant ? x : pad(x, surroundings, padding_mode, 0, site);
    }
    Tensor<T> operator()(const Tensor<T>& x, Where site = Where::here()) const { return forward(x, site); }
};
// Conv2d(1, 8, {.kernel_size = 3}, gen) is one of float.
Conv2d(std::int64_t, std::int64_t, const ConvOptions&, Generator&)->Conv2d<float>;
Conv2d(std::int64_t, std::int64_t, const ConvOptions&)->Conv2d<float>;
template <class... A>
Conv2d(std::int64_t, std::int64_t, std::integral auto, A&&...) -> Conv2d<float>;

}  // namespace nn
}  // namespace fathom::inline v0

#ifndef FATHOM_COMPILED
#include "fathom/nn/conv.inl.hpp"
#endif
