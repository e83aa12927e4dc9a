// Definitions of sampling.hpp.

#include <algorithm>
#include <cmath>

#include "fathom/core/order.hpp"

namespace fathom::inline v0::detail {

FATHOM_INLINE void check_weights(const Tensor<double>& weights, std::int64_t num_samples, bool replacement,
                                 Where site) {
    const char* name = "multinomial";
    if (weights.rank() < 1 || weights.rank() > 2)
        fail(name, site, {"weights have shape ", weights.shape(), ", expected [n] or [rows, n]"});
    if (num_samples < 1) fail(name, site, {"num_samples ", num_samples, ", expected at least 1"});
    const std::int64_t n = weights.size(-1, site), rows = weights.rank() == 2 ? weights.size(0, site) : 1;
    const double* const p = weights.data(site);
    for (std::int64_t r = 0; r < rows; ++r) {
        std::int64_t possible = 0;
        double sum = 0;
        for (std::int64_t i = 0; i < n; ++i) {
            const double w = p[r * n + i];
            if (!(w >= 0) || !is_finite(w))
                fail(name, site,
                     {"weight ", w, " at position ", i, " of row ", r, ", expected a finite one, not below 0"});
            possible += w > 0, sum += w;
        }
        if (!is_finite(sum)) fail(name, site, {"the weights of row ", r, " add up to ", sum});
        if (possible < (replacement ? 1 : num_samples))
            fail(name, site,
                 {possible, " positions of row ", r, " have a weight above 0, expected at least ",
                  replacement ? 1 : num_samples});
    }
}

// The first position up to which the weights' sum exceeds a number below the sum of all.
FATHOM_INLINE void draw_again(const double* weights,                                                        // [n]
                              std::int64_t n, RandomStream stream, std::uint64_t first, std::int64_t* out,  // [samples]
                              std::int64_t samples) {
    List<double> sums;
    sums.resize(static_cast<std::size_t>(n));
    double sum = 0;
    std::int64_t last = 0;  // with a weight
    for (std::int64_t i = 0; i < n; ++i) {
        sums[static_cast<std::size_t>(i)] = sum += weights[i];
        if (weights[i] > 0) last = i;
    }
    for (std::int64_t k = 0; k < samples; ++k) {
        const double at = uniform(stream, first + static_cast<std::uint64_t>(k)) * sum;
        out[k] = std::min(
            static_cast<std::int64_t>(first_not(sums.size(), [&](std::size_t i) { return sums[i] <= at; })), last);
    }
}

FATHOM_INLINE Tensor<std::int64_t> draw_again(const Tensor<double>& weights, std::int64_t num_samples, Generator& gen,
                                              Where site) {
    const std::int64_t n = weights.size(-1, site), rows = weights.rank() == 2 ? weights.size(0, site) : 1;
    Shape shape = weights.shape();
    shape[-1] = num_samples;
    const auto out = new_row_major<std::int64_t>(shape, "multinomial", site);
    const double* const p = weights.data(site);
    auto* const to = static_cast<std::int64_t*>(out.untyped().raw_unchecked());
    const RandomStream stream = gen.reserve(static_cast<std::uint64_t>(out.numel()));
    parallel_for(0, rows, kernels::tuning::random_grain / num_samples + 1, [&](std::int64_t r, std::int64_t last) {
        for (; r < last; ++r)
            draw_again(p + r * n, n, stream, static_cast<std::uint64_t>(r * num_samples), to + r * num_samples,
                       num_samples);
    });
    return out;
}

FATHOM_INLINE Tensor<double> draw_times(const Tensor<double>& weights, Generator& gen, Where site) {
    const auto times = new_row_major<double>(weights.shape(), "multinomial", site);
    const double* const p = weights.data(site);
    auto* const time = static_cast<double*>(times.untyped().raw_unchecked());
    const RandomStream stream = gen.reserve(static_cast<std::uint64_t>(times.numel()));
    parallel_for(0, times.numel(), kernels::tuning::random_grain, [&](std::int64_t i, std::int64_t last) {
        for (; i < last; ++i)
            time[i] = p[i] > 0 ? std::min(-std::log1p(-uniform(stream, static_cast<std::uint64_t>(i))) / p[i],
                                          std::numeric_limits<double>::max())
                               : std::numeric_limits<double>::infinity();
    });
    return times;
}

}  // namespace fathom::inline v0::detail
