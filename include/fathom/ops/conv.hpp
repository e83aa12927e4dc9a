// conv2d: convolution (cross-correlation, as every framework calls it) with bias and activation in one pass.
// Convolution is bilinear in x and weight, so the three passes forward F(x, w), data D(w, dy) and weight W(x, dy) are
// closed under differentiation: each one's gradients are the other two.
#pragma once

#include "fathom/backend/cpu/conv.hpp"
#include "fathom/ops/images.hpp"
#include "fathom/ops/math.hpp"

namespace fathom::inline v0 {

// How much a convolution pads: nothing, or so much that with stride 1 the result has the input's size; where that is an
// odd number of zeros, one more behind the input than before it.
enum class Padding { valid, same };

// Zeros on each side: one number for both directions, {vertical, horizontal}, or a Padding.
struct ConvPadding : Pair {
    bool same = false;
    using Pair::Pair;
    constexpr ConvPadding(const Pair& zeros) : Pair(zeros) {}
    constexpr ConvPadding(Padding padding) : Pair(0), same(padding == Padding::same) {}
};

// The fields are in the order of PyTorch's arguments; those after groups have no counterpart there.
struct Conv2dOptions {
    Pair stride = 1;
    ConvPadding padding = 0;
    Pair dilation = 1;
    std::int64_t groups = 1;
    Activation activation = Activation::none;  // applied to the result, in the same pass
    double slope = 0.01;                       // of leaky_relu
    Precision precision = Precision::fast;
};

namespace detail {

// What the passes of one convolution have in common.
struct Convolution {
    ConvShape shape;
    Activation activation = Activation::none;
    double slope = 0;
    Precision precision = Precision::fast;

    Shape x_shape() const { return {shape.n, shape.in_channels, shape.height, shape.width}; }
    Shape y_shape() const { return {shape.n, shape.out_channels, shape.out_height(), shape.out_width()}; }
    Shape weight_shape() const {
        return {shape.out_channels, shape.in_channels / shape.groups, shape.kernel_h, shape.kernel_w};
    }
    // The arguments of a pass, with the pixel strides of its images.
    abi::ConvArgs args(const Target& x, const Target& y) const;
};

// Of conv2d and conv_transpose2d.
void check_conv_options(const char* name, const Conv2dOptions& options, Where site);
void check_conv_bias(const char* name, const AnyTensor& x, const AnyTensor& bias, std::int64_t channels, Where site);
void check_conv_residual(const AnyTensor& x, const AnyTensor& residual, const Shape& shape, Where site);
// Padding::same as numbers, for a kernel [.., .., kh, kw]: as many zeros on each side as are needed behind the input.
Pair conv_padding(const AnyTensor& weight, const Conv2dOptions& options, const char* name, Where site);
// The rows and columns that padding evenly for Padding::same has made too many, before the result.
Pair conv_surplus(const AnyTensor& weight, const Conv2dOptions& options);
AnyTensor without_surplus(const AnyTensor& y, Pair surplus, Where site);
// Sizes and options, checked.
Convolution convolution(const AnyTensor& x, const AnyTensor& weight, const AnyTensor& bias,
                        const Conv2dOptions& options, const char* name, Where site);

// The passes into given places, nothing recorded: images with one pixel stride, weights row-major.
template <FloatElement T>
void conv_forward_into(const Target& y, const Convolution& conv, const AnyTensor& x, const AnyTensor& w,
                       const AnyTensor& bias, const char* name, Where site, const AnyTensor& residual = {}) {
    abi::ConvArgs args = conv.args({x}, y);
    args.w = array_of(w), args.bias = array_of(bias), args.residual = image_array(residual);
    args.activation = conv.activation, args.slope = conv.slope;
    run(x, name, site, operation::conv_forward, &cpu::conv_forward<T>, args);
}
template <FloatElement T>
void conv_data_into(const Target& dx, const Convolution& conv, const AnyTensor& w, const AnyTensor& dy,
                    const char* name, Where site) {
    abi::ConvArgs args = conv.args(dx, {dy});
    args.w = array_of(w);
    run(dy, name, site, operation::conv_data, &cpu::conv_data<T>, args);
}
// dw and dbias where they are wanted.
template <FloatElement T>
void conv_weight_into(const Target& dw, const Target& dbias, const Convolution& conv, const AnyTensor& x,
                      const AnyTensor& dy, const char* name, Where site) {
    if (!dw.wanted() && !dbias.wanted()) return;
    abi::ConvArgs args = conv.args({x}, {dy});
    args.w = array_of(dw), args.bias = array_of(dbias);
    run(x, name, site, operation::conv_weight, &cpu::conv_weight<T>, args);
}

template <FloatElement T>
struct Conv2d final : Function {
    // Into `out` where it is defined: a slice of a dense buffer that nobody has read yet. residual: with out's strides,
    // or none.
    static Tensor<T> forward(const Convolution& conv, const AnyTensor& x, const AnyTensor& w, const AnyTensor& bias,
                             Where site, const AnyTensor& out = {}, const AnyTensor& residual = {}) {
        const auto y = typed<T>(out.defined() ? out : new_images(conv.y_shape(), x, "conv2d", site));
        conv_forward_into<T>({y}, conv, x, w, bias, "conv2d", site, residual);
        return finish<Conv2d>(y, "conv2d", site, {x, w, bias, residual}, [&](Conv2d& f) {
            f.conv = conv;
            if (autograd::requires_grad(w) || autograd::requires_grad(bias)) f.x = Saved(x);
            if (autograd::requires_grad(x)) f.w = Saved(w);
            if (conv.activation != Activation::none) f.y = Saved::output(y);
        });
    }
    void backward(Gradients& g) override {
        const AnyTensor dy = before_activation(g.output(), g.output_is_exclusive());
        if (g.needs(0)) conv_data_into<T>(g.target(0), conv, w.get(*this), dy, name, site);
        const Target dw = g.target_if_needed(1), dbias = g.target_if_needed(2);
        if (dw.wanted() || dbias.wanted()) conv_weight_into<T>(dw, dbias, conv, x.get(*this), dy, name, site);
        if (g.needs(3)) g.add(3, dy);
    }
    void backward_recorded(Gradients& g) override;
    void release_saved() override { x.release(), w.release(), y.release(); }

