// Measures from histograms of grey levels: entropy (EN), mutual information (MI, NMI), cross entropy (CE), total
// entropy (TE), nonlinear correlation information entropy (QNCIE). h is a histogram of 256 bins over the number of
// pixels, A and B the sources, F the fused image.
//   EN: -sum h(F) log2 h(F) (Roberts, van Aardt, Ahmed 2008). Higher is better. zoo: log2(h + 1e-7).
//   MI: I(A;F) + I(B;F), I = H(A) + H(F) - H(A,F) (Qu, Zhang, Yan 2002). Higher is better. In nats: float, vifb; in
//     bits: author, zoo. author: the joint histogram takes level 255 for 254, the others do not.
//   NMI (zoo): 2 MI / (H(A) + H(B)), no more than a name for a normalised one: it may pass 1. Higher is better.
//   TE (zoo): H(A) + H(B) - H(F). Lower is better.
//   CE, lower is better, is two things. vifb: the mean over A and B of sum h(A) log2(h(A) / h(F)) over the levels that
//     both have (so it may be negative). zoo: binary cross entropy between logistic sigmoids of the levels 0 to 255,
//     which are 1 for all but the darkest 16, in steps of float.
//   QNCIE (zoo): 1 + sum l log256 l over l = eigenvalues / 3 of the three images' matrix of correlations (after Wang,
//     Shen 2008, with linear correlations). Higher is better. NaN if an image is constant.
#pragma once

#include <array>

#include "fathom/metrics/fusion/plane.hpp"

namespace fathom::inline v0::metrics::fusion {

using Histogram = std::array<std::int64_t, 256>;
Histogram histogram(const Grey& image);

// -sum h log2(h + tiny).
double entropy(const Histogram& counts, double tiny = 0);

enum class JointLevels { all, last_two_as_one };
// I(A;F) in bits.
double mutual_information(const Grey& a, const Grey& f, JointLevels levels = JointLevels::all);

// CE of vifb for one source.
double divergence(const Histogram& source, const Histogram& fused);
// CE of zoo.
double sigmoid_cross_entropy(const Triple& images);

double correlation_information(const Triple& images);

}  // namespace fathom::inline v0::metrics::fusion

#ifndef FATHOM_COMPILED
#include "fathom/metrics/fusion/information.inl.hpp"
#endif
