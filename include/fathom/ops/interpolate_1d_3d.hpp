// interpolate1d and interpolate3d: rows and volumes of another size, by interpolate.hpp's images.
#pragma once

#include "fathom/ops/interpolate.hpp"
#include "fathom/ops/volumes.hpp"

namespace fathom::inline v0 {

// As InterpolateOptions.
struct Interpolate1dOptions {
    double scale_factor = 0;
    Interpolation mode = Interpolation::nearest;
    bool align_corners = false;
};
struct ScaleFactor3d {
    double d, h, w;
    constexpr ScaleFactor3d(double all = 0) : d(all), h(all), w(all) {}
    constexpr ScaleFactor3d(double deep, double vertical, double horizontal) : d(deep), h(vertical), w(horizontal) {}
};
struct Interpolate3dOptions {
    ScaleFactor3d scale_factor = 0;
    Interpolation mode = Interpolation::nearest;
    bool align_corners = false;
};

namespace detail {
template <FloatElement T, class F>
Tensor<T> interpolate_rows(const Tensor<T>& x, Where site, F in_images) {
    require_defined(x, "interpolate1d", site);
    if (x.rank() != 3) fail("interpolate1d", site, {"input has shape ", x.shape(), ", expected [N,C,L]"});
    return squeeze(in_images(unsqueeze(x, 2, site)), 2, site);
}
// in_planes of [N, C D, H, W], then along_depth of [N, C, D, H' W'], whose columns keep their number.
template <FloatElement T, class Planes, class Depth>
Tensor<T> interpolate_volumes(const Tensor<T>& x, Where site, Planes in_planes, Depth along_depth) {
    require_defined(x, "interpolate3d", site);
    if (x.rank() != 5) fail("interpolate3d", site, {"input has shape ", x.shape(), ", expected [N,C,D,H,W]"});
    const Shape& s = x.shape();
    const Tensor<T> planes = in_planes(planes_of(x, site)), y = along_depth(depths_of(planes, s[1], s[2], site));
    return reshape(y, {s[0], s[1], y.size(2), planes.size(2), planes.size(3)}, site);
}
}  // namespace detail

// x [N, C, L] -> [N, C, size], as interpolate makes a row of an image.
template <FloatElement T>
Tensor<T> interpolate1d(const Tensor<T>& x, std::int64_t size, const Interpolate1dOptions& o = {},
                        Where site = Where::here()) {
    if (o.scale_factor != 0) fail("interpolate1d", site, {"a size and a scale_factor are given, expected one of them"});
    return detail::interpolate_rows(x, site, [&](const Tensor<T>& images) {
        return interpolate(images, {1, size}, {.mode = o.mode, .align_corners = o.align_corners}, site);
    });
}
template <FloatElement T>
Tensor<T> interpolate1d(const Tensor<T>& x, const Interpolate1dOptions& o, Where site = Where::here()) {
    return detail::interpolate_rows(x, site, [&](const Tensor<T>& images) {
        return interpolate(images, {{1, o.scale_factor}, o.mode, o.align_corners}, site);
    });
}

// x [N, C, D, H, W] -> [N, C, size]: its planes, then along the depth, since places in one direction do not depend on
// the others.
template <FloatElement T>
Tensor<T> interpolate3d(const Tensor<T>& x, Triple size, const Interpolate3dOptions& o = {},
                        Where site = Where::here()) {
    if (o.scale_factor.d != 0 || o.scale_factor.h != 0 || o.scale_factor.w != 0)
        fail("interpolate3d", site, {"a size and a scale_factor are given, expected one of them"});
    const InterpolateOptions options{.mode = o.mode, .align_corners = o.align_corners};
    return detail::interpolate_volumes(
        x, site, [&](const Tensor<T>& planes) { return interpolate(planes, size.plane(), options, site); },
        [&](const Tensor<T>& depths) {
            return interpolate(depths, {size.d, depths.size(3)}, options, site);
        });
}
template <FloatElement T>
Tensor<T> interpolate3d(const Tensor<T>& x, const Interpolate3dOptions& o, Where site = Where::here()) {
    const ScaleFactor3d& scale = o.scale_factor;
    return detail::interpolate_volumes(
        x, site,
        [&](const Tensor<T>& planes) {
            return interpolate(planes, {{scale.h, scale.w}, o.mode, o.align_corners}, site);
        },
        [&](const Tensor<T>& depths) {
            return interpolate(depths, {{scale.d, 1}, o.mode, o.align_corners}, site);
        });
}

}  // namespace fathom::inline v0