    // The gradient before the activation, in a layout that kernels take; in dy's own memory where that is free to be
    // overwritten. The sign of the output tells the side of the kink.
    AnyTensor before_activation(const AnyTensor& dy, bool exclusive) const {
        if (conv.activation == Activation::none) return with_pixel_stride(dy, ops->copy, name, site);
        const bool in_place = exclusive && has_pixel_stride(dy.shape(), dy.strides());
        const AnyTensor out = y.get(*this), dz = in_place ? dy
                                                          : new_tensor(output.shape, output.strides, output.dtype,
                                                                       output.device, name, site);
        run_elementwise(conv.activation == Activation::leaky_relu ? cpu::kernel<T, Elementwise::leaky_relu_grad>
                                                                  : cpu::kernel<T, Elementwise::relu_grad>,
                        {dz}, {&dy, &out}, name, site, conv.slope);
        return dz;
    }

    Convolution conv;
    Saved x, w, y;
};

// The same convolution without its activation: what gradients of gradients use.
inline Convolution linear_part(Convolution conv) {
    conv.activation = Activation::none;
    return conv;
}

template <FloatElement T>
struct Conv2dWeight;

// D(w, dy): gradient with respect to w is W(ddx, dy), to dy F(ddx, w).
template <FloatElement T>
struct Conv2dData final : Function {
    static Tensor<T> forward(const Convolution& conv, const AnyTensor& w, const AnyTensor& dy, Where site) {
        const auto dx = new_images<T>(conv.x_shape(), dy, "conv2d", site);
        conv_data_into<T>({dx}, conv, w, dy, "conv2d", site);
        return finish<Conv2dData>(dx, "conv2d_data", site, {w, dy},
                                  [&](Conv2dData& f) { f.conv = linear_part(conv), f.w = Saved(w), f.dy = Saved(dy); });
    }
    void backward(Gradients& g) override {
        const AnyTensor ddx = with_pixel_stride(g.output(), ops->copy, name, site);
        if (g.needs(0)) g.add(0, Conv2dWeight<T>::forward(conv, ddx, dy.get_recorded(*this), site));
        if (g.needs(1)) g.add(1, Conv2d<T>::forward(conv, ddx, w.get_recorded(*this), {}, site));
    }
    void release_saved() override { w.release(), dy.release(); }

    Convolution conv;
    Saved w, dy;
};

// W(x, dy): gradient with respect to x is D(ddw, dy), to dy F(x, ddw).
template <FloatElement T>
struct Conv2dWeight final : Function {
    static Tensor<T> forward(const Convolution& conv, const AnyTensor& x, const AnyTensor& dy, Where site) {
        const Shape shape = conv.weight_shape();
        const auto dw = new_tensor<T>(shape, row_major_strides(shape), dy.device(), "conv2d", site);
        conv_weight_into<T>({dw}, {}, conv, x, dy, "conv2d", site);
        return finish<Conv2dWeight>(dw, "conv2d_weight", site, {x, dy}, [&](Conv2dWeight& f) {
            f.conv = linear_part(conv), f.x = Saved(x), f.dy = Saved(dy);
        });
    }
    void backward(Gradients& g) override {
        const AnyTensor ddw = row_major(g.output(), ops->copy, name, site);
        if (g.needs(0)) g.add(0, Conv2dData<T>::forward(conv, ddw, dy.get_recorded(*this), site));
        if (g.needs(1)) g.add(1, Conv2d<T>::forward(conv, x.get_recorded(*this), ddw, {}, site));
    }
    void release_saved() override { x.release(), dy.release(); }

