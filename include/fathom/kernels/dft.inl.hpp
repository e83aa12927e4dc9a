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

// exp(-2 pi i k / n) for many k. Of long transforms from a table of every so many and one of those between: sines and
// cosines would take longer than the transform.
class Roots {
public:
    explicit Roots(std::int64_t n) : n_(n) {
        if (n <= 4096) return;
        while (step_ * step_ < n) step_ *= 2;
        for (std::int64_t k = 0; k < step_; ++k) append_exact(between_, k);
        for (std::int64_t k = 0; k < n; k += step_) append_exact(every_, k);
    }
    void append(std::vector<double>& to, std::int64_t k) const {
        k %= n_;
        if (step_ == 1) return append_exact(to, k);
        const double* const a = every_.data() + k / step_ * 2;
        const double* const b = between_.data() + k % step_ * 2;
        to.push_back(a[0] * b[0] - a[1] * b[1]), to.push_back(a[0] * b[1] + a[1] * b[0]);
    }

private:
    void append_exact(std::vector<double>& to, std::int64_t k) const {
        const double angle = 2 * std::numbers::pi * static_cast<double>(k) / static_cast<double>(n_);
        to.push_back(std::cos(angle)), to.push_back(-std::sin(angle));
    }

    std::int64_t n_, step_ = 1;
    std::vector<double> every_, between_;
};

}  // namespace detail

FATHOM_INLINE DftPlan::DftPlan(std::int64_t n, bool halves) : length(n) {
    const detail::Roots roots(n), roots_of_twice(2 * n);
    for (std::int64_t k = 0; halves && k < n; ++k) roots_of_twice.append(half_roots, k);
    if (detail::only_small_factors(n)) {
        std::int64_t left = n, stride = 1;
        for (const int radix : {4, 2, 3, 5})
            while (left % radix == 0) {
                const std::int64_t groups = left / radix;
                passes.push_back({radix, groups, stride, static_cast<std::int64_t>(twiddles.size())});
                for (std::int64_t p = 0; p < groups; ++p)
                    for (std::int64_t j = 1; j < radix; ++j) roots.append(twiddles, j * p * stride);
                left = groups;
                stride *= radix;
            }
        return;
    }
    std::int64_t m = 2 * n - 1;
    while (!detail::only_small_factors(m)) ++m;
    inner = std::make_unique<DftPlan>(m);
    for (std::int64_t k = 0; k < n; ++k) roots_of_twice.append(chirp, k * k);
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
