// The two halves of a correlation with a separable window, in double: along a row, and down the rows. Sums run over the
// taps in order. Next: correlate.kernel.hpp.
#pragma once

#include <cstdint>

#include "fathom/core/config.hpp"

namespace fathom::inline v0::kernels {

// out[i] = sum over k of weights[k] in[i + k]
void correlate_row(const double* in,       // [count + taps - 1]
                   const double* weights,  // [taps]
                   int taps, std::int64_t count,
                   double* out);  // [count]

// out[i] = sum over k of weights[k] rows[k][i]
void correlate_rows(const double* const* rows,  // [taps][count]
                    const double* weights,      // [taps]
                    int taps, std::int64_t count,
                    double* out);  // [count]

}  // namespace fathom::inline v0::kernels

#ifndef FATHOM_COMPILED
#include "fathom/kernels/correlate.inl.hpp"
#endif