    Convolution conv;
    Saved x, dy;
};

template <FloatElement T>
void Conv2d<T>::backward_recorded(Gradients& g) {
    AnyTensor dy = g.output();
    if (conv.activation != Activation::none) {
        const AnyTensor ones = new_tensor(output.shape, output.strides, output.dtype, output.device, name, site);
        autograd::engine::fill(ones, 1, *this);
        dy = mul_recorded<T>(dy, before_activation(ones, true));
    }
    dy = with_pixel_stride(dy, ops->copy, name, site);
    if (g.needs(0)) g.add(0, Conv2dData<T>::forward(conv, w.get_recorded(*this), dy, site));
    if (g.needs(1)) g.add(1, Conv2dWeight<T>::forward(conv, x.get_recorded(*this), dy, site));
    if (g.needs(2)) {
        const std::int64_t channels = conv.shape.out_channels;
        g.add(2, reshape(sum_to(dy, {channels, 1, 1}, ops, site), {channels}, ops->copy, site));
    }
    if (g.needs(3)) g.add(3, dy);
}

// Into `out` where it is defined. residual: where it is defined, there is no `out`.
template <FloatElement T>
Tensor<T> conv2d_into(const Tensor<T>& x, const Tensor<T>& weight, const Tensor<T>& bias, const Conv2dOptions& options,
                      const AnyTensor& out, Where site, const AnyTensor& residual = {}, const char* name = "conv2d") {
    const Convolution conv = convolution(x, weight, bias, options, name, site);
    const ElementwiseKernel& copy = cpu::kernel<T, Elementwise::copy>;
    return Conv2d<T>::forward(conv, with_pixel_stride(x, copy, "conv2d", site), row_major(weight, copy, "conv2d", site),
                              bias.defined() ? row_major(bias, copy, "conv2d", site) : AnyTensor(), site, out,
                              residual.defined()
                                  ? in_strides(residual, channels_last_strides(residual.shape()), copy, "conv2d", site)
                                  : AnyTensor());
}

template <FloatElement T>
Tensor<T> activate(const Tensor<T>& x, Activation activation, double slope, Where site) {
    if (activation == Activation::relu) return relu(x, site);
    if (activation == Activation::leaky_relu) return leaky_relu(x, slope, site);
    return x;
}

}  // namespace detail

// x [N, C, H, W], weight [K, C / groups, kh, kw], bias [K] or none -> [N, K, H', W'] with channels-last strides,
// rounded down; of one image [C, H, W], [K, H', W']:
//   H' = (H + 2 padding - dilation (kh - 1) - 1) / stride + 1
template <FloatElement T>
Tensor<T> conv2d(const Tensor<T>& x, const Tensor<T>& weight, const std::type_identity_t<Tensor<T>>& bias = {},
                 const Conv2dOptions& options = {}, Where site = Where::here()) {
    if (x.defined() && x.rank() == 3)
        return squeeze(conv2d(unsqueeze(x, 0, site), weight, bias, options, site), 0, site);
    const Tensor<T> y = detail::conv2d_into(x, weight, bias, options, {}, site);
    return options.padding.same
               ? Tensor<T>::adopt(detail::without_surplus(y, detail::conv_surplus(weight, options), site))
               : y;
}

// activation(conv2d(x, weight) + bias + residual), residual of the result's shape: in one pass on the CPU.
template <FloatElement T>
Tensor<T> conv2d_add(const Tensor<T>& x, const Tensor<T>& weight, const std::type_identity_t<Tensor<T>>& bias,
                     const Tensor<T>& residual, const Conv2dOptions& options = {}, Where site = Where::here()) {
    Shape shape = detail::convolution(x, weight, bias, options, "conv2d", site).y_shape();
    const Pair surplus = detail::conv_surplus(weight, options);
    shape[2] -= surplus.h, shape[3] -= surplus.w;
    detail::check_conv_residual(x, residual, shape, site);
    if (x.device() != Device::cpu() || surplus.h != 0 || surplus.w != 0) {
        Conv2dOptions linear = options;
        linear.activation = Activation::none;
        const Tensor<T> sum = conv2d(x, weight, bias, linear, site) + residual;
        return detail::activate(sum, options.activation, options.slope, site);
    }
    return detail::conv2d_into(x, weight, bias, options, {}, site, residual);
}

}  // namespace fathom::inline v0

#ifndef FATHOM_COMPILED
#include "fathom/ops/conv.inl.hpp"
#endif
