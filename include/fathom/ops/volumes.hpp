// Volumes [N, C, D, H, W]: sizes of three dimensions. What is done to volumes is done to their planes as images, then
// along the depth: pool3d.hpp.
#pragma once

#include "fathom/ops/images.hpp"

namespace fathom::inline v0 {

// One number for each direction: depth, height, width. Or the same for all.
struct Triple {
    std::int64_t d, h, w;
    constexpr Triple(Dim all) : d(all.value), h(all.value), w(all.value) {}
    constexpr Triple(Dim deep, Dim vertical, Dim horizontal) : d(deep.value), h(vertical.value), w(horizontal.value) {}
    template <class Integer>
    requires std::is_integral_v<Integer>
    constexpr Triple(Integer all) : Triple(Dim(all)) {}

    constexpr Pair plane() const { return {h, w}; }
};

namespace detail {

inline void check_volumes(const AnyTensor& x, const char* name, Where site) {
    require_defined(x, name, site);
    if (x.rank() != 5) fail(name, site, {"input has shape ", x.shape(), ", expected [N,C,D,H,W] or [C,D,H,W]"});
}
// [N, C, D, H, W] -> [N, C D, H, W], every plane a channel.
template <Element T>
Tensor<T> planes_of(const Tensor<T>& x, Where site) {
    const Shape& s = x.shape();
    return reshape(x, {s[0], s[1] * s[2], s[3], s[4]}, site);
}
// The same [N, C D, H, W], planes of volumes with C channels, -> [N, C, D, H W], each depth a row.
template <Element T>
Tensor<T> depths_of(const Tensor<T>& planes, std::int64_t channels, std::int64_t depth, Where site) {
    const Shape& s = planes.shape();
    return reshape(planes, {s[0], channels, depth, s[2] * s[3]}, site);
}

}  // namespace detail
}  // namespace fathom::inline v0
