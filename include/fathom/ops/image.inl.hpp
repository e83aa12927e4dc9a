// Definitions of image.hpp.

namespace fathom::inline v0::detail {

FATHOM_INLINE void check_sobel(const AnyTensor& x, const AnyTensor& wx, const AnyTensor& wy, const char* name,
                               Where site) {
    require_defined(x, name, site);
    require_defined(wx, name, site);
    require_defined(wy, name, site);
    if (x.rank() != 4) fail(name, site, {"input has shape ", x.shape(), ", expected [N,C,H,W]"});
    const Shape filters{x.shape()[1], 1, 3, 3};
    if (!(wx.shape() == filters) || !(wy.shape() == filters))
        fail(name, site, {"filters have shapes ", wx.shape(), " and ", wy.shape(), ", expected ", filters});
    check_device(x, wx, name, site);
    check_device(x, wy, name, site);
}

FATHOM_INLINE Tensor<double> sobel_filter(std::int64_t channels, bool transposed, Where site) {
    const Shape shape{channels, 1, 3, 3};
    const auto w = new_row_major<double>(shape, "sobel_magnitude", site);
    constexpr double filter[9] = {1, 0, -1, 2, 0, -2, 1, 0, -1};
    auto* p = static_cast<double*>(w.untyped().raw_unchecked());
    for (std::int64_t i = 0; i < 9 * channels; ++i) p[i] = filter[transposed ? i % 3 * 3 + i % 9 / 3 : i % 9];
    return w;
}

}  // namespace fathom::inline v0::detail
