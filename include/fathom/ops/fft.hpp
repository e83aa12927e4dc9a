// Discrete Fourier transforms, of any length, with gradients of every order. There are no complex tensors: complex
// numbers are pairs in a last dimension of 2, real part first, as torch.view_as_real shows them. Included by name.
//
//   const auto spectrum = ft::fft::rfft2(image);             // [H, W] -> [H, W / 2 + 1, 2]
//   const auto magnitude = ft::norm(spectrum, 2, {-1});
//   const auto same = ft::fft::irfft2(spectrum, {.s = image.shape()});
#pragma once

#include <cmath>

#include "fathom/backend/cpu/fft.hpp"
#include "fathom/ops/arrange.hpp"
#include "fathom/ops/arithmetic.hpp"
#include "fathom/ops/copy.hpp"
#include "fathom/ops/views.hpp"
#include "fathom/tensor/factories.hpp"

namespace fathom::inline v0 {

namespace fft {

// Which transform is divided by the number of elements: the one back, each by its root, the one forth.
enum class Norm { backward, ortho, forward };

// n: the length of the transform; a dimension is cut or continued with zeros for it. -1: its own length, of irfft's
// result 2 (size - 1). Dimensions do not count that of real and imaginary part; negative ones count from the end.
struct Options {
    std::int64_t n = -1;
    int dim = -1;
    Norm norm = Norm::backward;
};
// The same for each of the dimensions `dim`; without s their own lengths.
struct Options2d {
    Shape s = {};
    Shape dim = {-2, -1};
    Norm norm = Norm::backward;
};

}  // namespace fft

namespace detail {

// What a transform is: `length` elements along `dim`, which is not negative.
struct FftForm {
    bool inverse = false, real_x = false, real_y = false;
    int dim = 0;
    std::int64_t length = 0;
    double scale = 1, inner = 1;
};

// A linear map of lines, so that its gradient is the conjugate transposed one: the transform the other way, from as
// many elements as there are of the result to as many as there were.
template <FloatElement T>
struct Fft final : Function {
    static Tensor<T> forward(const AnyTensor& x, const FftForm& form, std::int64_t size, const char* name, Where site) {
        Shape shape = x.shape();
        shape[form.dim] = size;
        if (form.real_x) shape.push_back(2);
        if (form.real_y) shape.erase(shape.rank() - 1);
        const auto y = new_tensor<T>(shape, row_major_strides(shape), x.device(), name, site);
        run(x, name, site, operation::fft, &cpu::fft<T>,
            {.x = array_of(x),
             .y = array_of(y),
             .length = form.length,
             .scale = form.scale,
             .inner = form.inner,
             .dim = form.dim,
             .inverse = form.inverse,
             .real_x = form.real_x,
             .real_y = form.real_y});
        return finish<Fft>(y, name, site, {x}, [&](Fft& f) { f.form = form, f.size = x.shape()[form.dim]; });
    }
    // Half a spectrum has each number once that a real line has been summed into, or is summed from, twice.
    void backward(Gradients& g) override {
        FftForm back = form;
        back.inverse = !form.inverse, back.real_x = form.real_y, back.real_y = form.real_x;
        back.inner = form.real_x ? form.inner / 2 : form.real_y ? form.inner * 2 : 1;
        g.add(0, forward(g.output(), back, size, name, site));
    }

