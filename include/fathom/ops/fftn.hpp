// Fourier transforms along any dimensions, and those of spectra that are real (hfft, ihfft), by fft.hpp's. Included by
// name.
#pragma once

#include "fathom/ops/fft.hpp"

namespace fathom::inline v0 {

namespace fft {
// As Options2d; without dim the last s.size() dimensions, without both all of them.
struct OptionsN {
    Shape s = {};
    Shape dim = {};
    Norm norm = Norm::backward;
};
}  // namespace fft

namespace detail {

// The options with their dimensions written out, none of them negative; everything checked.
inline fft::OptionsN fft_dimensions(const AnyTensor& x, bool real, fft::OptionsN o, const char* name, Where site) {
    check_fft(x, real, name, site);
    const int rank = x.rank() - (real ? 0 : 1), given = o.dim.rank();
    if (given == 0) {
        const int count = o.s.rank() > 0 ? o.s.rank() : rank;
        if (count > rank) fail(name, site, {"s ", o.s, " for an input of ", rank, " dimensions, shape ", x.shape()});
        for (int d = rank - count; d < rank; ++d) o.dim.push_back(d);
    } else if (o.s.rank() > 0 && o.s.rank() != given) {
        fail(name, site, {"s ", o.s, ", expected a length for each of the dimensions ", o.dim});
    }
    if (o.dim.rank() == 0) fail(name, site, {"input has shape ", x.shape(), ", expected a dimension to transform"});
    unsigned seen = 0;
    for (int i = 0; i < o.dim.rank(); ++i) {
        const int d = checked_dim(o.dim[i], rank, name, site);
        if (seen >> d & 1) fail(name, site, {"dim ", o.dim, " names one dimension twice"});
        seen |= 1u << d, o.dim[i] = d;
    }
    return o;
}
// Along the last of the dimensions first, which is that of real numbers; on the way back to them it is the last.
template <FloatElement T>
Tensor<T> fft_along_all(Tensor<T> x, bool inverse, bool real_x, bool real_y, const fft::OptionsN& options,
                        const char* name, Where site) {
    const fft::OptionsN o = fft_dimensions(x, real_x, options, name, site);
    const int last = o.dim.rank() - 1;
    const auto along = [&](int i, bool from_real, bool to_real) {
        x = fft_along(x, inverse, from_real, to_real, o.dim[i], o.s.rank() > 0 ? o.s[i] : -1, o.norm, name, site);
    };
    if (!real_y) along(last, real_x, false);
    for (int i = last - 1; i >= 0; --i) along(i, false, false);
    if (real_y) along(last, false, true);
    return x;
}
// The way back of one direction is divided by what the way forth of the other one is.
inline fft::Norm swapped(fft::Norm norm) {
    using fft::Norm;
    return norm == Norm::backward ? Norm::forward : norm == Norm::forward ? Norm::backward : norm;
}

}  // namespace detail

namespace fft {

template <FloatElement T>
Tensor<T> fftn(const Tensor<T>& z, const OptionsN& options = {}, Where site = Where::here()) {
    return detail::fft_along_all(z, false, false, false, options, "fftn", site);
}
template <FloatElement T>
Tensor<T> ifftn(const Tensor<T>& z, const OptionsN& options = {}, Where site = Where::here()) {
    return detail::fft_along_all(z, true, false, false, options, "ifftn", site);
}
// Halves the last of the dimensions.
template <FloatElement T>
Tensor<T> rfftn(const Tensor<T>& x, const OptionsN& options = {}, Where site = Where::here()) {
    return detail::fft_along_all(x, false, true, false, options, "rfftn", site);
}
template <FloatElement T>
Tensor<T> irfftn(const Tensor<T>& z, const OptionsN& options = {}, Where site = Where::here()) {
    return detail::fft_along_all(z, true, false, true, options, "irfftn", site);
}

// Conjugate complex numbers.
template <FloatElement T>
Tensor<T> conj(const Tensor<T>& z, Where site = Where::here()) {
    const Tensor<T> imaginary = imag(z, site);
    return complex<T>(real(z, site), neg(Operand<T>(imaginary, site)), site);
}

// The spectrum, real numbers, of lines whose second half is the conjugate of the first, which alone is given: of odd
// length it needs options.n. ihfft gives the first half back.
template <FloatElement T>
Tensor<T> hfft(const Tensor<T>& z, const Options& o = {}, Where site = Where::here()) {
    detail::check_fft(z, false, "hfft", site);
    return detail::fft_along(conj(z, site), true, false, true, o.dim, o.n, detail::swapped(o.norm), "hfft", site);
}
template <FloatElement T>
Tensor<T> ihfft(const Tensor<T>& x, const Options& o = {}, Where site = Where::here()) {
    detail::check_fft(x, true, "ihfft", site);
    return conj(detail::fft_along(x, false, true, false, o.dim, o.n, detail::swapped(o.norm), "ihfft", site), site);
}
// The same along several dimensions, of which the last is halved; two of them for hfft2: {.dim = {-2, -1}}.
template <FloatElement T>
Tensor<T> hfftn(const Tensor<T>& z, const OptionsN& o = {}, Where site = Where::here()) {
    detail::check_fft(z, false, "hfftn", site);
    const OptionsN swapped{o.s, o.dim, detail::swapped(o.norm)};
    return detail::fft_along_all(conj(z, site), true, false, true, swapped, "hfftn", site);
}
template <FloatElement T>
Tensor<T> ihfftn(const Tensor<T>& x, const OptionsN& o = {}, Where site = Where::here()) {
    const OptionsN swapped{o.s, o.dim, detail::swapped(o.norm)};
    return conj(detail::fft_along_all(x, false, true, false, swapped, "ihfftn", site), site);
}

}  // namespace fft
}  // namespace fathom::inline v0
