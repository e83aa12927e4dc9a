// Definitions of conv.hpp. Convolution is bilinear in x and weight, so the three operations forward F(x, w), data D(w,
// dy) and weight W(x, dy) are closed under differentiation: each one's gradients are the other two.

namespace fathom::inline v0::detail {

using autograd::Gradients;
using autograd::Saved;

FATHOM_INLINE abi::Array image_array(const AnyTensor& x) {
    abi::Array a = array_of(x);
    const std::int64_t n = a.shape[0], c = a.shape[1], h = a.shape[2], w = a.shape[3];
    const std::int64_t pixel = w != 1 ? a.strides[3] : h != 1 ? a.strides[2] : n != 1 ? a.strides[0] : c;
    a.strides[0] = pixel * w * h, a.strides[1] = 1, a.strides[2] = pixel * w, a.strides[3] = pixel;
    return a;
}

FATHOM_INLINE AnyTensor with_pixel_stride(const AnyTensor& x, CpuEntry<abi::ElementwiseArgs> copy, const char* name,
                                          Where site) {
    if (has_pixel_stride(x.shape(), x.strides())) return x;
    return copy_to_strides(x, channels_last_strides(x.shape()), copy, name, site);
}

FATHOM_INLINE AnyTensor row_major(const AnyTensor& x, CpuEntry<abi::ElementwiseArgs> copy, Where site) {
    return x.is_contiguous() ? x : copy_to_strides(x, row_major_strides(x.shape()), copy, "conv2d", site);
}

struct ConvGeometry {
    Conv2dOptions options;
    Shape x, weight, y;

    abi::ConvArgs args() const {
        abi::ConvArgs a{};
        a.stride[0] = options.stride.h, a.stride[1] = options.stride.w;
        a.padding[0] = options.padding.h, a.padding[1] = options.padding.w;
        a.dilation[0] = options.dilation.h, a.dilation[1] = options.dilation.w;
        a.groups = options.groups;
        return a;
    }
};

AnyTensor conv_forward(const ConvEntries& cpu, const ConvGeometry& geometry, const AnyTensor& x,
                       const AnyTensor& weight, const AnyTensor& bias, Where site, const AnyTensor& out = {});
AnyTensor conv_data(const ConvEntries& cpu, const ConvGeometry& geometry, const AnyTensor& weight, const AnyTensor& dy,
                    Where site);
AnyTensor conv_weight(const ConvEntries& cpu, const ConvGeometry& geometry, const AnyTensor& x, const AnyTensor& dy,
                      Where site);

// Into given places; `dx`, `dweight`, `dbias` are wanted where their view is defined.
FATHOM_INLINE void conv_data_into(const ConvEntries& cpu, const ConvGeometry& geometry, const autograd::Target& dx,
                                  const AnyTensor& weight, const AnyTensor& dy, Where site) {
    abi::ConvArgs args = geometry.args();
    args.x = image_array(dx.view), args.w = array_of(weight), args.y = image_array(dy);
    run(dx.view, "conv2d", site, dx.flags(), cpu.data, &abi::Table::conv_data, args);
}

FATHOM_INLINE void conv_weight_into(const ConvEntries& cpu, const ConvGeometry& geometry, const AnyTensor& x,
                                    const autograd::Target& dweight, const autograd::Target& dbias, const AnyTensor& dy,
                                    Where site) {
    abi::ConvArgs args = geometry.args();
    args.x = image_array(x), args.y = image_array(dy);
    if (dweight.view.defined() && dbias.view.defined() && dweight.add != dbias.add) {
        conv_weight_into(cpu, geometry, x, dweight, {}, dy, site);
        return conv_weight_into(cpu, geometry, x, {}, dbias, dy, site);
    }
    args.w = array_of(dweight.view);
    args.w.rank = 4;  // the kernel's size, also where only the bias is wanted
    for (int i = 0; i < 4; ++i) args.w.shape[i] = geometry.weight[i];
    args.bias = array_of(dbias.view);
    run(x, "conv2d", site, dweight.view.defined() ? dweight.flags() : dbias.flags(), cpu.weight,
        &abi::Table::conv_weight, args);
}

class ConvNode final : public autograd::Node {
public:
    ConvNode(const ConvEntries& cpu, const ConvGeometry& geometry, const AnyTensor& x, const AnyTensor& w,
             const AnyTensor& bias, const AnyTensor& y)
        : cpu_(cpu), geometry_(geometry) {
        if (autograd::requires_grad(w) || autograd::requires_grad(bias)) x_ = Saved(x);
        if (autograd::requires_grad(x)) w_ = Saved(w);
        if (geometry.options.activation != Activation::none) y_ = Saved::output(y);
    }

