// Definitions of conv.hpp.
#include <limits>

namespace fathom::inline v0::detail {

FATHOM_INLINE abi::ConvArgs Convolution::args(const Target& x, const Target& y) const {
    abi::ConvArgs a{};
    a.shape = shape;
    a.x = image_array(x), a.y = image_array(y);
    a.shape.x_pixel_stride = a.x.strides[3], a.shape.y_pixel_stride = a.y.strides[3];
    a.precision = precision;
    return a;
}

FATHOM_INLINE void check_conv_options(const char* name, const AnyTensor& weight, const Conv2dOptions& o, Where site) {
    if (o.stride.h < 1 || o.stride.w < 1 || o.dilation.h < 1 || o.dilation.w < 1 || o.padding.h < 0 ||
        o.padding.w < 0 || o.groups < 1)
        fail(name, site,
             {"stride, dilation and groups must be at least 1 and padding at least 0; got stride ",
              Shape{o.stride.h, o.stride.w}, ", dilation ", Shape{o.dilation.h, o.dilation.w}, ", groups ", o.groups,
              ", padding ", Shape{o.padding.h, o.padding.w}});
    // So that products of two of them are far from 2^63.
    const std::int64_t largest = std::numeric_limits<std::int32_t>::max();
    for (const std::int64_t n : {o.stride.h, o.stride.w, o.dilation.h, o.dilation.w, o.padding.h, o.padding.w, o.groups,
                                 weight.shape()[1], weight.shape()[2], weight.shape()[3]})
        if (n > largest)
            fail(name, site,
                 {n, " as a kernel's size, stride, padding, dilation or groups, expected at most ", largest});
}

FATHOM_INLINE void check_conv_bias(const char* name, const AnyTensor& x, const AnyTensor& bias, std::int64_t channels,
                                   Where site) {
    if (!bias.defined()) return;
    if (!(bias.shape() == Shape{channels}))
        fail(name, site, {"bias has shape ", bias.shape(), ", expected [", channels, "]"});
    check_device(x, bias, name, site);
}

FATHOM_INLINE void check_conv_residual(const AnyTensor& x, const AnyTensor& residual, const Shape& shape, Where site) {
    const char* name = "conv2d_add";
    require_defined(residual, name, site);
    if (!(residual.shape() == shape))
        fail(name, site, {"residual has shape ", residual.shape(), ", expected that of the result, ", shape});
    check_device(x, residual, name, site);
}

FATHOM_INLINE Pair conv_padding(const AnyTensor& weight, const Conv2dOptions& o, const char* name, Where site) {
    if (!o.padding.same) return o.padding;
    if (o.stride.h != 1 || o.stride.w != 1)
        fail(name, site, {"padding same needs stride 1, got ", Shape{o.stride.h, o.stride.w}});
    const Shape& s = weight.shape();
    return {(o.dilation.h * (s[2] - 1) + 1) / 2, (o.dilation.w * (s[3] - 1) + 1) / 2};
}

FATHOM_INLINE Pair conv_surplus(const AnyTensor& weight, const Conv2dOptions& o) {
    if (!o.padding.same) return 0;
    const Shape& s = weight.shape();
    return {o.dilation.h * (s[2] - 1) % 2, o.dilation.w * (s[3] - 1) % 2};
}

FATHOM_INLINE AnyTensor without_surplus(const AnyTensor& y, Pair surplus, Where site) {
    AnyTensor all = y;
    if (surplus.h != 0) all = narrow(all, 2, surplus.h, all.shape()[2] - surplus.h, site);
    if (surplus.w != 0) all = narrow(all, 3, surplus.w, all.shape()[3] - surplus.w, site);
    return all;
}

FATHOM_INLINE Convolution convolution(const AnyTensor& x, const AnyTensor& weight, const AnyTensor& bias,
                                      const Conv2dOptions& o, const char* name, Where site) {
    require_defined(x, name, site);
    require_defined(weight, name, site);
    if (x.rank() != 4 || weight.rank() != 4)
        fail(name, site,
             {"input and weight must have 4 dimensions [N,C,H,W] and [K,C,kh,kw] (input ", x.shape(), ", weight ",
              weight.shape(), ")"});
    check_device(x, weight, name, site);
    const Shape &xs = x.shape(), &ws = weight.shape();
    check_conv_options(name, weight, o, site);
    if (xs[1] != ws[1] * o.groups)
        fail(name, site,
             {"input has ", xs[1], " channels, weight expects ", ws[1] * o.groups, " (input ", xs, ", weight ", ws,
              ", groups ", o.groups, ")"});
    if (ws[0] % o.groups != 0)
        fail(name, site, {"weight has ", ws[0], " output channels, not a multiple of groups ", o.groups});
    check_conv_bias(name, x, bias, ws[0], site);
    const Pair padding = conv_padding(weight, o, name, site);
    const Convolution conv{{.n = xs[0],
                            .height = xs[2],
                            .width = xs[3],
                            .in_channels = xs[1],
                            .out_channels = ws[0],
                            .kernel_h = ws[2],
                            .kernel_w = ws[3],
                            .stride_h = o.stride.h,
                            .stride_w = o.stride.w,
                            .padding_h = padding.h,
                            .padding_w = padding.w,
                            .dilation_h = o.dilation.h,
                            .dilation_w = o.dilation.w,
                            .groups = o.groups},
                           o.activation,
                           o.slope,
                           o.precision};
    if (conv.shape.out_height() < 1 || conv.shape.out_width() < 1)
        fail(name, site, {"the kernel ", ws[2], "x", ws[3], " does not fit the padded input ", xs});
    return conv;
}

}  // namespace fathom::inline v0::detail
