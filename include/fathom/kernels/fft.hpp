// Fourier transforms of many lines of a tensor, complex or of real numbers, by the transform of dft.hpp. Next:
// fft.kernel.hpp.
#pragma once

#include "fathom/kernels/dft.hpp"
#include "fathom/kernels/strided.hpp"

namespace fathom::inline v0::kernels {

// Lines of x and y: element k of one lies `step` * k behind its first, the imaginary part `part` behind the real one.
struct FftSide {
    std::int64_t count, step, part;  // part: 0 for real numbers
};

// Every line of y becomes the transform of length n of the line of x, which is cut or continued with zeros for it; so
// is the result for y.
//   y[k] = scale * sum over j of x[j] exp(-+ 2 pi i j k / n),  + with `inverse`
// Real numbers have a spectrum of which one half is the other's conjugate, and the line is the first n / 2 + 1 of it:
// of x real, y is that half; of y real, x is, and stands for both halves; imaginary parts that such a spectrum does not
// have count as 0. There frequencies that stand for two are multiplied by `inner`.
struct FftJob {
    Loop lines;  // of the other dimensions; operands: x, y
    FftSide x{}, y{};
    std::int64_t n = 0;
    double scale = 1, inner = 1;
    bool inverse = false;
};

template <class T>
void fft(const FftJob& job, const T* x, T* y);

}  // namespace fathom::inline v0::kernels

#ifndef FATHOM_COMPILED
#include "fathom/kernels/fft.inl.hpp"
#endif
