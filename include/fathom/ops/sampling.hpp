// Random draws by probabilities: bernoulli, multinomial. On the CPU, as rand() is.
#pragma once

#include "fathom/ops/mask.hpp"
#include "fathom/ops/masked.hpp"
#include "fathom/ops/sort.hpp"
#include "fathom/tensor/factories.hpp"

namespace fathom::inline v0 {

// 1 with the probability that stands at each place, else 0.
template <FloatElement T>
Tensor<T> bernoulli(const Tensor<T>& p, Generator& gen, Where site = Where::here()) {
    detail::require_defined(p, "bernoulli", site);
    const NoGrad off;
    const Tensor<T> drawn = rand_like(p, gen, site);
    if (!all(less_equal(Operand<T>(0, site), Operand<T>(p, site)), {}, false, site).item(site) ||
        !all(less_equal(Operand<T>(p, site), Operand<T>(1, site)), {}, false, site).item(site))
        fail("bernoulli", site, {"a probability is not in [0, 1]"});
    return to<T>(less(Operand<T>(drawn, site), Operand<T>(p, site)), site);
}
// The same with one probability for all.
template <FloatElement T>
Tensor<T> bernoulli(const Shape& shape, double p, Generator& gen, Where site = Where::here()) {
    if (!(p >= 0 && p <= 1)) fail("bernoulli", site, {"probability ", p, ", expected one in [0, 1]"});
    const Tensor<double> drawn = rand<double>(shape, gen, 0, 1, site);
    return to<T>(less(Operand<double>(drawn, site), Operand<double>(p, site)), site);
}

namespace detail {
// Of weights [n] or [rows, n], row-major.
void check_weights(const Tensor<double>& weights, std::int64_t num_samples, bool replacement, Where site);
Tensor<std::int64_t> draw_again(const Tensor<double>& weights, std::int64_t num_samples, Generator& gen, Where site);
// [n] or [rows, n]: when each position comes, if they come at random with the weights as rates.
Tensor<double> draw_times(const Tensor<double>& weights, Generator& gen, Where site);
}  // namespace detail
// Positions drawn by weights [n] or [rows, n], which need not add up to 1: [num_samples] or [rows, num_samples].
// Without replacement no position is drawn twice.
template <FloatElement T>
Tensor<std::int64_t> multinomial(const Tensor<T>& weights, std::int64_t num_samples, bool replacement, Generator& gen,
                                 Where site = Where::here()) {
    detail::require_defined(weights, "multinomial", site);
    const NoGrad off;
    const Tensor<double> w = contiguous(to<double>(weights.detach(), site), MemoryFormat::row_major, site);
    detail::check_weights(w, num_samples, replacement, site);
    if (replacement) return detail::draw_again(w, num_samples, gen, site);
    // The first ones to come (Efraimidis and Spirakis, 2006).
    return topk(detail::draw_times(w, gen, site), num_samples, -1, false, true, site).indices;
}

}  // namespace fathom::inline v0

#ifndef FATHOM_COMPILED
#include "fathom/ops/sampling.inl.hpp"
#endif
