// conv3d: conv2d of planes whose channels are those of all depths that a window covers. Its transposed form, and that
// of rows: conv_transpose_1d_3d.hpp.
#pragma once

#include "fathom/ops/conv.hpp"
#include "fathom/ops/pad.hpp"
#include "fathom/ops/parts.hpp"
#include "fathom/ops/volumes.hpp"

namespace fathom::inline v0 {

// Zeros on each side: one number for all directions, {depth, vertical, horizontal}, or a Padding.
struct Conv3dPadding : Triple {
    bool same = false;
    using Triple::Triple;
    constexpr Conv3dPadding(const Triple& zeros) : Triple(zeros) {}
    constexpr Conv3dPadding(Padding padding) : Triple(0), same(padding == Padding::same) {}
};
// The fields are in the order of PyTorch's arguments.
struct Conv3dOptions {
    Triple stride = 1;
    Conv3dPadding padding = 0;
    Triple dilation = 1;
    std::int64_t groups = 1;
};

namespace detail {

// Throws unless x is [N, C, D, H, W] and weight has five dimensions.
template <FloatElement T>
void check_conv3d(const Tensor<T>& x, const Tensor<T>& weight, const char* name, Where site) {
    check_volumes(x, name, site);
    require_defined(weight, name, site);
    if (weight.rank() != 5) fail(name, site, {"weight has shape ", weight.shape(), ", expected 5 dimensions"});
}
// x [N, C, D, H, W], padded along the depth, -> [N D', C depths, H, W]: the planes of each window as channels, those of
// one channel together.
template <FloatElement T>
Tensor<T> depth_windows(const Tensor<T>& x, std::int64_t depths, std::int64_t stride, std::int64_t dilation,
                        std::int64_t before, std::int64_t behind, const char* name, Where site) {
    if (depths < 1 || stride < 1 || dilation < 1)
        fail(name, site,
             {"kernel size, stride and dilation along the depth are ", depths, ", ", stride, " and ", dilation,
              ", expected at least 1"});
    const std::int64_t span = dilation * (depths - 1) + 1;
    if (x.shape()[2] + before + behind < span)
        fail(name, site,
             {"a window of ", depths, " along the depth with dilation ", dilation, " does not fit the padded input ",
              x.shape()});
    const Tensor<T> padded =
        before == 0 && behind == 0 ? x : pad(x, {0, 0, 0, 0, before, behind}, Pad::constant, 0, site);
    const Tensor<T> windows = slice(unfold(padded, 2, span, stride, site), 5, 0, span, dilation, site);
    const Shape& s = windows.shape();  // [N, C, D', H, W, depths]
    return reshape(permute(windows, {0, 2, 1, 5, 3, 4}, site), {s[0] * s[2], s[1] * depths, s[3], s[4]}, site);
}
// planes [N D', K, H', W'] -> [N, K, D', H', W'].
template <FloatElement T>
Tensor<T> volumes_of(const Tensor<T>& planes, std::int64_t batch, std::int64_t depth, Where site) {
    const Shape& s = planes.shape();
    return permute(reshape(planes, {batch, depth, s[1], s[2], s[3]}, site), {0, 2, 1, 3, 4}, site);
}

}  // namespace detail

// x [N, C, D, H, W], weight [K, C / groups, kd, kh, kw], bias [K] or none -> [N, K, D', H', W'], or one volume, with
// the sizes of conv2d.
template <FloatElement T>
Tensor<T> conv3d(const Tensor<T>& x, const Tensor<T>& weight, const std::type_identity_t<Tensor<T>>& bias = {},
                 const Conv3dOptions& o = {}, Where site = Where::here()) {
    const char* name = "conv3d";
    return detail::with_batch(x, 4, site, [&](const Tensor<T>& volumes) {
        detail::check_conv3d(volumes, weight, name, site);
        const Shape& w = weight.shape();
        const std::int64_t all = o.padding.same ? o.dilation.d * (w[2] - 1) : 2 * o.padding.d, before = all / 2;
        if (o.padding.same && o.stride.d != 1)
            fail(name, site, {"stride ", o.stride.d, " along the depth, expected 1 with Padding::same"});
        const Tensor<T> planes =
            detail::depth_windows(volumes, w[2], o.stride.d, o.dilation.d, before, all - before, name, site);
        const Conv2dOptions options{
            .stride = o.stride.plane(),
            .padding = o.padding.same ? ConvPadding(Padding::same) : ConvPadding(o.padding.plane()),
            .dilation = o.dilation.plane(),
            .groups = o.groups};
        const std::int64_t depth = (volumes.shape()[2] + all - o.dilation.d * (w[2] - 1) - 1) / o.stride.d + 1;
        const Tensor<T> y = conv2d(planes, reshape(weight, {w[0], w[1] * w[2], w[3], w[4]}, site), bias, options, site);
        return detail::volumes_of(y, volumes.shape()[0], depth, site);
    });
}

}  // namespace fathom::inline v0
