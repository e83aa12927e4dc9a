// Definitions of batch_norm.hpp.

namespace fathom::inline v0::detail {

FATHOM_INLINE std::int64_t elements_behind(const Shape& shape, int first) {
    std::int64_t n = 1;
    for (int d = first; d < shape.rank(); ++d) n = times(n, shape[d]);
    return n;
}

FATHOM_INLINE void check_batch_norm(const BatchNormInput& in, const BatchNormOptions& options, const char* name,
                                    Where site) {
    require_defined(in.x, name, site);
    if (in.x.rank() != 4) fail(name, site, {"input has shape ", in.x.shape(), ", expected [N,C] or [N,C,...]"});
    const Shape& s = in.x.shape();
    const auto check = [&](const AnyTensor& p, const char* what) {
        if (!p.defined()) return;
        if (!(p.shape() == Shape{s[1]}))
            fail(name, site, {what, " has shape ", p.shape(), ", expected [", s[1], "] (input ", s, ")"});
        check_device(in.x, p, name, site);
    };
    if (!(options.eps >= 0)) fail(name, site, {"eps must be at least 0, got ", options.eps});
    check(in.running_mean, "running_mean");
    check(in.running_var, "running_var");
    check(in.weight, "weight");
    check(in.bias, "bias");
    if (!options.training && !(in.running_mean.defined() && in.running_var.defined()))
        fail(name, site, {"running_mean and running_var are needed outside training"});
    const std::int64_t values = s[0] * s[2] * s[3];
    if (options.training && values == 1)
        fail(name, site,
             {"training needs more than one value per channel, got input ", s, ": use a larger batch, or eval()"});
}

FATHOM_INLINE BatchNormInput prepared(const BatchNormInput& given, const BatchNormOptions& options,
                                      const ElementwiseKernel& copy, const char* name, Where site) {
    BatchNormInput in = given;
    in.x = with_pixel_stride(in.x, copy, name, site);
    for (AnyTensor* p : {&in.weight, &in.bias})
        if (p->defined()) *p = row_major(*p, copy, name, site);
    for (AnyTensor* p : {&in.running_mean, &in.running_var}) {
        if (!p->defined()) continue;
        if (!options.training) {
            *p = row_major(*p, copy, name, site);
            continue;
        }
        if (running_again()) {  // which this batch has moved already
            p->reset();
            continue;
        }
        if (!p->is_contiguous())
            fail(name, site, {"running statistics that are written must be contiguous, got strides ", p->strides()});
        p->impl().storage->bump_version();
    }
    return in;
}

}  // namespace fathom::inline v0::detail
