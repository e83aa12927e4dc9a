// Definitions of classes.hpp.
namespace fathom::inline v0::data {

FATHOM_INLINE Tensor<std::uint8_t> color_labels(const Tensor<std::uint8_t>& label, Where site) {
    if (label.rank() != 2) fail("color_labels", site, {"labels have shape ", label.shape(), ", expected [H,W]"});
    const std::int64_t height = label.shape()[0], width = label.shape()[1];
    const Shape shape{height, width, 3};
    auto picture = Tensor<std::uint8_t>::adopt(
        detail::new_tensor(shape, detail::row_major_strides(shape), DType::uint8, Device::cpu(), "color_labels", site));
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

FATHOM_INLINE std::vector<LegendEntry> class_legend() {
    std::vector<LegendEntry> entries;
    for (std::size_t c = 0; c < class_names.size(); ++c) entries.push_back({class_names[c], class_colors[c]});
    return entries;
}

}  // namespace fathom::inline v0::data
