"""Windows over images: pooling, resampling, padding, rearranging, convolution in other forms, normalisation."""
import torch
import torch.nn.functional as F

from make import data


def kinks(*sizes):
    """Where a grid's coordinate meets the centre of a pixel or the border between two."""
    places = set()
    for size in sizes:
        for i in range(-size, 2 * size + 1):
            for place in (i, i + 0.5):
                places.add((2 * place + 1) / size - 1)
                if size > 1:
                    places.add(2 * place / (size - 1) - 1)
    return sorted(places)


def cases(case):
    image = data(2, 3, 7, 6)
    small = data(1, 2, 5, 7, seed=1)

    case("max_pool_dilated", lambda x: F.max_pool2d(x, 3, 2, 1, dilation=2), x=image)
    case("max_pool_ceil", lambda x: F.max_pool2d(x, 2, 3, 1, ceil_mode=True), x=data(1, 2, 6, 6))
    case("avg_pool_ceil", lambda x: F.avg_pool2d(x, 3, 2, 1, ceil_mode=True), x=data(1, 2, 6, 8))
    case("avg_pool_inputs_only", lambda x: F.avg_pool2d(x, 3, 2, 1, ceil_mode=True, count_include_pad=False),
         x=data(1, 2, 6, 8))
    case("avg_pool_divisor", lambda x: F.avg_pool2d(x, (3, 2), 2, 1, divisor_override=5), x=image)
    case("adaptive_max_pool", lambda x: F.adaptive_max_pool2d(x, (3, 4)), x=image)
    case("max_pool1d", lambda x: F.max_pool1d(x, 3, 2, 1, dilation=2, ceil_mode=True), x=data(2, 3, 11))
    case("avg_pool1d", lambda x: F.avg_pool1d(x, 3, 2, 1, ceil_mode=True, count_include_pad=False), x=data(2, 3, 10))

    case("nearest_exact", lambda x: F.interpolate(x, (11, 4), mode="nearest-exact"), x=small)
    case("nearest_scaled", lambda x: F.interpolate(x, scale_factor=(2.3, 0.7), mode="nearest"), x=small)
    case("nearest_exact_scaled", lambda x: F.interpolate(x, scale_factor=(2.3, 0.7), mode="nearest-exact"), x=small)
    case("bilinear_scaled", lambda x: F.interpolate(x, scale_factor=(2.3, 0.7), mode="bilinear"), x=small)
    for name, corners in (("half", False), ("corners", True)):
        case(f"bicubic_{name}", lambda x: F.interpolate(x, (9, 5), mode="bicubic", align_corners=corners), x=small)
    case("bicubic_scaled", lambda x: F.interpolate(x, scale_factor=(2.3, 0.7), mode="bicubic"), x=small)

    grid = data(2, 3, 4, 2, low=-1.7, high=1.7, kinks=kinks(3, 5), seed=2)
    for mode in ("bilinear", "nearest", "bicubic"):
        for padding in ("zeros", "border", "reflection"):
            for name, corners in (("half", False), ("corners", True)):
                case(f"grid_sample_{mode}_{padding}_{name}",
                     lambda x, grid: F.grid_sample(x, grid, mode, padding, align_corners=corners),
                     x=data(2, 2, 3, 5), grid=grid)
    for name, corners in (("half", False), ("corners", True)):
        case(f"affine_grid_{name}", lambda x: F.affine_grid(x, [2, 1, 3, 4], align_corners=corners), x=data(2, 2, 3))

    case("pad_circular", lambda x: F.pad(x, (2, 1, 0, 5), mode="circular"), x=small)
    case("pad_negative", lambda x: F.pad(x, (-2, 1, 1, -1), value=1.5), x=small)
    case("pad_reflect_negative", lambda x: F.pad(x, (-1, 3, 2, -2), mode="reflect"), x=small)
    case("pad_row", lambda x: F.pad(x, (2, 1), mode="reflect"), x=data(2, 3, 4))
    for mode in ("constant", "reflect", "replicate", "circular"):
        case(f"pad_volume_{mode}", lambda x: F.pad(x, (2, 1, 0, 1, 1, 2), mode=mode), x=data(1, 2, 3, 2, 4))
    case("pixel_shuffle", lambda x: F.pixel_shuffle(x, 2), x=data(2, 8, 3, 2))
    case("pixel_unshuffle", lambda x: F.pixel_unshuffle(x, 2), x=data(2, 2, 4, 6))
    case("unfold", lambda x: F.unfold(x, (3, 2), dilation=(1, 2), padding=(1, 0), stride=2), x=small)
    case("fold", lambda x: F.fold(x, (5, 7), (3, 2), dilation=(1, 2), padding=(1, 0), stride=2), x=data(1, 12, 9))

    case("conv_same", lambda x, w, b: F.conv2d(x, w, b, padding="same", dilation=(1, 2)), x=small, w=data(3, 2, 4, 3),
         b=data(3))
    case("conv1d", lambda x, w, b: F.conv1d(x, w, b, 2, 1, 2, groups=2), x=data(2, 4, 9), w=data(6, 2, 3), b=data(6))
    case("conv1d_same", lambda x, w: F.conv1d(x, w, padding="same"), x=data(2, 3, 9), w=data(2, 3, 4))

    case("group_norm", lambda x, w, b: F.group_norm(x, 2, w, b), x=data(2, 4, 3, 2), w=data(4), b=data(4, seed=1))
    case("group_norm_features", lambda x: F.group_norm(x, 2), x=data(3, 6))
    case("instance_norm", lambda x, w, b: F.instance_norm(x, weight=w, bias=b), x=data(2, 3, 4, 2), w=data(3),
         b=data(3, seed=1))
    case("batch_norm_rows", lambda x, w, b: F.batch_norm(x, None, None, w, b, training=True), x=data(3, 2, 5), w=data(2),
         b=data(2, seed=1))
