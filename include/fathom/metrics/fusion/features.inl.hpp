// Definitions of features.hpp.
#pragma once

#include <vector>

#include "fathom/kernels/feature_information.hpp"
#include "fathom/metrics/fusion/features.hpp"

namespace fathom::inline v0::metrics::fusion {

FATHOM_INLINE double feature_information(const Plane& visible, const Plane& infrared, const Plane& fused) {
    const std::int64_t rows = fused.rows - 2, columns = fused.columns - 2;
    if (rows < 1 || columns < 1) return undefined;
    std::vector<double> values(static_cast<std::size_t>(columns));
    double total = 0;
    for (std::int64_t y = 0; y < rows; ++y) {
        const double* sources[6];
        const double* of_fused[3];
        for (std::int64_t k = 0; k < 3; ++k) {
            sources[k] = visible.row(y + k), sources[3 + k] = infrared.row(y + k);
            of_fused[k] = fused.row(y + k);
        }
        kernels::feature_information(sources, of_fused, columns, values.data());
        total += sum_over(columns, [&](std::int64_t x) { return values[static_cast<std::size_t>(x)]; });
    }
    return total / (2 * static_cast<double>(rows) * static_cast<double>(columns));
}

}  // namespace fathom::inline v0::metrics::fusion
