// Definitions of conv.hpp.

namespace fathom::inline v0::detail {

FATHOM_INLINE void check_conv_sizes(std::int64_t in_channels, std::int64_t out_channels, const nn::ConvOptions& options,
                                    Where site) {
    if (in_channels < 1 || out_channels < 1 || options.groups < 1 || options.kernel_size.h < 1 ||
        options.kernel_size.w < 1)
        fail("Conv2d", site,
             {"channels, groups and kernel_size must be at least 1, got ", in_channels, " to ", out_channels,
              " channels, groups ", options.groups, ", kernel_size ",
              Shape{options.kernel_size.h, options.kernel_size.w}});
    if (in_channels % options.groups != 0 || out_channels % options.groups != 0)
        fail("Conv2d", site,
             {"groups ", options.groups, " must divide the channels, ", in_channels, " and ", out_channels});
}

}  // namespace fathom::inline v0::detail
