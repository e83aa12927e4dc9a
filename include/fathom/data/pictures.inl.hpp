// Definitions of pictures.hpp.
#include "fathom/data/classes.hpp"

namespace fathom::inline v0::data {

FATHOM_INLINE Tensor<std::uint8_t> image_bytes(const Tensor<float>& image, Where site) {
    const int rank = image.rank();
    if (rank != 3 && !(rank == 4 && image.shape()[0] == 1))
        fail("image_bytes", site, {"the image has shape ", image.shape(), ", expected [C,H,W] or [1,C,H,W]"});
    const int first = rank - 3;
    const std::int64_t channels = image.shape()[first], height = image.shape()[first + 1],
                       width = image.shape()[first + 2];
    auto bytes = detail::new_row_major<std::uint8_t>({height, width, channels}, "image_bytes", site);
    const float* in = image.data(site);
    std::uint8_t* out = bytes.mutable_data(site);
    const Shape& strides = image.strides();
    for (std::int64_t y = 0; y < height; ++y)
        for (std::int64_t x = 0; x < width; ++x)
            for (std::int64_t c = 0; c < channels; ++c) {
                const float v = in[c * strides[first] + y * strides[first + 1] + x * strides[first + 2]];
                *out++ = static_cast<std::uint8_t>(v > 0 ? (v < 1 ? v * 255 + 0.5f : 255.0f)
                                                         : 0.0f);  // not a number becomes black
            }
    return bytes;
}

FATHOM_INLINE Tensor<std::uint8_t> color_labels(const Tensor<std::uint8_t>& label, Where site) {
    if (label.rank() != 2) fail("color_labels", site, {"labels have shape ", label.shape(), ", expected [H,W]"});
    const std::int64_t height = label.shape()[0], width = label.shape()[1];
    auto picture = detail::new_row_major<std::uint8_t>({height, width, 3}, "color_labels", site);
    const std::uint8_t* in = label.data(site);
    std::uint8_t* out = picture.mutable_data(site);
    for (std::int64_t y = 0; y < height; ++y)
        for (std::int64_t x = 0; x < width; ++x) {
            const std::uint8_t value = in[y * label.strides()[0] + x * label.strides()[1]];
            if (value >= class_count && value != ignored_label)
                fail("color_labels", site,
                     {"the label at row ", y, ", column ", x, " is ", int{value}, ", expected 0 to 8 or 255"});
            for (std::size_t c = 0; c < 3; ++c)
                *out++ = value == ignored_label ? ignored_label : class_colors[value][c];
        }
    return picture;
}

}  // namespace fathom::inline v0::data
