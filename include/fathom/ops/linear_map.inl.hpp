// Definitions of linear_map.hpp.

namespace fathom::inline v0::detail {

FATHOM_INLINE void check_new_size(const AnyTensor& x, Pair size, const char* argument, const char* name, Where site) {
    require_defined(x, name, site);
    if (x.rank() != 4) fail(name, site, {"input has shape ", x.shape(), ", expected [N,C,H,W]"});
    if (size.h < 1 || size.w < 1)
        fail(name, site, {argument, " must be at least 1 in both directions, got ", Shape{size.h, size.w}});
    if (x.shape()[2] == 0 || x.shape()[3] == 0)
        fail(name, site, {"input has no pixels to make others from: shape ", x.shape()});
}

}  // namespace fathom::inline v0::detail
