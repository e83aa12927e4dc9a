// Image operations: the Sobel gradient magnitude, padding, color conversion.
#pragma once

#include "fathom/backend/cpu/color.hpp"
#include "fathom/backend/cpu/pad.hpp"
#include "fathom/backend/cpu/sobel.hpp"
#include "fathom/ops/conv.hpp"
#include "fathom/ops/copy.hpp"

namespace fathom::inline v0 {

namespace detail {

struct SobelEntries {
    CpuEntry<abi::SobelArgs> forward, backward;
    AnyTensor (*composite)(const AnyTensor& x, const AnyTensor& wx, const AnyTensor& wy, Where site);
    const autograd::TypeOps* ops;
};
AnyTensor sobel_magnitude(const SobelEntries& cpu, const AnyTensor& x, const AnyTensor& wx, const AnyTensor& wy,
                          Where site);
// One filter per channel, [C, 1, 3, 3]: [[1, 0, -1], [2, 0, -2], [1, 0, -1]], or its transpose.
Tensor<double> sobel_filter(std::int64_t channels, bool transposed, Where site);

template <FloatElement T>
AnyTensor sobel_composite(const AnyTensor& x, const AnyTensor& wx, const AnyTensor& wy, Where site) {
    const Conv2dOptions depthwise{.padding = 1, .groups = x.shape()[1]};
    return abs(conv2d(typed<T>(x), typed<T>(wx), {}, depthwise, site), site) +
           abs(conv2d(typed<T>(x), typed<T>(wy), {}, depthwise, site), site);
}
template <FloatElement T>
inline constexpr SobelEntries sobel_entries = {&cpu::sobel_forward<T>, &cpu::sobel_backward<T>, &sobel_composite<T>,
                                               &autograd::type_ops<T>};

struct PadEntries {
    CpuEntry<abi::PadArgs> forward, backward;
    const autograd::TypeOps* ops;
};
AnyTensor pad(const PadEntries& cpu, const AnyTensor& x, const Shape& amounts, Pad mode, double value, Where site);

// transposed: as in abi::ColorArgs.
AnyTensor convert_color(CpuEntry<abi::ColorArgs> cpu, const autograd::TypeOps* ops, const AnyTensor& x, bool inverse,
                        int transposed, const char* name, Where site);

}  // namespace detail

// |wx * x| + |wy * x| per channel, zero padding 1. x [N, C, H, W]; wx, wy [C, 1, 3, 3].
template <FloatElement T>
Tensor<T> sobel_magnitude(const Tensor<T>& x, const Tensor<T>& wx, const Tensor<T>& wy, Where site = Where::here()) {
    return detail::typed<T>(detail::sobel_magnitude(detail::sobel_entries<T>, x, wx, wy, site));
}
// With the Sobel filters.
template <FloatElement T>
Tensor<T> sobel_magnitude(const Tensor<T>& x, Where site = Where::here()) {
    if (x.rank() != 4) fail("sobel_magnitude", site, {"input has shape ", x.shape(), ", expected [N,C,H,W]"});
    const std::int64_t c = x.shape()[1];
    const auto filter = [&](bool transposed) {
        return to<T>(detail::sobel_filter(c, transposed, site), site).to(x.device(), site);
    };
    return sobel_magnitude(x, filter(false), filter(true), site);
}

// The last two dimensions of x [N, C, H, W] made larger. amounts {left, right, top, bottom}, PyTorch's order; reflect
// needs less than the size.
template <FloatElement T>
Tensor<T> pad(const Tensor<T>& x, const Shape& amounts, Pad mode = Pad::constant, double value = 0,
              Where site = Where::here()) {
    static constexpr detail::PadEntries entries = {&cpu::pad<T>, &cpu::pad_backward<T>, &autograd::type_ops<T>};
    return detail::typed<T>(detail::pad(entries, x, amounts, mode, value, site));
}

// [N, 3, H, W]. Y = .299 R + .587 G + .114 B, Cr = .713 (R - Y) + .5, Cb = .564 (B - Y) + .5; channels Y, Cr, Cb.
template <FloatElement T>
Tensor<T> rgb_to_ycrcb(const Tensor<T>& x, Where site = Where::here()) {
    return detail::typed<T>(
        detail::convert_color(&cpu::color<T>, &autograd::type_ops<T>, x, false, 0, "rgb_to_ycrcb", site));
}
// R = Y + 1.403 (Cr - .5), G = Y - .714 (Cr - .5) - .344 (Cb - .5), B = Y + 1.773 (Cb - .5); not clamped.
template <FloatElement T>
Tensor<T> ycrcb_to_rgb(const Tensor<T>& x, Where site = Where::here()) {
    return detail::typed<T>(
        detail::convert_color(&cpu::color<T>, &autograd::type_ops<T>, x, true, 0, "ycrcb_to_rgb", site));
}

}  // namespace fathom::inline v0

#ifndef FATHOM_COMPILED
#include "fathom/ops/image.inl.hpp"
#endif
