// Pooling of volumes. A window's maximum, and its sum, are those along the depth of each plane's: pool.hpp's, twice.
#pragma once

#include "fathom/ops/index.hpp"
#include "fathom/ops/pool.hpp"
#include "fathom/ops/volumes.hpp"
#include "fathom/tensor/factories.hpp"

namespace fathom::inline v0 {

// As MaxPoolOptions and AvgPoolOptions.
struct MaxPool3dOptions {
    Triple kernel_size;
    Triple stride = kernel_size;
    Triple padding = 0;
    Triple dilation = 1;
    bool ceil_mode = false;
};

struct AvgPool3dOptions {
    Triple kernel_size;
    Triple stride = kernel_size;
    Triple padding = 0;
    bool ceil_mode = false;
    bool count_include_pad = true;
    std::int64_t divisor_override = 0;
};

namespace detail {

// along_depth(in_planes(x)) of volumes x [N, C, D, H, W], or of one [C, D, H, W]: in_planes takes [N, C D, H, W],
// along_depth what that gives as [N, C, D, H' W'].
template <FloatElement T, class Planes, class Depth>
Tensor<T> pool_volumes(const Tensor<T>& x, const char* name, Where site, Planes in_planes, Depth along_depth) {
    return with_batch(x, 4, site, [&](const Tensor<T>& volumes) {
        check_volumes(volumes, name, site);
        const Shape& s = volumes.shape();
        const Tensor<T> planes = in_planes(planes_of(volumes, site));
        const Tensor<T> y = along_depth(depths_of(planes, s[1], s[2], site));
        return reshape(y, {s[0], s[1], y.size(2), planes.size(2), planes.size(3)}, site);
    });
}
// The same of maxima with their places.
template <FloatElement T, class Planes, class Depth>
Pooled<T> pool_volumes_with_indices(const Tensor<T>& x, const char* name, Where site, Planes in_planes,
                                    Depth along_depth) {
    if (x.defined() && x.rank() == 4)
        return without_batch(pool_volumes_with_indices(unsqueeze(x, 0, site), name, site, in_planes, along_depth),
                             site);
    check_volumes(x, name, site);
    const Shape& s = x.shape();
    const Pooled<T> planes = in_planes(planes_of(x, site));
    const Tensor<T> values = depths_of(planes.values, s[1], s[2], site);
    const Pooled<T> depths = along_depth(values);
    const Shape y{s[0], s[1], depths.values.size(2), planes.values.size(2), planes.values.size(3)};
    // The place in a volume of each plane's maximum, of which the depth's choose.
    const auto first = reshape(arange<std::int64_t>(s[2], site), {s[2], 1}, site).to(x.device(), site);
    const auto places = depths_of(planes.indices, s[1], s[2], site) + first * (s[3] * s[4]);
    const auto rows = [&](const Tensor<std::int64_t>& index) {
        return reshape(index, {s[0], s[1], index.size(2) * index.size(3)}, site);
    };
    return {reshape(depths.values, y, site), reshape(gather(rows(places), 2, rows(depths.indices), site), y, site)};
}

inline MaxPoolOptions plane_options(const MaxPool3dOptions& o) {
    return {o.kernel_size.plane(), o.stride.plane(), o.padding.plane(), o.dilation.plane(), o.ceil_mode};
}
inline MaxPoolOptions depth_options(const MaxPool3dOptions& o) {
    return {{o.kernel_size.d, 1}, {o.stride.d, 1}, {o.padding.d, 0}, {o.dilation.d, 1}, o.ceil_mode};
}

}  // namespace detail

// x [N, C, D, H, W] -> [N, C, D', H', W'], or one volume [C, D, H, W], with the sizes of max_pool2d.
template <FloatElement T>
Tensor<T> max_pool3d(const Tensor<T>& x, const MaxPool3dOptions& o, Where site = Where::here()) {
    const char* name = "max_pool3d";
    return detail::pool_volumes(
        x, name, site,
        [&](const Tensor<T>& planes) { return detail::max_pool<T>(planes, detail::plane_options(o), name, site); },
        [&](const Tensor<T>& depths) { return detail::max_pool<T>(depths, detail::depth_options(o), name, site); });
}
// And where in their volumes the maxima stand: (depth * H + row) * W + column.
template <FloatElement T>
Pooled<T> max_pool3d_with_indices(const Tensor<T>& x, const MaxPool3dOptions& o, Where site = Where::here()) {
    return detail::pool_volumes_with_indices(
        x, "max_pool3d_with_indices", site,
        [&](const Tensor<T>& planes) { return max_pool2d_with_indices(planes, detail::plane_options(o), site); },
        [&](const Tensor<T>& depths) { return max_pool2d_with_indices(depths, detail::depth_options(o), site); });
}

// The same windows' means. The padding counts as zeros unless count_include_pad is false.
template <FloatElement T>
Tensor<T> avg_pool3d(const Tensor<T>& x, const AvgPool3dOptions& o, Where site = Where::here()) {
    const char* name = "avg_pool3d";
    // With a divisor of the caller's, a plane's sums.
    const AvgPoolOptions in_planes{o.kernel_size.plane(), o.stride.plane(),    o.padding.plane(),
                                   o.ceil_mode,           o.count_include_pad, o.divisor_override == 0 ? 0 : 1},
        along_depth{{o.kernel_size.d, 1}, {o.stride.d, 1},     {o.padding.d, 0},
                    o.ceil_mode,          o.count_include_pad, o.divisor_override};
    return detail::pool_volumes(
        x, name, site, [&](const Tensor<T>& planes) { return detail::avg_pool<T>(planes, in_planes, name, site); },
        [&](const Tensor<T>& depths) { return detail::avg_pool<T>(depths, along_depth, name, site); });
}

// x [N, C, D, H, W] -> [N, C, output_size] by the windows of adaptive_avg_pool2d.
template <FloatElement T>
Tensor<T> adaptive_avg_pool3d(const Tensor<T>& x, Triple output_size, Where site = Where::here()) {
    return detail::pool_volumes(
        x, "adaptive_avg_pool3d", site,
        [&](const Tensor<T>& planes) { return adaptive_avg_pool2d(planes, output_size.plane(), site); },
        [&](const Tensor<T>& depths) {
            return adaptive_avg_pool2d(depths, {output_size.d, depths.size(3)}, site);
        });
}
// The maxima of the same windows.
template <FloatElement T>
Tensor<T> adaptive_max_pool3d(const Tensor<T>& x, Triple output_size, Where site = Where::here()) {
    return detail::pool_volumes(
        x, "adaptive_max_pool3d", site,
        [&](const Tensor<T>& planes) { return adaptive_max_pool2d(planes, output_size.plane(), site); },
        [&](const Tensor<T>& depths) {
            return adaptive_max_pool2d(depths, {output_size.d, depths.size(3)}, site);
        });
}
template <FloatElement T>
Pooled<T> adaptive_max_pool3d_with_indices(const Tensor<T>& x, Triple output_size, Where site = Where::here()) {
    return detail::pool_volumes_with_indices(
        x, "adaptive_max_pool3d_with_indices", site,
        [&](const Tensor<T>& planes) { return adaptive_max_pool2d_with_indices(planes, output_size.plane(), site); },
        [&](const Tensor<T>& depths) {
            return adaptive_max_pool2d_with_indices(depths, {output_size.d, depths.size(3)}, site);
        });
}

}  // namespace fathom::inline v0
