// The discrete Fourier transform of any length, and filters on planes by it in double. Lengths without prime factors
// above 5 go by mixed radix (Stockham's order), others through a convolution of such a length (Bluestein 1970), so that
// none takes more than n log n. Next: dft.kernel.hpp.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "fathom/core/config.hpp"

namespace fathom::inline v0::kernels {

// What a transform of one length needs, made once.
struct DftPlan {
    struct Pass {
        int radix;                    // 2, 3, 4 or 5
        std::int64_t groups, stride;  // radix * groups * stride is the length
        std::int64_t twiddles;        // where its [groups][radix - 1] complex numbers begin
    };

    // halves: its signals are those of real numbers of twice the length, in pairs.
    explicit DftPlan(std::int64_t length, bool halves = false);

    std::int64_t length;
    std::vector<Pass> passes;        // empty: through `inner`
    std::vector<double> twiddles;    // pairs of real and imaginary part
    std::vector<double> half_roots;  // [length] pairs: exp(-i pi k / length)
    std::unique_ptr<DftPlan> inner;
    std::vector<double> chirp;           // [length] pairs: exp(-i pi k^2 / length)
    std::vector<double> chirp_spectrum;  // [inner length] pairs: of its conjugate on both sides of 0, over that length
};

// Filters two planes at once, in place, as real and imaginary part of one: by a real filter that is even in both
// frequencies, so that the two do not mix.
//   a = real part of DFT^-1(filter DFT(a)), b likewise
void filter_spectrum(double* a,  // [rows, columns]
                     double* b,  // [rows, columns]
                     std::int64_t rows, std::int64_t columns,
                     const double* filter);  // [rows / 2 + 1, columns / 2 + 1], from frequency 0 to the highest

}  // namespace fathom::inline v0::kernels

#ifndef FATHOM_COMPILED
#include "fathom/kernels/dft.inl.hpp"
#endif
