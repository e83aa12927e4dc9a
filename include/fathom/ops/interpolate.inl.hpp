// Definitions of interpolate.hpp.
#include <cmath>

namespace fathom::inline v0::detail {

FATHOM_INLINE Interpolated interpolated(const AnyTensor& x, const Pair* size, const InterpolateOptions& o, Where site) {
    const char* name = "interpolate";
    Interpolated result{{.mode = o.mode, .align_corners = o.align_corners}};
    const double scale[2] = {o.scale_factor.h, o.scale_factor.w};
    const bool scaled = scale[0] != 0 || scale[1] != 0;
    if (size && scaled) fail(name, site, {"a size and a scale_factor are given, expected one of them"});
    if (size) {
        result.size = *size;
    } else {
        require_defined(x, name, site);
        if (x.rank() != 4) fail(name, site, {"input has shape ", x.shape(), ", expected [N,C,H,W]"});
        std::int64_t sizes[2];
        for (int i = 0; i < 2; ++i) {
            const double inputs = static_cast<double>(x.shape()[2 + i]), outputs = std::floor(inputs * scale[i]);
            if (!(scale[i] > 0) || !(outputs < 0x1p62))
                fail(name, site,
                     {"scale_factor must be above 0 and the result's size a number of pixels; got scale_factor ",
                      scale[0], ", ", scale[1], " for input ", x.shape()});
            sizes[i] = static_cast<std::int64_t>(outputs);
            // A scale that the sizes show exactly needs no rounding.
            if (inputs * scale[i] != outputs) result.numbers.scale[i] = scale[i];
        }
        result.size = {sizes[0], sizes[1]};
    }
    check_new_size(x, result.size, "size", name, site);
    if (o.align_corners && o.mode != Interpolation::bilinear && o.mode != Interpolation::bicubic)
        fail(name, site, {"align_corners is for bilinear and bicubic interpolation only"});
    return result;
}

}  // namespace fathom::inline v0::detail
