// Definitions of conv_transpose.hpp.

namespace fathom::inline v0::detail {

FATHOM_INLINE Convolution transposed_convolution(const AnyTensor& x, const AnyTensor& weight, const AnyTensor& bias,
                                                 const ConvTranspose2dOptions& o, Where site) {
    const char* name = "conv_transpose2d";
    require_defined(x, name, site);
    require_defined(weight, name, site);
    if (x.rank() != 4 || weight.rank() != 4)
        fail(name, site,
             {"input and weight must have 4 dimensions [N,C,H,W] and [C,K/groups,kh,kw] (input ", x.shape(),
              ", weight ", weight.shape(), ")"});
    check_device(x, weight, name, site);
    Conv2dOptions options;
    options.stride = o.stride, options.padding = o.padding, options.dilation = o.dilation, options.groups = o.groups;
    check_conv_options(name, weight, options, site);
    // A larger one would be rows and columns that no convolution with this stride gives back.
    if (o.output_padding.h < 0 || o.output_padding.w < 0 || o.output_padding.h >= o.stride.h ||
        o.output_padding.w >= o.stride.w)
        fail(name, site,
             {"output_padding must be at least 0 and less than stride; got output_padding ",
              Shape{o.output_padding.h, o.output_padding.w}, ", stride ", Shape{o.stride.h, o.stride.w}});
    const Shape &xs = x.shape(), &ws = weight.shape();
    if (xs[1] != ws[0])
        fail(name, site,
             {"input has ", xs[1], " channels, weight expects ", ws[0], " (input ", xs, ", weight ", ws, ")"});
    if (ws[0] % o.groups != 0)
        fail(name, site, {"weight has ", ws[0], " input channels, not a multiple of groups ", o.groups});
    const std::int64_t channels = ws[1] * o.groups;
    check_conv_bias(name, x, bias, channels, site);
    const auto size = [](std::int64_t n, std::int64_t k, std::int64_t s, std::int64_t p, std::int64_t d,
                         std::int64_t more) { return plus(times(n - 1, s) - 2 * p, d * (k - 1) + more + 1); };
    const Shape ys{xs[0], channels, size(xs[2], ws[2], o.stride.h, o.padding.h, o.dilation.h, o.output_padding.h),
                   size(xs[3], ws[3], o.stride.w, o.padding.w, o.dilation.w, o.output_padding.w)};
    if (xs[2] < 1 || xs[3] < 1 || ws[2] < 1 || ws[3] < 1 || ys[2] < 1 || ys[3] < 1)
        fail(name, site, {"the result would have no pixels: shape ", ys, " (input ", xs, ", weight ", ws, ")"});
    return {{.n = ys[0],
             .height = ys[2],
             .width = ys[3],
             .in_channels = ys[1],
             .out_channels = xs[1],
             .kernel_h = ws[2],
             .kernel_w = ws[3],
             .stride_h = o.stride.h,
             .stride_w = o.stride.w,
             .padding_h = o.padding.h,
             .padding_w = o.padding.w,
             .dilation_h = o.dilation.h,
             .dilation_w = o.dilation.w,
             .groups = o.groups}};
}

}  // namespace fathom::inline v0::detail
