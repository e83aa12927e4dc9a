// Definitions of grid_sample.hpp.

namespace fathom::inline v0::detail {

FATHOM_INLINE void check_grid_sample(const AnyTensor& x, const AnyTensor& grid, const GridSampleOptions& o,
                                     Where site) {
    const char* name = "grid_sample";
    require_defined(x, name, site);
    require_defined(grid, name, site);
    if (x.rank() != 4) fail(name, site, {"input has shape ", x.shape(), ", expected [N,C,H,W]"});
    if (grid.rank() != 4 || grid.shape()[0] != x.shape()[0] || grid.shape()[3] != 2)
        fail(name, site,
             {"grid has shape ", grid.shape(), ", expected [", x.shape()[0], ",H,W,2] (input ", x.shape(), ")"});
    if (x.shape()[2] == 0 || x.shape()[3] == 0)
        fail(name, site, {"input has no pixels to make others from: shape ", x.shape()});
    if (o.mode == Interpolation::nearest_exact)
        fail(name, site, {"mode nearest_exact, expected nearest, bilinear or bicubic"});
    check_device(x, grid, name, site);
}

FATHOM_INLINE Tensor<double> pixel_places(std::int64_t height, std::int64_t width, bool align_corners, Where site) {
    const Shape shape{times(height, width), 3};
    const auto places = new_row_major<double>(shape, "affine_grid", site);
    // Of one pixel the middle.
    const auto place = [align_corners](std::int64_t i, std::int64_t n) {
        const auto steps = static_cast<double>(2 * i - n + 1);
        return n == 1 ? 0 : steps / static_cast<double>(align_corners ? n - 1 : n);
    };
    auto* p = static_cast<double*>(places.untyped().raw_unchecked());
    for (std::int64_t h = 0; h < height; ++h)
        for (std::int64_t w = 0; w < width; ++w, p += 3) p[0] = place(w, width), p[1] = place(h, height), p[2] = 1;
    return places;
}

FATHOM_INLINE void check_affine_grid(const AnyTensor& theta, const Shape& size, Where site) {
    const char* name = "affine_grid";
    require_defined(theta, name, site);
    if (size.rank() != 4 || size[2] < 1 || size[3] < 1)
        fail(name, site, {"size is ", size, ", expected {N,C,H,W} with at least one pixel"});
    if (!(theta.shape() == Shape{size[0], 2, 3}))
        fail(name, site, {"theta has shape ", theta.shape(), ", expected [", size[0], ",2,3] (size ", size, ")"});
}

}  // namespace fathom::inline v0::detail
