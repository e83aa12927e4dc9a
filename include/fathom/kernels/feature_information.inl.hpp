// Definitions of feature_information.hpp.
#pragma once

#include "fathom/kernels/feature_information.hpp"
#include "fathom/kernels/simd.hpp"

#define FATHOM_KERNEL "fathom/kernels/feature_information.kernel.hpp"
#include "fathom/kernels/foreach_isa.hpp"

namespace fathom::inline v0::kernels {

FATHOM_INLINE void feature_information(const double* const* sources, const double* const* fused, std::int64_t count,
                                       double* out) {
    FATHOM_DISPATCH(feature_information::both_sources(sources, fused, count, out));
}

}  // namespace fathom::inline v0::kernels
