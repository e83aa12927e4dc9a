// Definitions of pool.hpp.

namespace fathom::inline v0::detail {

FATHOM_INLINE abi::WindowArgs window_numbers(const PoolOptions& o) {
    abi::WindowArgs args{};
    args.kernel[0] = o.kernel_size.h, args.kernel[1] = o.kernel_size.w;
    args.stride[0] = o.stride.h, args.stride[1] = o.stride.w;
    args.padding[0] = o.padding.h, args.padding[1] = o.padding.w;
    return args;
}

FATHOM_INLINE Pair pooled_size(const AnyTensor& x, const PoolOptions& o, const char* name, Where site) {
    require_defined(x, name, site);
    if (x.rank() != 4) fail(name, site, {"input has shape ", x.shape(), ", expected [N,C,H,W]"});
    const Shape kernel{o.kernel_size.h, o.kernel_size.w}, stride{o.stride.h, o.stride.w},
        padding{o.padding.h, o.padding.w};
    Shape size{0, 0};
    for (int i = 0; i < 2; ++i) {
        if (kernel[i] < 1 || stride[i] < 1)
            fail(name, site,
                 {"kernel_size and stride must be at least 1; got kernel_size ", kernel, ", stride ", stride});
        if (kernel[i] > std::numeric_limits<std::int32_t>::max() ||
            stride[i] > std::numeric_limits<std::int32_t>::max())
            fail(name, site, {"kernel_size ", kernel, ", stride ", stride, ", expected at most 2^31 - 1"});
        if (padding[i] < 0 || padding[i] > kernel[i] / 2)
            fail(name, site,
                 {"padding must be at least 0 and at most half of kernel_size; got padding ", padding, ", kernel_size ",
                  kernel});
        const std::int64_t inputs = x.shape()[2 + i], room = inputs + 2 * padding[i] - kernel[i];
        if (inputs == 0 || room < 0)
            fail(name, site, {"the window ", kernel[0], "x", kernel[1], " does not fit the padded input ", x.shape()});
        size[i] = room / stride[i] + 1;
    }
    return {size[0], size[1]};
}

}  // namespace fathom::inline v0::detail
