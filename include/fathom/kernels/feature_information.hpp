// The kernel of FMI, whose definition is in metrics/fusion/features.hpp: what windows of 3 x 3 of one image tell of
// those of another. Next: feature_information.kernel.hpp.
#pragma once

#include <cstdint>

#include "fathom/core/config.hpp"

namespace fathom::inline v0::kernels {

// out[x] = the value of the windows of both sources at x and that of the fused image, added up.
void feature_information(const double* const* sources,  // [2 * 3][count + 2]: three rows of each
                         const double* const* fused,    // [3][count + 2]
                         std::int64_t count,
                         double* out);  // [count]

}  // namespace fathom::inline v0::kernels

#ifndef FATHOM_COMPILED
#include "fathom/kernels/feature_information.inl.hpp"
#endif
