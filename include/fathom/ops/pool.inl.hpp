// Definitions of pool.hpp.

namespace fathom::inline v0::detail {

FATHOM_INLINE abi::WindowArgs window_numbers(Pair kernel_size, Pair stride, Pair padding, Pair dilation) {
    abi::WindowArgs args{};
    args.kernel[0] = kernel_size.h, args.kernel[1] = kernel_size.w;
    args.stride[0] = stride.h, args.stride[1] = stride.w;
    args.padding[0] = padding.h, args.padding[1] = padding.w;
    args.dilation[0] = dilation.h, args.dilation[1] = dilation.w;
    return args;
}

FATHOM_INLINE Pair pooled_size(const AnyTensor& x, const abi::WindowArgs& numbers, bool ceil_mode, const char* name,
                               Where site) {
    require_defined(x, name, site);
    if (x.rank() != 4) fail(name, site, {"input has shape ", x.shape(), ", expected [N,C,H,W] or [C,H,W]"});
    const auto pair = [](const std::int64_t* p) { return Shape{p[0], p[1]}; };
    const Shape kernel = pair(numbers.kernel), stride = pair(numbers.stride), padding = pair(numbers.padding),
                dilation = pair(numbers.dilation);
    Shape size{0, 0};
    for (int i = 0; i < 2; ++i) {
        if (kernel[i] < 1 || stride[i] < 1 || dilation[i] < 1)
            fail(name, site,
                 {"kernel_size, stride and dilation must be at least 1; got kernel_size ", kernel, ", stride ", stride,
                  ", dilation ", dilation});
        for (const std::int64_t n : {kernel[i], stride[i], dilation[i]})
            if (n > std::numeric_limits<std::int32_t>::max())
                fail(name, site,
                     {"kernel_size ", kernel, ", stride ", stride, ", dilation ", dilation,
                      ", expected at most 2^31 - 1"});
        const std::int64_t inputs = x.shape()[2 + i], span = dilation[i] * (kernel[i] - 1) + 1;
        if (padding[i] < 0 || padding[i] > span / 2)
            fail(name, site,
                 {"padding must be at least 0 and at most half of what the window spans; got padding ", padding,
                  ", kernel_size ", kernel, ", dilation ", dilation});
        const std::int64_t room = inputs + 2 * padding[i] - span + (ceil_mode ? stride[i] - 1 : 0);
        if (inputs == 0 || room < 0)
            fail(name, site,
                 {"the window ", kernel[0], "x", kernel[1], " does not fit the padded input ", x.shape(), ", dilation ",
                  dilation});
        size[i] = room / stride[i] + 1;
        // The last window begins before the padding behind the image.
        if (ceil_mode && (size[i] - 1) * stride[i] >= inputs + padding[i]) --size[i];
        if (dilation[i] == 1) continue;
        const kernels::WindowDimension windows{inputs, size[i], kernel[i], stride[i], padding[i], dilation[i]};
        for (std::int64_t window = 0; window < size[i]; ++window)
            if (const auto [begin, end] = windows.inputs_of(window); begin >= end)
                fail(name, site,
                     {"a window of ", kernel[i], " with dilation ", dilation[i], " and padding ", padding[i],
                      " covers none of ", inputs, " inputs"});
    }
    return {size[0], size[1]};
}

}  // namespace fathom::inline v0::detail
