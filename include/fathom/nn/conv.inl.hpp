// Definitions of conv.hpp.

namespace fathom::inline v0::detail {

FATHOM_INLINE void check_conv_sizes(std::int64_t in_channels, std::int64_t out_channels, Pair kernel_size,
                                    std::int64_t groups, const char* name, Where site) {
    if (in_channels < 1 || out_channels < 1 || groups < 1 || kernel_size.h < 1 || kernel_size.w < 1)
        fail(name, site,
             {"channels, groups and kernel_size must be at least 1, got ", in_channels, " to ", out_channels,
              " channels, groups ", groups, ", kernel_size ", Shape{kernel_size.h, kernel_size.w}});
    if (in_channels % groups != 0 || out_channels % groups != 0)
        fail(name, site, {"groups ", groups, " must divide the channels, ", in_channels, " and ", out_channels});
}

FATHOM_INLINE Shape conv_surroundings(const nn::ConvOptions& o, Where site) {
    if (!o.padding.same) return {o.padding.w, o.padding.w, o.padding.h, o.padding.h};
    if (o.stride.h != 1 || o.stride.w != 1)
        fail("Conv2d", site, {"padding same needs stride 1, got ", Shape{o.stride.h, o.stride.w}});
    const std::int64_t h = times(o.dilation.h, o.kernel_size.h - 1), w = times(o.dilation.w, o.kernel_size.w - 1);
    return {w / 2, w - w / 2, h / 2, h - h / 2};
}

}  // namespace fathom::inline v0::detail
