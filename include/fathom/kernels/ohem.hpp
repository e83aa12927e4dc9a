// Online hard example mining (Shrivastava et al., CVPR 2016), in the form that segmentation nets use: of a list of
// losses those above a threshold count, but at least the n_min largest. Which they are is found without sorting.
#pragma once

#include <cstdint>

#include "fathom/core/config.hpp"

namespace fathom::inline v0::kernels {

// Which losses count: those above the cut, and those equal to it up to position `last`. The cut is an integer in the
// losses' order (ohem.inl.hpp).
struct OhemSelection {
    std::uint64_t cut;
    std::int64_t last;   // -1: none that is equal
    std::int64_t count;  // of all that count
};

// Those above `threshold` if they are more than n_min; otherwise the n_min largest (all n if there are fewer), of equal
// ones the first. A NaN is larger than everything.
template <class T>
OhemSelection ohem_select(const T* loss, std::int64_t n, T threshold, std::int64_t n_min);

// Their mean; 0 if none counts.
template <class T>
T ohem_mean(const T* loss, std::int64_t n, const OhemSelection& selection);

// dloss = dmean / count where the loss counts, otherwise 0.
template <class T>
void ohem_backward(const T* loss, std::int64_t n, const OhemSelection& selection, T dmean, T* dloss);

}  // namespace fathom::inline v0::kernels

#ifndef FATHOM_COMPILED
#include "fathom/kernels/ohem.inl.hpp"
#endif
