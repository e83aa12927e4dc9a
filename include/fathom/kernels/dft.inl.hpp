// Definitions of dft.hpp.
#pragma once

#include <algorithm>
#include <cmath>
#include <numbers>

#include "fathom/core/allocator.hpp"
#include "fathom/kernels/dft.hpp"
#include "fathom/kernels/simd.hpp"

#define FATHOM_KERNEL "fathom/kernels/dft.kernel.hpp"
#include "fathom/kernels/foreach_isa.hpp"

namespace fathom::inline v0::kernels {
namespace detail {

inline bool only_small_factors(std::int64_t n) {
    for (const int p : {2, 3, 5})
        while (n % p == 0) n /= p;
    return n == 1;
}

// exp(-2 pi i k / n)
inline void append_root(std::vector<double>& to, std::int64_t k, std::int64_t n) {
    const double angle = 2 * std::numbers::pi * static_cast<double>(k % n) / static_cast<double>(n);
    to.insert(to.end(), {std::cos(angle), -std::sin(angle)});
}

}  // namespace detail

FATHOM_INLINE DftPlan::DftPlan(std::int64_t n, bool halves) : length(n) {
    for (std::int64_t k = 0; halves && k < n; ++k) detail::append_root(half_roots, k, 2 * n);
    if (detail::only_small_factors(n)) {
        std::int64_t left = n, stride = 1;
        for (const int radix : {4, 2, 3, 5})
            while (left % radix == 0) {
                const std::int64_t groups = left / radix;
                passes.push_back({radix, groups, stride, static_cast<std::int64_t>(twiddles.size())});
                for (std::int64_t p = 0; p < groups; ++p)
                    for (std::int64_t j = 1; j < radix; ++j) detail::append_root(twiddles, j * p, left);
                left = groups;
                stride *= radix;
            }
        return;
    }
    std::int64_t m = 2 * n - 1;
    while (!detail::only_small_factors(m)) ++m;
    inner = std::make_unique<DftPlan>(m);
    for (std::int64_t k = 0; k < n; ++k) detail::append_root(chirp, k * k % (2 * n), 2 * n);
    chirp_spectrum.assign(static_cast<std::size_t>(2 * m), 0.0);
    for (std::int64_t k = 0; k < n; ++k)
        for (const std::int64_t at : {k, (m - k) % m}) {
            chirp_spectrum[static_cast<std::size_t>(2 * at)] = chirp[static_cast<std::size_t>(2 * k)];
            chirp_spectrum[static_cast<std::size_t>(2 * at + 1)] = -chirp[static_cast<std::size_t>(2 * k + 1)];
        }
    FATHOM_DISPATCH(dft::transform_one(*inner, chirp_spectrum.data()));
    for (double& x : chirp_spectrum) x /= static_cast<double>(m);
}

FATHOM_INLINE void filter_spectrum(double* a, double* b, std::int64_t rows, std::int64_t columns,
                                   const double* filter) {
    const DftPlan along_rows(columns), along_columns(rows);
    FATHOM_DISPATCH(dft::filter(along_rows, along_columns, a, b, filter));
}

}  // namespace fathom::inline v0::kernels