    FftForm form;
    std::int64_t size;
};

// Throws unless the last dimension holds complex numbers, where x is to be complex.
void check_fft(const AnyTensor& x, bool real, const char* name, Where site);
// `given` (a length, or -1) for dimension `dim` of x, scaled as `norm` says. Throws if there is no such dimension or
// length.
FftForm fft_form(const AnyTensor& x, bool inverse, bool real_x, bool real_y, std::int64_t dim, std::int64_t given,
                 fft::Norm norm, const char* name, Where site);
// The same for two dimensions that must differ; s is empty or has a length for each.
void check_fft2(const AnyTensor& x, bool real, const fft::Options2d& options, const char* name, Where site);

template <FloatElement T>
Tensor<T> fft_along(const Tensor<T>& x, bool inverse, bool real_x, bool real_y, std::int64_t dim, std::int64_t n,
                    fft::Norm norm, const char* name, Where site) {
    const FftForm form = fft_form(x, inverse, real_x, real_y, dim, n, norm, name, site);
    return Fft<T>::forward(x, form, real_x ? form.length / 2 + 1 : form.length, name, site);
}
template <FloatElement T>
Tensor<T> fft_along_both(Tensor<T> x, bool inverse, bool real_x, bool real_y, const fft::Options2d& o, const char* name,
                         Where site) {
    check_fft2(x, real_x, o, name, site);
    const auto n = [&](int i) { return o.s.rank() > 0 ? o.s[i] : -1; };
    // The dimension that is real first, or last on the way back. Negative dimensions stay what they are then.
    const Tensor<T> between = real_y ? fft_along(x, inverse, false, false, o.dim[0], n(0), o.norm, name, site)
                                     : fft_along(x, inverse, real_x, false, o.dim[1], n(1), o.norm, name, site);
    return real_y ? fft_along(between, inverse, false, true, o.dim[1], n(1), o.norm, name, site)
                  : fft_along(between, inverse, false, false, o.dim[0], n(0), o.norm, name, site);
}
template <FloatElement T>
Tensor<T> fft_part(const Tensor<T>& z, int part, const char* name, Where site) {
    check_fft(z, false, name, site);
    return fathom::select(z, -1, part, site);
}
Shape fft_shifts(const AnyTensor& x, Shape& dims, bool back, const char* name, Where site);

}  // namespace detail

namespace fft {

// z [..., n, ..., 2] -> [..., n, ..., 2]:
//   y[k] = sum over j of z[j] exp(-2 pi i j k / n)
template <FloatElement T>
Tensor<T> fft(const Tensor<T>& z, const Options& options = {}, Where site = Where::here()) {
    detail::check_fft(z, false, "fft", site);
    return detail::fft_along(z, false, false, false, options.dim, options.n, options.norm, "fft", site);
}
//   y[j] = 1/n sum over k of z[k] exp(2 pi i j k / n)
template <FloatElement T>
Tensor<T> ifft(const Tensor<T>& z, const Options& options = {}, Where site = Where::here()) {
    detail::check_fft(z, false, "ifft", site);
    return detail::fft_along(z, true, false, false, options.dim, options.n, options.norm, "ifft", site);
}
// Of real numbers, x [..., n, ...] -> [..., n / 2 + 1, ..., 2]: the other half of the spectrum is the conjugate of this
// one.
template <FloatElement T>
Tensor<T> rfft(const Tensor<T>& x, const Options& options = {}, Where site = Where::here()) {
    detail::check_fft(x, true, "rfft", site);
    return detail::fft_along(x, false, true, false, options.dim, options.n, options.norm, "rfft", site);
}
// Back to real numbers. Those of odd length need options.n; z[0] and, of even length, the last one count as real.
template <FloatElement T>
Tensor<T> irfft(const Tensor<T>& z, const Options& options = {}, Where site = Where::here()) {
    detail::check_fft(z, false, "irfft", site);
    return detail::fft_along(z, true, false, true, options.dim, options.n, options.norm, "irfft", site);
}

// Along two dimensions. rfft2 halves the second of them.
template <FloatElement T>
Tensor<T> fft2(const Tensor<T>& z, const Options2d& options = {}, Where site = Where::here()) {
    return detail::fft_along_both(z, false, false, false, options, "fft2", site);
}
template <FloatElement T>
Tensor<T> ifft2(const Tensor<T>& z, const Options2d& options = {}, Where site = Where::here()) {
    return detail::fft_along_both(z, true, false, false, options, "ifft2", site);
}
template <FloatElement T>
Tensor<T> rfft2(const Tensor<T>& x, const Options2d& options = {}, Where site = Where::here()) {
    return detail::fft_along_both(x, false, true, false, options, "rfft2", site);
}
template <FloatElement T>
Tensor<T> irfft2(const Tensor<T>& z, const Options2d& options = {}, Where site = Where::here()) {
    return detail::fft_along_both(z, true, false, true, options, "irfft2", site);
}

// Complex numbers from their parts, of one shape; without the second they are real.
template <FloatElement T>
Tensor<T> complex(const Tensor<T>& real, const std::type_identity_t<Tensor<T>>& imaginary = {},
                  Where site = Where::here()) {
    detail::require_defined(real, "complex", site);
    return stack<T>({real, imaginary.defined() ? imaginary : zeros_like(real, site)}, -1, site);
}
// Views of the parts.
template <FloatElement T>
Tensor<T> real(const Tensor<T>& z, Where site = Where::here()) {
    return detail::fft_part(z, 0, "real", site);
}
template <FloatElement T>
Tensor<T> imag(const Tensor<T>& z, Where site = Where::here()) {
    return detail::fft_part(z, 1, "imag", site);
}
// Products of complex numbers: what a convolution is of spectra. Broadcast.
template <FloatElement T>
Tensor<T> mul(const Tensor<T>& a, const Tensor<T>& b, Where site = Where::here()) {
    const auto times = [&](int i, int j) {
        const Tensor<T> p = detail::fft_part(a, i, "mul", site), q = detail::fft_part(b, j, "mul", site);
        return fathom::mul(Operand<T>(p, site), Operand<T>(q, site));
    };
    return complex<T>(times(0, 0) - times(1, 1), times(0, 1) + times(1, 0), site);
}

// The frequencies of fft's and rfft's results, in cycles per unit of the spacing d between samples.
template <FloatElement T = float>
Tensor<T> fftfreq(std::int64_t n, double d = 1, Where site = Where::here()) {
    if (n < 1) fail("fftfreq", site, {"length ", n, ", expected at least 1"});
    Tensor<T> f = empty<T>({n}, {}, site);
    T* values = f.mutable_data();
    for (std::int64_t k = 0; k < n; ++k)
        values[k] = static_cast<T>(static_cast<double>(2 * k < n ? k : k - n) * (1 / (static_cast<double>(n) * d)));
    return f;
}
template <FloatElement T = float>
Tensor<T> rfftfreq(std::int64_t n, double d = 1, Where site = Where::here()) {
    if (n < 1) fail("rfftfreq", site, {"length ", n, ", expected at least 1"});
    return arange<T>(n / 2 + 1, site) * static_cast<T>(1 / (static_cast<double>(n) * d));
}
// Frequency 0 into the middle of the given dimensions, and back. Without dims of all of them: of complex numbers they
// must be given.
template <Element T>
Tensor<T> fftshift(const Tensor<T>& x, Shape dims = {}, Where site = Where::here()) {
    const Shape shifts = detail::fft_shifts(x, dims, false, "fftshift", site);
    return roll(x, shifts, dims, site);
}
template <Element T>
Tensor<T> ifftshift(const Tensor<T>& x, Shape dims = {}, Where site = Where::here()) {
    const Shape shifts = detail::fft_shifts(x, dims, true, "ifftshift", site);
    return roll(x, shifts, dims, site);
}

}  // namespace fft
}  // namespace fathom::inline v0

#ifndef FATHOM_COMPILED
#include "fathom/ops/fft.inl.hpp"
#endif
