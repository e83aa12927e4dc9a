// Definitions of interpolate.hpp.

namespace fathom::inline v0::detail {

FATHOM_INLINE AnyTensor interpolate(const LinearMap<abi::ResizeArgs>& map, const AnyTensor& x, Pair size,
                                    const InterpolateOptions& options, Where site) {
    check_new_size(x, size, "size", "interpolate", site);
    if (options.align_corners && options.mode != Interpolation::bilinear)
        fail("interpolate", site, {"align_corners is for bilinear interpolation only"});
    abi::ResizeArgs numbers{};
    numbers.op = options.mode, numbers.align_corners = options.align_corners;
    return apply_linear(map, numbers, x, size, "interpolate", site);
}

}  // namespace fathom::inline v0::detail