    void backward(Gradients& g) override {
        const AnyTensor dy = before_activation(g.output(), g.output_is_exclusive());
        if (g.needs(0)) conv_data_into(cpu_, geometry_, g.target(0), w_.get(*this), dy, site);
        const autograd::Target dweight = g.needs(1) ? g.target(1) : autograd::Target{},
                               dbias = has_bias(g) ? g.target(2) : autograd::Target{};
        if (dweight.view.defined() || dbias.view.defined())
            conv_weight_into(cpu_, geometry_, x_.get(*this), dweight, dbias, dy, site);
    }

    void backward_recorded(Gradients& g) override {
        AnyTensor dy = g.output();
        if (geometry_.options.activation != Activation::none) {
            const AnyTensor ones = new_tensor(output.shape, output.strides, output.dtype, output.device, name, site);
            autograd::engine::fill(ones, 1, *this);
            dy = cpu_.mul(dy, before_activation(ones, true));
        }
        dy = with_pixel_stride(dy, ops->copy, name, site);
        if (g.needs(0)) g.add(0, conv_data(cpu_, geometry_, w_.get_recorded(*this), dy, site));
        if (g.needs(1)) g.add(1, conv_weight(cpu_, geometry_, x_.get_recorded(*this), dy, site));
        if (has_bias(g))
            g.add(2, reshape(sum_to(dy, {geometry_.y[1], 1, 1}, ops, site), {geometry_.y[1]}, ops->copy, site));
    }

    void release_saved() override { x_.release(), w_.release(), y_.release(); }

private:
    bool has_bias(const Gradients& g) const { return inputs.size() > 2 && g.needs(2); }

    // The gradient before the activation, in a layout that kernels take; in dy's own memory where that is free to be
    // overwritten. The sign of the output tells the side of the kink.
    AnyTensor before_activation(const AnyTensor& dy, bool exclusive) const {
        const Conv2dOptions& o = geometry_.options;
        if (o.activation == Activation::none) return with_pixel_stride(dy, ops->copy, name, site);
        const bool leaky = o.activation == Activation::leaky_relu;
        const bool in_place = exclusive && has_pixel_stride(dy.shape(), dy.strides());
        const AnyTensor y = y_.get(*this), dz = in_place ? dy
                                                         : new_tensor(output.shape, output.strides, output.dtype,
                                                                      output.device, name, site);
        elementwise_into({name, leaky ? Elementwise::leaky_relu_grad : Elementwise::relu_grad,
                          leaky ? cpu_.leaky_relu_grad : cpu_.relu_grad, nullptr, o.slope},
                         dz, 0, {&dy, &y}, site);
        return dz;
    }

