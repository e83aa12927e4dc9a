"""Rows and volumes: pooling, interpolation, convolution and its transposed form."""
import torch
import torch.nn.functional as F

from make import data


def cases(case):
    volume = data(2, 2, 5, 4, 6)
    window = dict(kernel_size=(3, 2, 3), stride=(2, 1, 2), padding=(1, 1, 0))
    case("max_pool3d", lambda x: F.max_pool3d(x, **window, dilation=(1, 2, 1), ceil_mode=True), x=volume)
    case("avg_pool3d", lambda x: F.avg_pool3d(x, **window, ceil_mode=True, count_include_pad=False), x=volume)
    case("avg_pool3d_divisor", lambda x: F.avg_pool3d(x, **window, divisor_override=-3), x=volume)
    case("adaptive_avg_pool3d", lambda x: F.adaptive_avg_pool3d(x, (2, 3, 4)), x=volume)
    case("adaptive_max_pool3d", lambda x: F.adaptive_max_pool3d(x, (3, 2, 5)), x=volume)
    case("adaptive_avg_pool1d", lambda x: F.adaptive_avg_pool1d(x, 4), x=data(2, 3, 7))
    case("adaptive_max_pool1d", lambda x: F.adaptive_max_pool1d(x, 3), x=data(2, 3, 7))

    small, row = data(1, 2, 3, 2, 4, seed=1), data(2, 3, 5)
    case("linear_row", lambda x: F.interpolate(x, 8, mode="linear"), x=row)
    case("nearest_row_scaled", lambda x: F.interpolate(x, scale_factor=1.7), x=row)
    case("trilinear_half", lambda x: F.interpolate(x, (5, 3, 6), mode="trilinear"), x=small)
    case("trilinear_corners", lambda x: F.interpolate(x, (2, 5, 1), mode="trilinear", align_corners=True), x=small)
    case("trilinear_scaled", lambda x: F.interpolate(x, scale_factor=(1.7, 2.3, 0.6), mode="trilinear"), x=small)
    case("nearest_volume", lambda x: F.interpolate(x, (5, 3, 2)), x=small)
    case("nearest_exact_volume", lambda x: F.interpolate(x, scale_factor=(1.7, 2.3, 0.6), mode="nearest-exact"), x=small)

    case("conv3d", lambda x, w, b: F.conv3d(x, w, b, (2, 1, 2), (1, 0, 2), (1, 2, 1)), x=volume, w=data(3, 2, 3, 2, 3),
         b=data(3))
    case("conv3d_same", lambda x, w: F.conv3d(x, w, padding="same", dilation=(2, 1, 1), groups=2), x=volume,
         w=data(4, 1, 2, 3, 2))
    case("conv_transpose1d", lambda x, w, b: F.conv_transpose1d(x, w, b, 3, 1, 2, 1, 2), x=row, w=data(3, 2, 4), b=data(2))
    case("conv_transpose3d", lambda x, w, b: F.conv_transpose3d(x, w, b, (2, 1, 3), (1, 2, 0), (1, 0, 2), 1, (1, 2, 1)),
         x=data(2, 2, 3, 4, 3), w=data(2, 3, 3, 2, 3), b=data(3))
    case("conv_transpose3d_grouped", lambda x, w: F.conv_transpose3d(x, w, padding=(2, 1, 0), groups=2),
         x=data(2, 2, 4, 4, 3), w=data(2, 2, 3, 2, 3))
