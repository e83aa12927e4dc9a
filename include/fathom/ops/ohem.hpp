// ohem_cross_entropy: the mean cross-entropy of the hard pixels.
#pragma once

#include "fathom/kernels/ohem.hpp"
#include "fathom/ops/loss.hpp"

namespace fathom::inline v0 {

struct OhemOptions {
    double threshold = 0.7;           // of the target's probability, in (0, 1]: what is below it is hard
    std::int64_t n_min = 0;           // pixels that count at least
    std::int64_t ignore_index = 255;  // such pixels have loss 0, and stay in the list
};

namespace detail {

struct OhemEntries {
    const CrossEntropyEntries& cross_entropy;
    // loss, dloss: dense and row-major; mean, dmean: one element. All on the CPU.
    kernels::OhemSelection (*forward)(const AnyTensor& loss, double threshold, std::int64_t n_min,
                                      const AnyTensor& mean);
    void (*backward)(const AnyTensor& loss, const kernels::OhemSelection& selection, const AnyTensor& dmean,
                     const AnyTensor& dloss);
    // dloss by recorded operations, given what it is for dmean = 1.
    AnyTensor (*scaled)(const AnyTensor& dloss, const AnyTensor& dmean);
};
AnyTensor ohem_cross_entropy(const OhemEntries& cpu, const AnyTensor& logits, const AnyTensor& target,
                             const OhemOptions& options, Where site);

template <FloatElement T>
kernels::OhemSelection ohem_forward(const AnyTensor& loss, double threshold, std::int64_t n_min,
                                    const AnyTensor& mean) {
    const auto* losses = static_cast<const T*>(loss.raw());
    const auto selection = kernels::ohem_select<T>(losses, loss.numel(), static_cast<T>(threshold), n_min);
    *static_cast<T*>(mean.raw_unchecked()) = kernels::ohem_mean<T>(losses, loss.numel(), selection);
    return selection;
}
template <FloatElement T>
void ohem_backward(const AnyTensor& loss, const kernels::OhemSelection& selection, const AnyTensor& dmean,
                   const AnyTensor& dloss) {
    kernels::ohem_backward<T>(static_cast<const T*>(loss.raw()), loss.numel(), selection,
                              *static_cast<const T*>(dmean.raw()), static_cast<T*>(dloss.raw_unchecked()));
}
template <FloatElement T>
inline constexpr OhemEntries ohem_entries = {cross_entropy_entries<T>, &ohem_forward<T>, &ohem_backward<T>,
                                             &mul_recorded<T>};
}  // namespace detail

// logits [N, C, ...], target [N, ...] with class indices. With the losses of all pixels in descending order: the mean
// of those above -ln(threshold) if they are more than n_min (loss[n_min], counted from 0, is one of them), otherwise
// the mean of the n_min largest; of equal losses the first in row-major order, so that the gradient is one and the
// same. n_min beyond the number of pixels means all; with n_min 0 and no loss above -ln(threshold) the result is 0. A
// NaN among the losses counts, and makes the result NaN.
template <FloatElement T>
Tensor<T> ohem_cross_entropy(const Tensor<T>& logits, const Tensor<std::int64_t>& target, const OhemOptions& options,
                             Where site = Where::here()) {
    return detail::typed<T>(detail::ohem_cross_entropy(detail::ohem_entries<T>, logits, target, options, site));
}

}  // namespace fathom::inline v0

#ifndef FATHOM_COMPILED
#include "fathom/ops/ohem.inl.hpp"
#endif
