// Image operations: the Sobel gradient magnitude, color conversion. Padding: pad.hpp.
#pragma once

#include "fathom/autograd/composite.hpp"
#include "fathom/backend/cpu/color.hpp"
#include "fathom/backend/cpu/sobel.hpp"
#include "fathom/ops/conv.hpp"
#include "fathom/ops/pad.hpp"

namespace fathom::inline v0 {

namespace detail {

// Everything that sobel_magnitude is given, checked.
void check_sobel(const AnyTensor& x, const AnyTensor& wx, const AnyTensor& wy, const char* name, Where site);
// One filter per channel, [C, 1, 3, 3]: [[1, 0, -1], [2, 0, -2], [1, 0, -1]], or its transpose.
Tensor<double> sobel_filter(std::int64_t channels, bool transposed, Where site);

// Into given places, nothing recorded: images with one pixel stride, filters row-major. y may be a band: as many rows
// as it has, from first_row on.
template <FloatElement T>
void sobel_into(const Target& y, const AnyTensor& x, const AnyTensor& wx, const AnyTensor& wy, std::int64_t first_row,
                const char* name, Where site) {
    run(x, name, site, operation::sobel, &cpu::sobel<T>,
        {.x = image_array(x), .wx = array_of(wx), .wy = array_of(wy), .y = image_array(y), .first_row = first_row});
}
// dx, dwx and dwy where they are wanted.
template <FloatElement T>
void sobel_backward_into(const Target& dx, const Target& dwx, const Target& dwy, const AnyTensor& x,
                         const AnyTensor& wx, const AnyTensor& wy, const AnyTensor& dy, const char* name, Where site) {
    if (!dx.wanted() && !dwx.wanted() && !dwy.wanted()) return;
    run(x, name, site, operation::sobel_backward, &cpu::sobel_backward<T>,
        {.x = image_array(x),
         .wx = array_of(wx),
         .wy = array_of(wy),
         .dy = image_array(dy),
         .dx = image_array(dx),
         .dwx = array_of(dwx),
         .dwy = array_of(dwy)});
}

template <FloatElement T>
struct SobelMagnitude final : Function {
    static Tensor<T> forward(const Tensor<T>& input, const Tensor<T>& filter_x, const Tensor<T>& filter_y, Where site) {
        const char* name = "sobel_magnitude";
        check_sobel(input, filter_x, filter_y, name, site);
        const ElementwiseKernel& copy = cpu::kernel<T, Elementwise::copy>;
        const AnyTensor x = with_pixel_stride(input, copy, name, site), wx = row_major(filter_x, copy, name, site),
                        wy = row_major(filter_y, copy, name, site);
        const auto y =
            new_tensor<T>(x.shape(), strides_in_order_of(x.shape(), x.shape(), x.strides()), x.device(), name, site);
        sobel_into<T>({y}, x, wx, wy, 0, name, site);
        return finish<SobelMagnitude>(y, name, site, {x, wx, wy},
                                      [&](SobelMagnitude& f) { f.x = Saved(x), f.wx = Saved(wx), f.wy = Saved(wy); });
    }
    void backward(Gradients& g) override {
        const AnyTensor dy = with_pixel_stride(g.output(), ops->copy, name, site);
        const Target dx = g.target_if_needed(0), dwx = g.target_if_needed(1), dwy = g.target_if_needed(2);
        sobel_backward_into<T>(dx, dwx, dwy, x.get(*this), wx.get(*this), wy.get(*this), dy, name, site);
    }
    void backward_recorded(Gradients& g) override {
        const auto in = x.get_recorded<T>(*this), fx = wx.get_recorded<T>(*this), fy = wy.get_recorded<T>(*this);
        autograd::backward_by_composite(g, composite(in, fx, fy, site), {in, fx, fy}, site);
    }
    void release_saved() override { x.release(), wx.release(), wy.release(); }

    static Tensor<T> composite(const Tensor<T>& x, const Tensor<T>& wx, const Tensor<T>& wy, Where site) {
        const Conv2dOptions depthwise{.padding = 1, .groups = x.shape()[1]};
        return abs(conv2d(x, wx, {}, depthwise, site), site) + abs(conv2d(x, wy, {}, depthwise, site), site);
    }

    Saved x, wx, wy;
};

// transposed: as in abi::ColorArgs.
template <FloatElement T>
struct ConvertColor final : Function {
    static Tensor<T> forward(const AnyTensor& x, bool inverse, int transposed, const char* name, Where site) {
        require_defined(x, name, site);
        if (x.rank() != 4 || x.shape()[1] != 3)
            fail(name, site, {"input has shape ", x.shape(), ", expected [N,3,H,W]"});
        const auto y = new_tensor<T>(x.shape(), output_strides(x.shape(), {&x}), x.device(), name, site);
        run(x, name, site, operation::color, &cpu::color<T>,
            {.x = array_of(x), .y = array_of(y), .inverse = inverse, .transposed = transposed});
        return finish<ConvertColor>(y, name, site, {x},
                                    [&](ConvertColor& f) { f.inverse = inverse, f.transposed = transposed; });
    }
    void backward(Gradients& g) override {
        g.add(0, forward(g.output(), inverse, transposed == 1 ? 2 : 1, name, site));
    }

    bool inverse;
    int transposed;
};

}  // namespace detail

// |wx * x| + |wy * x| per channel, zero padding 1. x [N, C, H, W]; wx, wy [C, 1, 3, 3].
template <FloatElement T>
Tensor<T> sobel_magnitude(const Tensor<T>& x, const Tensor<T>& wx, const Tensor<T>& wy, Where site = Where::here()) {
    return detail::SobelMagnitude<T>::forward(x, wx, wy, site);
}
// With the Sobel filters.
template <FloatElement T>
Tensor<T> sobel_magnitude(const Tensor<T>& x, Where site = Where::here()) {
    detail::require_defined(x, "sobel_magnitude", site);
    if (x.rank() != 4) fail("sobel_magnitude", site, {"input has shape ", x.shape(), ", expected [N,C,H,W]"});
    const std::int64_t c = x.shape()[1];
    const auto filter = [&](bool transposed) {
        return to<T>(detail::sobel_filter(c, transposed, site), site).to(x.device(), site);
    };
    return sobel_magnitude(x, filter(false), filter(true), site);
}

// [N, 3, H, W], channels R, G, B to Y, Cr, Cb:
//   Y  = .299 R + .587 G + .114 B
//   Cr = .713 (R - Y) + .5
//   Cb = .564 (B - Y) + .5
template <FloatElement T>
Tensor<T> rgb_to_ycrcb(const Tensor<T>& x, Where site = Where::here()) {
    return detail::ConvertColor<T>::forward(x, false, 0, "rgb_to_ycrcb", site);
}
// And back; nothing is clamped:
//   R = Y + 1.403 (Cr - .5)
//   G = Y - .714 (Cr - .5) - .344 (Cb - .5)
//   B = Y + 1.773 (Cb - .5)
template <FloatElement T>
Tensor<T> ycrcb_to_rgb(const Tensor<T>& x, Where site = Where::here()) {
    return detail::ConvertColor<T>::forward(x, true, 0, "ycrcb_to_rgb", site);
}

}  // namespace fathom::inline v0

#ifndef FATHOM_COMPILED
#include "fathom/ops/image.inl.hpp"
#endif
