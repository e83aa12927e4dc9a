// Definitions of fft.hpp.

namespace fathom::inline v0::detail {

FATHOM_INLINE void check_fft(const AnyTensor& x, bool real, const char* name, Where site) {
    require_defined(x, name, site);
    if (real) {
        if (x.rank() == 0 || x.rank() == max_rank)
            fail(name, site, {"input has shape ", x.shape(), ", expected one to ", max_rank - 1, " dimensions"});
    } else if (x.rank() < 1 || x.shape()[-1] != 2) {
        fail(name, site,
             {"input has shape ", x.shape(), ", expected complex numbers: a last dimension of 2, real and imaginary"});
    }
}

FATHOM_INLINE FftForm fft_form(const AnyTensor& x, bool inverse, bool real_x, bool real_y, std::int64_t dim,
                               std::int64_t given, fft::Norm norm, const char* name, Where site) {
    FftForm form{.inverse = inverse, .real_x = real_x, .real_y = real_y};
    form.dim = checked_dim(dim, x.rank() - (real_x ? 0 : 1), name, site);
    const std::int64_t size = x.shape()[form.dim];
    form.length = given != -1 ? given : real_y ? 2 * (size - 1) : size;
    if (form.length < 1)
        fail(name, site,
             {"the transform has ", form.length, " elements, expected at least 1 (input ", x.shape(), ", dim ", dim,
              ")"});
    const auto n = static_cast<double>(form.length);
    if (norm == fft::Norm::ortho)
        form.scale = 1 / std::sqrt(n);
    else if (inverse == (norm == fft::Norm::backward))
        form.scale = 1 / n;
    return form;
}

FATHOM_INLINE void check_fft2(const AnyTensor& x, bool real, const fft::Options2d& options, const char* name,
                              Where site) {
    check_fft(x, real, name, site);
    const Shape &s = options.s, &dim = options.dim;
    if (dim.rank() != 2) fail(name, site, {"dim ", dim, ", expected two dimensions"});
    if (s.rank() != 0 && s.rank() != 2) fail(name, site, {"s ", s, ", expected a length for each of two dimensions"});
    const int rank = x.rank() - (real ? 0 : 1);
    if (checked_dim(dim[0], rank, name, site) == checked_dim(dim[1], rank, name, site))
        fail(name, site, {"dim ", dim, " names one dimension twice"});
}

FATHOM_INLINE Shape fft_shifts(const AnyTensor& x, Shape& dims, bool back, const char* name, Where site) {
    require_defined(x, name, site);
    if (dims.rank() == 0)
        for (int d = 0; d < x.rank(); ++d) dims.push_back(d);
    Shape shifts;
    for (const std::int64_t d : dims) {
        const std::int64_t size = x.shape()[checked_dim(d, x.rank(), name, site)];
        shifts.push_back(back ? size - size / 2 : size / 2);
    }
    return shifts;
}

}  // namespace fathom::inline v0::detail
