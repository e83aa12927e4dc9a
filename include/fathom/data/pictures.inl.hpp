// Definitions of pictures.hpp.
#include "fathom/ops/finite.hpp"
#include "fathom/tensor/runs.hpp"

namespace fathom::inline v0::data {

FATHOM_INLINE Tensor<std::uint8_t> image_bytes(const Tensor<float>& image, Where site) {
    if (image.rank() != 3) fail("image_bytes", site, {"the image has shape ", image.shape(), ", expected [H,W,C]"});
    if (const Shape at = first_not_finite(image, site); at.rank() > 0)
        fail("image_bytes", site,
             {"the value at row ", at[0], ", column ", at[1], ", channel ", at[2], " is not finite"});
    auto bytes = detail::new_row_major<std::uint8_t>(image.shape(), "image_bytes", site);
    const float* in = image.data(site);
    std::uint8_t* out = bytes.mutable_data(site);
    detail::for_each_run<1>(image.shape(), {&image.strides()}, [&](const auto& at, const auto& steps, std::int64_t n) {
        for (std::int64_t i = 0; i < n; ++i) {
            const float v = in[at[0] + i * steps[0]];
            *out++ = static_cast<std::uint8_t>(v > 0 ? (v < 1 ? v * 255 + 0.5f : 255.0f) : 0.0f);
        }
    });
    return bytes;
}

FATHOM_INLINE Tensor<std::uint8_t> color_labels(const Tensor<std::uint8_t>& label, std::span<const Color> colors,
                                                Where site) {
    if (label.rank() != 2) fail("color_labels", site, {"labels have shape ", label.shape(), ", expected [H,W]"});
    const std::int64_t height = label.shape()[0], width = label.shape()[1];
    auto picture = detail::new_row_major<std::uint8_t>({height, width, 3}, "color_labels", site);
    const std::uint8_t* in = label.data(site);
    std::uint8_t* out = picture.mutable_data(site);
    for (std::int64_t y = 0; y < height; ++y)
        for (std::int64_t x = 0; x < width; ++x) {
            const std::uint8_t value = in[y * label.strides()[0] + x * label.strides()[1]];
            if (value >= colors.size() && value != ignored_label)
                fail("color_labels", site,
                     {"the label at row ", y, ", column ", x, " is ", int{value}, ", expected 0 to ", colors.size() - 1,
                      " or 255"});
            for (std::size_t c = 0; c < 3; ++c) *out++ = value == ignored_label ? ignored_label : colors[value][c];
        }
    return picture;
}

}  // namespace fathom::inline v0::data
