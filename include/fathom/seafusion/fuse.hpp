// From a pair of images to the fused picture, as the released pictures were made: the net fuses luminance and infrared,
// color is the visible image's, the result is clamped, stretched over the image's range and truncated to 8 bits. What
// is not finite, in an image or a weight, is an error: it would be black in the picture. Next: fusion_net.hpp (the
// net).
#pragma once

#include "fathom/ops/finite.hpp"
#include "fathom/ops/image.hpp"
#include "fathom/ops/reduce.hpp"
#include "fathom/seafusion/fusion_net.hpp"
#include "fathom/seafusion/not_finite.hpp"

namespace fathom::inline v0::seafusion {

enum class Normalize { minmax, none };

// The values that become black and white.
struct PictureRange {
    double low = 0, high = 1;
};

// What the net takes, and the color to put back.
template <FloatElement T>
struct FusionInput {
    Tensor<T> y, ir;  // [1, 1, H, W]
    Tensor<T> ycrcb;  // [1, 3, H, W] of the visible image
};

// visible [H, W, 3] or [H, W, 1], infrared [H, W, 1] (or [H, W, 3], of which the luminance is taken), both in [0, 1]
// and of one size.
template <FloatElement T>
FusionInput<T> fusion_input(const Tensor<T>& visible, const Tensor<T>& infrared, Where site = Where::here()) {
    const auto is_image = [](const Tensor<T>& x) { return x.rank() == 3 && (x.shape()[2] == 1 || x.shape()[2] == 3); };
    if (!is_image(visible) || !is_image(infrared))
        fail("fuse", site,
             {"visible has shape ", visible.shape(), ", infrared ", infrared.shape(), "; expected [H,W,3] or [H,W,1]"});
    if (visible.shape()[0] != infrared.shape()[0] || visible.shape()[1] != infrared.shape()[1])
        fail("fuse", site,
             {"visible is ", visible.shape()[0], "x", visible.shape()[1], ", infrared ", infrared.shape()[0], "x",
              infrared.shape()[1], "; expected one size"});
    if (visible.numel() == 0) fail("fuse", site, {"the images are empty: ", visible.shape()});
    const auto check = [&](const Tensor<T>& x, const char* which) {
        if (const Shape at = first_not_finite(x, site); at.rank() > 0)
            fail("fuse", site,
                 {"the ", which, " image holds a value that is not finite at row ", at[0], ", column ", at[1]});
    };
    check(visible, "visible"), check(infrared, "infrared");
    const auto ycrcb = [&](const Tensor<T>& x) {
        const Tensor<T> chw = unsqueeze(permute(x, {2, 0, 1}, site), 0, site);
        return rgb_to_ycrcb(expand(chw, {1, 3, x.shape()[0], x.shape()[1]}, site), site);
    };
    const auto luminance = [&](const Tensor<T>& x) {
        return contiguous(narrow(x, 1, 0, 1, site), MemoryFormat::row_major, site);
    };
    FusionInput<T> input;
    input.ycrcb = ycrcb(visible);
    input.y = luminance(input.ycrcb);
    input.ir = infrared.shape()[2] == 1 ? reshape(infrared, {1, 1, infrared.shape()[0], infrared.shape()[1]}, site)
                                        : luminance(ycrcb(infrared));
    return input;
}

// Fused luminance [N, 1, H, W] with the chroma (Cr, Cb) [N, 2, H, W] of the visible image, as RGB clamped to [0, 1].
template <FloatElement T>
Tensor<T> color_image(const Tensor<T>& fused, const Tensor<T>& chroma, Where site = Where::here()) {
    return clamp(ycrcb_to_rgb(cat<T>({fused, chroma}, 1, site), site), 0, 1, site);
}

// The fused luminance [1, 1, H, W] with the visible image's color, as planes [1, 3, H, W] in [0, 1].
template <FloatElement T>
Tensor<T> color_planes(const Tensor<T>& fused, const FusionInput<T>& input, Where site = Where::here()) {
    const NoGrad off;
    if (const Shape at = first_not_finite(fused, site); at.rank() > 0)
        fail("fuse", site, {"the fused image is not finite at row ", at[2], ", column ", at[3]});
    return color_image(fused, narrow(input.ycrcb, 1, 1, 2, site), site);
}

// The range of a picture's own values.
template <FloatElement T>
PictureRange range_of(const Tensor<T>& planes, Where site = Where::here()) {
    return {static_cast<double>(min(planes, site).item()), static_cast<double>(max(planes, site).item())};
}

// [1, 3, H, W] as [H, W, 3] in 8 bits, stretched over the range, which may be that of several pictures.
template <FloatElement T>
Tensor<std::uint8_t> to_picture(const Tensor<T>& planes, const PictureRange& range, Where site = Where::here()) {
    const NoGrad off;
    const T low = static_cast<T>(range.low), high = static_cast<T>(range.high);
    Tensor<T> rgb = planes;
    if (low < high && (low != 0 || high != 1)) rgb = clamp((planes - low) / (high - low), 0, 1, site);
    const Tensor<std::uint8_t> bytes = to<std::uint8_t>(rgb * T{255}, site);
    return contiguous(permute(select(bytes, 0, 0, site), {1, 2, 0}, site), MemoryFormat::row_major, site);
}

// The fused luminance [1, 1, H, W] with the visible image's color, as [H, W, 3] in 8 bits.
template <FloatElement T>
Tensor<std::uint8_t> to_picture(const Tensor<T>& fused, const FusionInput<T>& input,
                                Normalize normalize = Normalize::minmax, Where site = Where::here()) {
    const Tensor<T> planes = color_planes(fused, input, site);
    return to_picture(planes, normalize == Normalize::minmax ? range_of(planes, site) : PictureRange{}, site);
}

// Images in [0, 1] as read_image_float gives them.
template <FloatElement T>
Tensor<std::uint8_t> fuse(FusionNet<T>& net, const Tensor<T>& visible, const Tensor<T>& infrared,
                          Normalize normalize = Normalize::minmax, Where site = Where::here()) {
    const NoGrad off;
    const FusionInput<T> input = fusion_input(visible, infrared, site);
    const Tensor<T> fused = net.forward(input.y, input.ir, site);
    check_weights(net, fused, "fuse", site);
    return to_picture(fused, input, normalize, site);
}
// 8-bit images as read_image gives them.
template <FloatElement T>
Tensor<std::uint8_t> fuse(FusionNet<T>& net, const Tensor<std::uint8_t>& visible, const Tensor<std::uint8_t>& infrared,
                          Normalize normalize = Normalize::minmax, Where site = Where::here()) {
    return fuse(net, to<T>(visible, site) / T{255}, to<T>(infrared, site) / T{255}, normalize, site);
}

}  // namespace fathom::inline v0::seafusion