    const ConvEntries& cpu_;
    ConvGeometry geometry_;
    Saved x_, w_, y_;
};

// D(w, dy): gradient with respect to w is W(ddx, dy), to dy F(ddx, w).
class ConvDataNode final : public autograd::Node {
public:
    ConvDataNode(const ConvEntries& cpu, const ConvGeometry& geometry, const AnyTensor& w, const AnyTensor& dy)
        : cpu_(cpu), geometry_(geometry), w_(w), dy_(dy) {}
    void backward(Gradients& g) override {
        const AnyTensor ddx = with_pixel_stride(g.output(), ops->copy, name, site);
        if (g.needs(0)) g.add(0, conv_weight(cpu_, geometry_, ddx, dy_.get_recorded(*this), site));
        if (g.needs(1)) g.add(1, conv_forward(cpu_, geometry_, ddx, w_.get_recorded(*this), {}, site));
    }
    void release_saved() override { w_.release(), dy_.release(); }

private:
    const ConvEntries& cpu_;
    ConvGeometry geometry_;
    Saved w_, dy_;
};

// W(x, dy): gradient with respect to x is D(ddw, dy), to dy F(x, ddw).
class ConvWeightNode final : public autograd::Node {
public:
    ConvWeightNode(const ConvEntries& cpu, const ConvGeometry& geometry, const AnyTensor& x, const AnyTensor& dy)
        : cpu_(cpu), geometry_(geometry), x_(x), dy_(dy) {}
    void backward(Gradients& g) override {
        const AnyTensor ddw = row_major(g.output(), ops->copy, site);
        if (g.needs(0)) g.add(0, conv_data(cpu_, geometry_, ddw, dy_.get_recorded(*this), site));
        if (g.needs(1)) g.add(1, conv_forward(cpu_, geometry_, x_.get_recorded(*this), ddw, {}, site));
    }
    void release_saved() override { x_.release(), dy_.release(); }

private:
    const ConvEntries& cpu_;
    ConvGeometry geometry_;
    Saved x_, dy_;
};

FATHOM_INLINE AnyTensor conv_forward(const ConvEntries& cpu, const ConvGeometry& geometry, const AnyTensor& x,
                                     const AnyTensor& weight, const AnyTensor& bias, Where site, const AnyTensor& out) {
    const AnyTensor y = out.defined() ? out
                                      : new_tensor(geometry.y, channels_last_strides(geometry.y), x.dtype(), x.device(),
                                                   "conv2d", site);
    abi::ConvArgs args = geometry.args();
    args.activation = geometry.options.activation, args.slope = geometry.options.slope;
    args.x = image_array(x), args.w = array_of(weight), args.bias = array_of(bias), args.y = image_array(y);
    run(y, "conv2d", site, 0, cpu.forward, &abi::Table::conv_forward, args);
    if (autograd::recording(x, weight, bias)) {
        Ref<autograd::Node> node(new ConvNode(cpu, geometry, x, weight, bias, y));
        if (bias.defined())
            autograd::record(y, node, "conv2d", site, cpu.ops, {&x, &weight, &bias});
        else
            autograd::record(y, node, "conv2d", site, cpu.ops, {&x, &weight});
    }
    autograd::observe(y, "conv2d", site);
    return y;
}

// The same convolution without its activation: what the gradients of the gradients use.
FATHOM_INLINE ConvGeometry linear_part(ConvGeometry geometry) {
    geometry.options.activation = Activation::none;
    return geometry;
}

FATHOM_INLINE AnyTensor conv_data(const ConvEntries& cpu, const ConvGeometry& geometry, const AnyTensor& weight,
                                  const AnyTensor& dy, Where site) {
    const AnyTensor dx =
        new_tensor(geometry.x, channels_last_strides(geometry.x), dy.dtype(), dy.device(), "conv2d", site);
    conv_data_into(cpu, geometry, {dx, false}, weight, dy, site);
    if (autograd::recording(weight, dy))
        autograd::record(dx, Ref<autograd::Node>(new ConvDataNode(cpu, linear_part(geometry), weight, dy)),
                         "conv2d_data", site, cpu.ops, {&weight, &dy});
    return dx;
}

FATHOM_INLINE AnyTensor conv_weight(const ConvEntries& cpu, const ConvGeometry& geometry, const AnyTensor& x,
                                    const AnyTensor& dy, Where site) {
    const AnyTensor dw =
        new_tensor(geometry.weight, row_major_strides(geometry.weight), dy.dtype(), dy.device(), "conv2d", site);
    conv_weight_into(cpu, geometry, x, {dw, false}, {}, dy, site);
    if (autograd::recording(x, dy))
        autograd::record(dw, Ref<autograd::Node>(new ConvWeightNode(cpu, linear_part(geometry), x, dy)),
                         "conv2d_weight", site, cpu.ops, {&x, &dy});
    return dw;
}

// Of conv2d and conv_transpose2d.
FATHOM_INLINE void check_conv_options(const char* name, const Conv2dOptions& o, Where site) {
    if (o.stride.h < 1 || o.stride.w < 1 || o.dilation.h < 1 || o.dilation.w < 1 || o.padding.h < 0 ||
        o.padding.w < 0 || o.groups < 1)
        fail(name, site,
             {"stride, dilation and groups must be at least 1 and padding at least 0; got stride ",
              Shape{o.stride.h, o.stride.w}, ", dilation ", Shape{o.dilation.h, o.dilation.w}, ", groups ", o.groups,
              ", padding ", Shape{o.padding.h, o.padding.w}});
}

FATHOM_INLINE void check_conv_bias(const char* name, const AnyTensor& x, const AnyTensor& bias, std::int64_t channels,
                                   Where site) {
    if (!bias.defined()) return;
    if (!(bias.shape() == Shape{channels}))
        fail(name, site, {"bias has shape ", bias.shape(), ", expected [", channels, "]"});
    check_device(x, bias, name, site);
}

FATHOM_INLINE ConvGeometry checked_geometry(const AnyTensor& x, const AnyTensor& weight, const AnyTensor& bias,
                                            const Conv2dOptions& o, Where site) {
    const char* name = "conv2d";
    if (x.rank() != 4 || weight.rank() != 4)
        fail(name, site,
             {"input and weight must have 4 dimensions [N,C,H,W] and [K,C,kh,kw] (input ", x.shape(), ", weight ",
              weight.shape(), ")"});
    check_device(x, weight, name, site);
    const Shape &xs = x.shape(), &ws = weight.shape();
    check_conv_options(name, o, site);
    if (xs[1] != ws[1] * o.groups)
        fail(name, site,
             {"input has ", xs[1], " channels, weight expects ", ws[1] * o.groups, " (input ", xs, ", weight ", ws,
              ", groups ", o.groups, ")"});
    if (ws[0] % o.groups != 0)
        fail(name, site, {"weight has ", ws[0], " output channels, not a multiple of groups ", o.groups});
    check_conv_bias(name, x, bias, ws[0], site);
    const auto size = [](std::int64_t n, std::int64_t k, std::int64_t s, std::int64_t p, std::int64_t d) {
        const std::int64_t span = n + 2 * p - d * (k - 1) - 1;
        return span < 0 ? 0 : span / s + 1;
    };
    const std::int64_t h = size(xs[2], ws[2], o.stride.h, o.padding.h, o.dilation.h),
                       w = size(xs[3], ws[3], o.stride.w, o.padding.w, o.dilation.w);
    if (h < 1 || w < 1) fail(name, site, {"the kernel ", ws[2], "x", ws[3], " does not fit the padded input ", xs});
    return {o, xs, ws, {xs[0], ws[0], h, w}};
}

FATHOM_INLINE AnyTensor conv2d(const ConvEntries& cpu, const AnyTensor& x, const AnyTensor& weight,
                               const AnyTensor& bias, const Conv2dOptions& options, Where site, const AnyTensor& out) {
    const ConvGeometry geometry = checked_geometry(x, weight, bias, options, site);
    return conv_forward(cpu, geometry, with_pixel_stride(x, cpu.ops->copy, "conv2d", site),
                        row_major(weight, cpu.ops->copy, site),
                        bias.defined() ? row_major(bias, cpu.ops->copy, site) : bias, site, out);
}

}  // namespace fathom::inline v0::detail
