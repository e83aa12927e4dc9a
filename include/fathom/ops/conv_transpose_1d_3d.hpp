// conv_transpose1d and conv_transpose3d, by conv_transpose2d: of images of one row, and of planes whose channels are
// those of all depths that reach a plane of the result.
#pragma once

#include "fathom/ops/arrange.hpp"
#include "fathom/ops/conv3d.hpp"
#include "fathom/ops/conv_transpose.hpp"

namespace fathom::inline v0 {

// As ConvTranspose2dOptions.
struct ConvTranspose1dOptions {
    std::int64_t stride = 1;
    std::int64_t padding = 0;
    std::int64_t output_padding = 0;
    std::int64_t groups = 1;
    std::int64_t dilation = 1;
};
struct ConvTranspose3dOptions {
    Triple stride = 1;
    Triple padding = 0;
    Triple output_padding = 0;
    std::int64_t groups = 1;
    Triple dilation = 1;
};

// x [N, C, L], weight [C, K / groups, k], bias [K] or none -> [N, K, L'], with the size of conv_transpose2d's rows; of
// one line [C, L], [K, L'].
template <FloatElement T>
Tensor<T> conv_transpose1d(const Tensor<T>& x, const Tensor<T>& weight,
                           const std::type_identity_t<Tensor<T>>& bias = {}, const ConvTranspose1dOptions& o = {},
                           Where site = Where::here()) {
    const char* name = "conv_transpose1d";
    return detail::with_batch(x, 2, site, [&](const Tensor<T>& rows) {
        detail::require_defined(rows, name, site), detail::require_defined(weight, name, site);
        if (rows.rank() != 3 || weight.rank() != 3)
            fail(name, site,
                 {"input has shape ", rows.shape(), ", weight ", weight.shape(), ", expected [N,C,L] and [C,K,k]"});
        const ConvTranspose2dOptions options{
            {1, o.stride}, {0, o.padding}, {0, o.output_padding}, o.groups, {1, o.dilation}};
        return squeeze(conv_transpose2d(unsqueeze(rows, 2, site), unsqueeze(weight, 2, site), bias, options, site), 2,
                       site);
    });
}

// x [N, C, D, H, W], weight [C, K / groups, kd, kh, kw], bias [K] or none -> [N, K, D', H', W'], or one volume, with
// the sizes of conv_transpose2d.
template <FloatElement T>
Tensor<T> conv_transpose3d(const Tensor<T>& x, const Tensor<T>& weight,
                           const std::type_identity_t<Tensor<T>>& bias = {}, const ConvTranspose3dOptions& o = {},
                           Where site = Where::here()) {
    const char* name = "conv_transpose3d";
    return detail::with_batch(x, 4, site, [&](const Tensor<T>& volumes) {
        detail::check_conv3d(volumes, weight, name, site);
        const Shape &s = volumes.shape(), &w = weight.shape();
        const std::int64_t stride = o.stride.d, more = o.output_padding.d,
                           beyond = o.dilation.d * (w[2] - 1) - o.padding.d;
        if (stride < 1 || o.padding.d < 0 || more < 0 || more >= std::max(stride, o.dilation.d))
            fail(name, site,
                 {"stride, padding and output_padding along the depth are ", stride, ", ", o.padding.d, " and ", more,
                  ", expected at least 1, at least 0 and less than stride or dilation"});
        // Along the depth it is a convolution by the reversed kernel of planes with stride - 1 empty ones behind each.
        Tensor<T> apart = volumes;
        if (stride > 1) {
            const Tensor<T> own = unsqueeze(volumes, 3, site),
                            padded = pad(reshape(own, {s[0] * s[1] * s[2], 1, s[3] * s[4]}, site),
                                         {0, 0, 0, stride - 1}, Pad::constant, 0, site);
            apart = narrow(reshape(padded, {s[0], s[1], s[2] * stride, s[3], s[4]}, site), 2, 0,
                           s[2] == 0 ? 0 : (s[2] - 1) * stride + 1, site);
        }
        const Tensor<T> planes = detail::depth_windows(apart, w[2], 1, o.dilation.d, beyond, beyond + more, name, site);
        const Tensor<T> kernels = permute(flip(weight, {2}, site), {0, 2, 1, 3, 4}, site);
        const ConvTranspose2dOptions options{o.stride.plane(), o.padding.plane(), o.output_padding.plane(), o.groups,
                                             o.dilation.plane()};
        const Tensor<T> y =
            conv_transpose2d(planes, reshape(kernels, {w[0] * w[2], w[1], w[3], w[4]}, site), bias, options, site);
        return detail::volumes_of(y, s[0], apart.shape()[2] + 2 * beyond + more - o.dilation.d * (w[2] - 1), site);
    });
}

}  // namespace fathom::inline v0
