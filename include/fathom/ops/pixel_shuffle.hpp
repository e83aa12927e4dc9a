// pixel_shuffle: channels become pixels; and pixel_unshuffle, its inverse. By views and one copy.
#pragma once

#include "fathom/ops/views.hpp"

namespace fathom::inline v0 {

namespace detail {
// What both do to [..., C, H, W]: the shape in which channels and pixels are apart, the order of its dimensions, and
// the shape of the result. Images that are channels-last in memory stay so: they are taken as [N, H, W, C].
struct Shuffle {
    Shape split, order, result;
    bool channels_last = false;
};
Shuffle pixel_shuffle(const AnyTensor& x, std::int64_t factor, bool inverse, const char* name, Where site);

template <Element T>
Tensor<T> shuffled(const Tensor<T>& x, std::int64_t factor, bool inverse, const char* name, Where site) {
    const Shuffle shuffle = pixel_shuffle(x, factor, inverse, name, site);
    const Tensor<T> in = shuffle.channels_last ? permute(x, {0, 2, 3, 1}, site) : x;
    const Tensor<T> out = reshape(permute(reshape(in, shuffle.split, site), shuffle.order, site), shuffle.result, site);
    return shuffle.channels_last ? permute(out, {0, 3, 1, 2}, site) : out;
}
}  // namespace detail

// Shi et al., "Real-time single image and video super-resolution using an efficient sub-pixel convolutional neural
// network", CVPR 2016: x [..., C r^2, H, W] -> [..., C, H r, W r] with r = upscale_factor,
//   y[c, h r + i, w r + j] = x[c r^2 + i r + j, h, w]
template <Element T>
Tensor<T> pixel_shuffle(const Tensor<T>& x, std::int64_t upscale_factor, Where site = Where::here()) {
    return detail::shuffled(x, upscale_factor, false, "pixel_shuffle", site);
}
// x [..., C, H r, W r] -> [..., C r^2, H, W] with r = downscale_factor.
template <Element T>
Tensor<T> pixel_unshuffle(const Tensor<T>& x, std::int64_t downscale_factor, Where site = Where::here()) {
    return detail::shuffled(x, downscale_factor, true, "pixel_unshuffle", site);
}

}  // namespace fathom::inline v0

#ifndef FATHOM_COMPILED
#include "fathom/ops/pixel_shuffle.inl.hpp"
#endif
