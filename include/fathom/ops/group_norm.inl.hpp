// Definitions of group_norm.hpp.

namespace fathom::inline v0::detail {

FATHOM_INLINE void check_group_norm(const AnyTensor& x, std::int64_t groups, const AnyTensor& weight,
                                    const AnyTensor& bias, double eps, const char* name, Where site) {
    require_defined(x, name, site);
    if (x.rank() < 2) fail(name, site, {"input has shape ", x.shape(), ", expected [N,C] or [N,C,...]"});
    const std::int64_t channels = x.shape()[1];
    if (channels > 0 && (groups < 1 || channels % groups != 0))
        fail(name, site, {"num_groups ", groups, " must divide the channels of input ", x.shape()});
    if (!(eps >= 0)) fail(name, site, {"eps must be at least 0, got ", eps});
    const auto check = [&](const AnyTensor& p, const char* what) {
        if (!p.defined()) return;
        if (!(p.shape() == Shape{channels}))
            fail(name, site, {what, " has shape ", p.shape(), ", expected [", channels, "] (input ", x.shape(), ")"});
        check_device(x, p, name, site);
    };
    check(weight, "weight");
    check(bias, "bias");
}

FATHOM_INLINE Shape beside_channels(const AnyTensor& x) {
    Shape shape = Shape::filled(x.rank() - 1, 1);
    shape[0] = x.shape()[1];
    return shape;
}

}  // namespace fathom::inline v0::detail
