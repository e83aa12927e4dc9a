// Definitions of correlate.hpp.
#pragma once

#include "fathom/kernels/correlate.hpp"
#include "fathom/kernels/simd.hpp"

#define FATHOM_KERNEL "fathom/kernels/correlate.kernel.hpp"
#include "fathom/kernels/foreach_isa.hpp"

namespace fathom::inline v0::kernels {

FATHOM_INLINE void correlate_row(const double* in, const double* weights, int taps, std::int64_t count, double* out) {
    FATHOM_DISPATCH(correlate::along_row(in, weights, taps, count, out));
}

FATHOM_INLINE void correlate_rows(const double* const* rows, const double* weights, int taps, std::int64_t count,
                                  double* out) {
    FATHOM_DISPATCH(correlate::down_rows(rows, weights, taps, count, out));
}

}  // namespace fathom::inline v0::kernels
